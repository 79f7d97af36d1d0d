import Storage

/// The rows of one model whose true answer is known: durable, bounded, the oldest go.
///
/// Not safe for several threads: `ModelFeedback`'s queue protects it.
final class FeedbackBuffer {
  private let log: RollingLog
  /// Of all rows that ever came, whether they are still kept or not.
  private(set) var statistics = FeedbackStatistics()
  /// How many rows of each file have each label.
  private var labelsByFile: [Int: [String: Int]] = [:]
  /// What was lost or left out when it was opened, one line each.
  private(set) var problems: [String]

  /// Opens the rows of a folder, which is made where it is missing.
  ///
  /// - Throws: `FormatError` where the folder or a file in it cannot be read or is something else.
  init(_ folder: String, limits: ServiceLimits) throws(FormatError) {
    log = try RollingLog(
      folder,
      limits: RollingLog.Limits(
        recordCount: limits.feedbackRowsPerModel,
        byteCount: limits.feedbackBytesPerModel
      )
    )
    problems = log.problems
    for (position, file) in log.files.enumerated() {
      let records = try log.records(ofFile: file)
      // The oldest file's header holds what came before it; the others say again what is counted here.
      if position == 0, let header = records.first, let past = FeedbackStatistics(header) {
        statistics = past
      }
      for bytes in records.dropFirst() {
        do throws(FormatError) {
          count(try FeedbackRecord(bytes), inFile: file)
        } catch {
          problems.append("\(folder): \(error)")
        }
      }
    }
  }

  /// Rows that are kept.
  var count: Int { log.recordCount }

  /// How many of the kept rows have each label.
  var labels: [String: Int] {
    labelsByFile.values.reduce(into: [:]) { total, labels in
      total.merge(labels, uniquingKeysWith: +)
    }
  }

  /// Adds rows and waits until they are on the disk.
  ///
  /// - Parameters:
  ///   - records: In the order of their feedback.
  ///   - onDisk: Called with the next rows as soon as they are there: all at once, unless they need several files.
  /// - Throws: `FormatError` where the disk fails; rows that `onDisk` was told of stay.
  func append(
    _ records: [FeedbackRecord],
    onDisk: (ArraySlice<FeedbackRecord>) -> Void
  ) throws(FormatError) {
    var rest = records[...]
    var encoded = records.map(\.encoded)[...]
    while !rest.isEmpty {
      let appended = try log.append(encoded) { statistics.encoded }
      let part = rest.prefix(appended.count)
      for record in part { count(record, inFile: appended.file) }
      for file in appended.dropped { labelsByFile[file] = nil }
      onDisk(part)
      rest = rest.dropFirst(appended.count)
      encoded = encoded.dropFirst(appended.count)
    }
  }

  /// The newest rows, at most `limit`, the oldest of them first; those that cannot be read are left out.
  func newest(_ limit: Int) throws(FormatError) -> [FeedbackRecord] {
    try log.newest(limit).compactMap { try? FeedbackRecord($0) }
  }

  private func count(_ record: FeedbackRecord, inFile file: Int) {
    statistics.add(record)
    guard case .label(let name) = record.truth else { return }
    labelsByFile[file, default: [:]][name, default: 0] += 1
  }
}

import Storage

/// The transitions of one model that clients have sent: durable, bounded, the oldest go.
///
/// Not safe for several threads: `TransitionStore`'s queue protects it.
final class TransitionMemory {
  private let log: RollingLog
  private let limits: ServiceLimits
  /// By file of the log.
  private var byFile: [Int: TransitionStatistics] = [:]
  /// Transitions that ever came, whether they are still kept or not.
  private(set) var totalCount = 0
  /// What was lost or left out when it was opened, one line each.
  private(set) var problems: [String]

  /// The first byte of a file's first record: transitions that came before it (UInt64, little-endian).
  private static let headerKind: UInt8 = 0

  /// Opens the transitions of a folder, which is made where it is missing.
  ///
  /// - Throws: `FormatError` where the folder or a file in it cannot be read or is something else.
  init(_ folder: String, limits: ServiceLimits) throws(FormatError) {
    self.limits = limits
    log = try RollingLog(
      folder,
      // A record holds many transitions: these are counted here.
      limits: RollingLog.Limits(recordCount: Int.max, byteCount: limits.transitionBytesPerModel)
    )
    problems = log.problems
    for (position, file) in log.files.enumerated() {
      let records = try log.records(ofFile: file)
      if position == 0, let header = records.first { totalCount = Self.count(header) }
      for bytes in records.dropFirst() {
        do throws(FormatError) {
          count(try TransitionBatch(bytes), inFile: file)
        } catch {
          problems.append("\(folder): \(error)")
        }
      }
    }
  }

  /// Of the transitions that are kept.
  var statistics: TransitionStatistics {
    log.files.reduce(into: TransitionStatistics()) { total, file in
      if let statistics = byFile[file] { total.add(statistics) }
    }
  }

  /// Bytes on disk.
  var byteCount: Int { log.byteCount }

  /// Largest batch, bytes of its record.
  static var batchByteCountMax: Int { RollingLog.Limits.recordByteCountMax }

  /// Adds transitions, all or none, and waits until they are on the disk.
  ///
  /// - Throws: `FormatError` where the disk fails or the batch has more than `batchByteCountMax` bytes; then none is added.
  func append(_ batch: TransitionBatch) throws(FormatError) {
    let fileCountMax = max(1, limits.transitionsPerModel / RollingLog.Limits.fileCount)
    let last = log.files.last.flatMap { byFile[$0]?.count } ?? 0
    let appended = try log.append(
      [batch.encoded],
      startsFile: last > 0 && last + batch.count > fileCountMax
    ) { header }
    for file in appended.dropped { byFile[file] = nil }
    count(batch, inFile: appended.file)
    var kept = statistics.count
    let dropped = try log.dropOldest { oldest in
      guard kept > limits.transitionsPerModel else { return false }
      kept -= byFile[oldest]?.count ?? 0
      return true
    }
    for file in dropped { byFile[file] = nil }
  }

  /// The newest transitions, at most `limit`, the oldest of them first; batches that cannot be read are left out.
  ///
  /// - Parameters:
  ///   - limit: Transitions, at least 0.
  ///   - body: Gets each batch with the rows of it that count.
  /// - Throws: `FormatError` where the disk fails, and what `body` throws.
  func forEach(
    newest limit: Int,
    _ body: (TransitionBatch, Range<Int>) throws(FormatError) -> Void
  ) throws(FormatError) {
    // Those before are passed over: whole files unread, of the first file read the first rows.
    var excess = statistics.count - limit
    for file in log.files {
      let fileCount = byFile[file]?.count ?? 0
      if excess >= fileCount {
        excess -= fileCount
        continue
      }
      for bytes in try log.records(ofFile: file).dropFirst() {
        guard let batch = try? TransitionBatch(bytes) else { continue }
        let first = min(max(excess, 0), batch.count)
        excess -= first
        if first < batch.count { try body(batch, first..<batch.count) }
      }
    }
  }

  // MARK: - Counting

  private func count(_ batch: TransitionBatch, inFile file: Int) {
    totalCount += batch.count
    byFile[file, default: TransitionStatistics()].add(batch)
  }

  private var header: [UInt8] {
    [Self.headerKind] + withUnsafeBytes(of: UInt64(totalCount).littleEndian) { Array($0) }
  }

  private static func count(_ header: [UInt8]) -> Int {
    guard header.count == 9, header[0] == headerKind else { return 0 }
    let number = header.withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
    }
    return Int(clamping: number)
  }
}

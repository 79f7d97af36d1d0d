import Glibc
import Storage

/// An append-only log of bounded size: numbered files in a folder, of which the oldest go as new ones come.
///
/// Not safe for several threads: its owner's queue protects it.
final class RollingLog {
  /// How much is kept.
  struct Limits: Sendable {
    /// Records, all files together.
    var recordCount: Int
    /// Bytes of all files together.
    var byteCount: Int

    /// Into how many files that is divided: so much goes at a time.
    static let fileCount = 16
    /// Largest record, bytes.
    static let recordByteCountMax = 16 << 20
    /// Largest file that is read at the start, bytes: one written under higher limits is still whole.
    static let fileByteCountMax = 1 << 30

    /// Records of one file, without the first.
    var fileRecordCount: Int { max(1, recordCount / Self.fileCount) }
    /// Bytes of one file, unless one record needs more.
    var fileByteCount: Int {
      min(max(1, byteCount / Self.fileCount), Self.fileByteCountMax - Self.recordByteCountMax * 2)
    }
  }

  /// One of the files; its first record is a header.
  private struct Segment {
    let number: Int
    let log: AppendLog
    /// Records behind the header.
    var recordCount: Int { max(0, log.count - 1) }
  }

  let folder: String
  private let limits: Limits
  private var segments: [Segment] = []
  /// What was cut off or left out when the log was opened, one line a file.
  private(set) var problems: [String] = []

  /// Opens the log of a folder, which is made where it is missing.
  ///
  /// - Throws: `FormatError` where the folder or a file in it cannot be read or is something else.
  init(_ folder: String, limits: Limits) throws(FormatError) {
    self.folder = folder
    self.limits = limits
    try FileAccess.createFolders(folder)
    for name in try FileAccess.names(in: folder) {
      guard let number = Self.number(ofFile: name) else { continue }
      let log = try open(number)
      if let damage = log.damage {
        problems.append("\(log.path): \(damage.byteCount) bytes cut off: \(damage.reason)")
      }
      segments.append(Segment(number: number, log: log))
    }
    segments.sort { $0.number < $1.number }
  }

  /// Records without headers.
  var recordCount: Int { segments.reduce(0) { $0 + $1.recordCount } }

  /// Numbers of the files, the oldest first.
  var files: [Int] { segments.map(\.number) }

  /// All records of a file, the header first; nothing where there is no such file.
  func records(ofFile number: Int) throws(FormatError) -> [[UInt8]] {
    guard let segment = segments.first(where: { $0.number == number }) else { return [] }
    return try segment.log.records(from: 0, limit: segment.log.count)
  }

  /// The newest records without headers, at most `limit`, the oldest of them first.
  func newest(_ limit: Int) throws(FormatError) -> [[UInt8]] {
    var result: [[UInt8]] = []
    for segment in segments.reversed() where result.count < limit && segment.recordCount > 0 {
      let count = min(limit - result.count, segment.recordCount)
      let part = try segment.log.records(from: segment.log.count - count, limit: count)
      result.insert(contentsOf: part, at: 0)
    }
    return result
  }

  /// What an append did.
  struct Appended {
    /// How many of the first records are on the disk now: at least one.
    let count: Int
    /// The file that they went to.
    let file: Int
    /// Files that went.
    let dropped: [Int]
  }

  /// Adds as many of the first records as one file takes and waits until they are on the disk; call again for the others.
  ///
  /// - Parameters:
  ///   - records: At least one, none larger than `Limits.recordByteCountMax`.
  ///   - startsFile: Whether they begin a new file, even where the last one has room.
  ///   - header: The header of a file that begins with these records.
  /// - Returns: How many they are, and what had to go for them.
  /// - Throws: `FormatError` where the disk fails; then none of them is in the log.
  func append(
    _ records: ArraySlice<[UInt8]>,
    startsFile: Bool = false,
    header: () -> [UInt8]
  ) throws(FormatError) -> Appended {
    let segment: Segment
    if !startsFile, let last = segments.last, room(in: last, for: records) > 0 {
      segment = last
    } else {
      let number = (segments.last?.number ?? 0) + 1
      segment = Segment(number: number, log: try open(number))
      segments.append(segment)
    }
    let count = max(1, room(in: segment, for: records))
    let first = segment.log.count == 0 ? [header()] : []
    try segment.log.append(contentsOf: first + records.prefix(count))
    return Appended(count: count, file: segment.number, dropped: try dropOldest())
  }

  /// How many of the first records still go into a file.
  private func room(in segment: Segment, for records: ArraySlice<[UInt8]>) -> Int {
    var byteCount = segment.log.byteCount
    var count = 0
    for record in records where segment.recordCount + count < limits.fileRecordCount {
      byteCount += record.count + LogLayout.recordOverheadByteCount
      guard byteCount <= limits.fileByteCount else { break }
      count += 1
    }
    return count
  }

  /// Bytes of all files.
  var byteCount: Int { segments.reduce(0) { $0 + $1.log.byteCount } }

  /// Removes the oldest files while there is too much in all; the one that is written stays.
  private func dropOldest() throws(FormatError) -> [Int] {
    try dropOldest { _ in recordCount > limits.recordCount || byteCount > limits.byteCount }
  }

  /// Removes the oldest files; the one that is written stays.
  ///
  /// - Parameter isTooMuch: Whether the oldest file, told by its number, has to go.
  /// - Returns: The numbers of those that went.
  /// - Throws: `FormatError` where the disk fails.
  func dropOldest(while isTooMuch: (_ oldest: Int) -> Bool) throws(FormatError) -> [Int] {
    var dropped: [Int] = []
    while segments.count > 1, let oldest = segments.first, isTooMuch(oldest.number) {
      segments.removeFirst()
      unlink(oldest.log.path)
      dropped.append(oldest.number)
    }
    if !dropped.isEmpty { try FileAccess.syncFolder(folder) }
    return dropped
  }

  private func open(_ number: Int) throws(FormatError) -> AppendLog {
    let digits = String(number)
    let zeros = String(repeating: "0", count: max(0, Self.digitCount - digits.utf8.count))
    return try AppendLog(
      "\(folder)/\(zeros)\(digits)\(Self.suffix)",
      limits: AppendLog.Limits(
        recordByteCount: Limits.recordByteCountMax,
        fileByteCount: Limits.fileByteCountMax,
        recordCount: Int.max
      )
    )
  }

  private static let suffix = ".log"
  /// Digits of a file's number, with zeros before it.
  private static let digitCount = 12

  private static func number(ofFile name: String) -> Int? {
    guard name.utf8.count == digitCount + suffix.utf8.count, name.hasSuffix(suffix) else {
      return nil
    }
    let digits = name.dropLast(suffix.count)
    return digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(digits) : nil
  }
}

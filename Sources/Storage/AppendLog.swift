import Glibc

/// An append-only file of records, each on the disk before `append` returns.
///
/// The file has a documented maximum and then refuses; `RotatingLog` is made of such files and goes on.
/// No descriptor stays open between calls. Not safe for several threads: its owner's lock protects it.
package final class AppendLog {
  /// How much a log may hold.
  package struct Limits: Sendable, Equatable {
    /// Largest record that is added, bytes.
    package var recordByteCount = 1 << 20
    /// Largest file with headers, bytes; opening reads it whole.
    package var fileByteCount = 64 << 20
    /// Most records until one is refused; each costs 8 bytes of memory.
    package var recordCount = 1 << 20

    /// Limits with these defaults: records of 1 MiB, files of 64 MiB, 1,048,576 records.
    package init(
      recordByteCount: Int = 1 << 20,
      fileByteCount: Int = 64 << 20,
      recordCount: Int = 1 << 20
    ) {
      self.recordByteCount = min(max(recordByteCount, 0), Int(UInt32.max))
      self.fileByteCount = max(fileByteCount, LogLayout.header.count)
      self.recordCount = max(recordCount, 0)
    }
  }

  /// What opening cut off because it was torn or damaged.
  package struct Damage: Equatable, Sendable {
    /// Bytes that were cut off.
    package let byteCount: Int
    /// What was wrong with the first of them.
    package let reason: String
  }

  package let path: String
  package let limits: Limits
  /// What was cut off when this log was opened, nil where it was whole.
  package let damage: Damage?
  /// Where each record starts, in bytes from the start of the file.
  private var offsets: [Int]
  /// Where the next record will start.
  private var end: Int
  /// Why nothing can be appended any more: a failed append could not be undone.
  private var refusal: FormatError?

  /// Opens a log, or makes it, and cuts off a tail that is not whole.
  ///
  /// - Throws: `FormatError` where the file is no log, larger than the limits, or cannot be written.
  package init(_ path: String, limits: Limits = Limits()) throws(FormatError) {
    self.path = path
    self.limits = limits
    let isNew = !FileAccess.exists(path)
    let file = try File(path, O_RDWR | O_CREAT, "cannot open")
    let size = try file.byteCount()
    guard size <= limits.fileByteCount else {
      throw FormatError(
        "log",
        "\(path) has \(size) bytes; at most \(limits.fileByteCount) are read"
      )
    }
    let scan: LogLayout.Scan
    do throws(FormatError) {
      scan = try LogLayout.scan(
        try file.read(at: 0, count: size),
        // Not the limit of new records: a lower one than last time must not cut old records off.
        recordByteCountMax: limits.fileByteCount
      )
    } catch {
      throw FormatError(error.format, at: error.offset, "\(path): \(error.detail)")
    }
    offsets = scan.offsets
    end = max(scan.end, LogLayout.header.count)
    damage = scan.damage.map { Damage(byteCount: size - scan.end, reason: $0) }
    if scan.end < size { try file.truncate(to: scan.end) }
    if scan.end == 0 { try file.write(LogLayout.header, at: 0) }
    if scan.end < size || scan.end == 0 { try file.sync() }
    if isNew { try FileAccess.syncFolder(FileAccess.folder(of: path)) }
  }

  /// Records in the log.
  package var count: Int { offsets.count }

  /// Size of the file in bytes.
  package var byteCount: Int { end }

  /// True where records of these sizes, in bytes, still fit.
  package func hasRoom(forRecordsOf byteCounts: [Int]) -> Bool {
    offsets.count + byteCounts.count <= limits.recordCount
      && byteCounts.reduce(end) { $0 + LogLayout.recordOverheadByteCount + $1 }
        <= limits.fileByteCount
  }

  /// Adds one record and waits until it is on the disk.
  package func append(_ record: [UInt8]) throws(FormatError) { try append(contentsOf: [record]) }

  /// Adds records with one wait for the disk; after a crash meanwhile, the first few of them may be there.
  ///
  /// - Throws: `FormatError` where a record is too large, the log full or the disk failing; then
  ///   none of them is in the log. Where even that cannot be assured, the log refuses from then on.
  package func append(contentsOf records: [[UInt8]]) throws(FormatError) {
    if let refusal { throw refusal }
    for record in records where record.count > limits.recordByteCount {
      throw FormatError(
        "log",
        "\(path): a record has \(record.count) bytes; at most \(limits.recordByteCount) are allowed"
      )
    }
    guard hasRoom(forRecordsOf: records.map(\.count)) else {
      throw FormatError(
        "log",
        "\(path) is full: \(count) records (max \(limits.recordCount)), \(end) bytes (max \(limits.fileByteCount))"
      )
    }
    var bytes: [UInt8] = []
    var starts: [Int] = []
    for record in records {
      starts.append(end + bytes.count)
      bytes += LogLayout.record(record, index: offsets.count + starts.count - 1)
    }
    let file = try File(path, O_WRONLY, "cannot open")
    do throws(FormatError) {
      try file.write(bytes, at: end)
      try file.sync()
    } catch {
      undo(file, after: error)
      throw error
    }
    offsets += starts
    end += bytes.count
  }

  /// At most `limit` records from index `start` on, in one read of their part of the file.
  ///
  /// - Throws: `FormatError` where the file cannot be read or was damaged since it was opened.
  package func records(from start: Int, limit: Int) throws(FormatError) -> [[UInt8]] {
    let first = min(max(start, 0), offsets.count)
    let last = first + min(max(limit, 0), offsets.count - first)
    guard first < last else { return [] }
    let base = offsets[first]
    let file = try File(path, O_RDONLY, "cannot open")
    let bytes = try file.read(at: base, count: (last < offsets.count ? offsets[last] : end) - base)
    var records: [[UInt8]] = []
    for index in first..<last {
      let start = offsets[index] - base
      guard start <= bytes.count,
        let content = LogLayout.content(of: bytes[start...], index: index)
      else {
        throw FormatError("log", at: offsets[index], "\(path): record \(index) is damaged")
      }
      records.append(Array(content))
    }
    return records
  }

  /// Removes what a failed append may have written: a later append could make it look whole.
  private func undo(_ file: borrowing File, after error: FormatError) {
    do throws(FormatError) {
      try file.truncate(to: end)
      try file.sync()
    } catch let second {
      refusal = FormatError(
        "log",
        "\(path) takes no more records until it is opened again: \(error.detail); then \(second.detail)"
      )
    }
  }
}

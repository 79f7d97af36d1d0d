import Dispatch
import Glibc
import HTTP
package import Storage
import Synchronization

/// The uploaded files: a folder, and what is in it.
///
/// A file is `<id>.data` beside `<id>.json`, its record, which is written last and removed first: an
/// upload that was acknowledged survives a crash, and what has no record is swept away at the start.
/// Names from clients are kept in records only, never in paths.
package final class FileLibrary: Sendable {
  /// Where the files are.
  package let folder: String
  let limits: ServiceLimits
  /// Files whose record or content was damaged from outside when the library was opened; they are
  /// left alone and not listed.
  package let problems: [String]
  /// Does what waits for the disk and belongs to no upload.
  let queue = DispatchQueue(label: "files", qos: .utility)
  private let isInUse: @Sendable (String) -> Bool
  private let state: Mutex<State>

  private struct State {
    /// In the order in which they were stored.
    var files: [StoredFile] = []
    /// Of the files.
    var storedBytes = 0
    /// Of the uploads that have not ended.
    var reservedBytes = 0
    var uploads = 0
    var nextSequence = 1
  }

  static let idPrefix = "file-"
  private static let dataSuffix = ".data"
  private static let recordSuffix = ".json"
  private static let partSuffix = ".part"

  /// Opens a library, making its folder, and removes what uploads and deletions left behind.
  ///
  /// - Parameters:
  ///   - folder: Where the files are; nobody else may write there.
  ///   - limits: Those of files.
  ///   - isInUse: Whether a job still needs the file with that id. Called inside the library: it must
  ///     not call back.
  /// - Throws: `FormatError` where the folder cannot be made, read or written.
  package init(
    folder: String,
    limits: ServiceLimits = ServiceLimits(),
    isInUse: @escaping @Sendable (String) -> Bool = { _ in false }
  ) throws(FormatError) {
    try FileAccess.createFolders(folder)
    guard access(folder, R_OK | W_OK | X_OK) == 0 else {
      throw FormatError("file", "the folder \(folder) is not writable")
    }
    AtomicFile.removeLeftovers(in: folder)
    self.folder = folder
    self.limits = limits
    self.isInUse = isInUse
    var state = State()
    var problems: [String] = []
    var strays: [String] = []
    for name in try FileAccess.names(in: folder) {
      if let id = Self.id(of: name, Self.recordSuffix) {
        do throws(FormatError) {
          state.files.append(try Self.readRecord(of: id, in: folder))
        } catch {
          problems.append("\(folder)/\(name): \(error)")
        }
      } else if Self.id(of: name, Self.partSuffix) != nil
        || Self.id(of: name, Self.dataSuffix).map({
          !FileAccess.exists("\(folder)/\($0)\(Self.recordSuffix)")
        }) == true
      {
        strays.append("\(folder)/\(name)")
      }
    }
    for stray in strays { unlink(stray) }
    state.files.sort { $0.sequence < $1.sequence }
    state.storedBytes = state.files.reduce(0) { $0 &+ $1.byteCount }
    state.nextSequence = (state.files.last?.sequence ?? 0) + 1
    self.problems = problems
    self.state = Mutex(state)
  }

  /// The id in a file name of ours with this ending; nil for names that are not ours.
  private static func id(of name: String, _ suffix: String) -> String? {
    guard name.hasSuffix(suffix) else { return nil }
    let id = String(name.dropLast(suffix.count))
    return RandomIdentifier.isValid(id, idPrefix) ? id : nil
  }

  private static func readRecord(
    of id: String,
    in folder: String
  ) throws(FormatError) -> StoredFile {
    let bytes = try FileAccess.read(
      "\(folder)/\(id)\(recordSuffix)",
      byteCountMax: StoredFile.recordBytesMax
    )
    let file = try StoredFile(record: bytes)
    guard file.id == id else { throw FormatError("file record", "it is that of \(file.id)") }
    var status = stat()
    guard stat("\(folder)/\(id)\(dataSuffix)", &status) == 0,
      status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) == file.byteCount
    else { throw FormatError("file record", "the content does not have \(file.byteCount) bytes") }
    return file
  }

  // MARK: - Reading

  /// All files in the order in which they were stored.
  package var files: [StoredFile] { state.withLock { $0.files } }

  /// The file with this id.
  package func file(_ id: String) -> StoredFile? {
    state.withLock { state in
      state.files.first { $0.id.utf8.elementsEqual(id.utf8) }
    }
  }

  /// Where the content of a file is.
  package func path(of file: StoredFile) -> String { "\(folder)/\(file.id)\(Self.dataSuffix)" }

  /// Calls `body` with a file that cannot be removed meanwhile: the moment to make `isInUse` true for it.
  ///
  /// `body` must not call the library.
  package func holding<Result, Failure: Error>(
    _ id: String,
    _ body: (StoredFile?) throws(Failure) -> sending Result
  ) throws(Failure) -> Result {
    try state.withLock { state throws(Failure) in
      try body(state.files.first { $0.id.utf8.elementsEqual(id.utf8) })
    }
  }

  // MARK: - Storing

  /// Admits an upload, of which `announcedBytes` may be known, or says why not.
  ///
  /// Ends with `endUpload` or `store`.
  func beginUpload(announcedBytes: Int) throws(AdminError) {
    try state.withLock { state throws(AdminError) in
      guard state.uploads < limits.concurrentUploads else {
        throw AdminError(
          .tooManyRequests,
          "\(state.uploads) uploads are under way, as many as there may be",
          code: "too_many_uploads",
          retryAfterSeconds: 1
        )
      }
      guard state.files.count + state.uploads < limits.files else {
        throw AdminError(
          .insufficientStorage,
          "the library holds \(limits.files) files, as many as it may; delete some",
          code: "library_full"
        )
      }
      try checkRoom(announcedBytes, state)
      state.uploads += 1
    }
  }

  /// Sets room aside for more bytes of an upload.
  func reserve(_ count: Int) throws(AdminError) {
    try state.withLock { state throws(AdminError) in
      try checkRoom(count, state)
      state.reservedBytes += count
    }
  }

  private func checkRoom(_ count: Int, _ state: State) throws(AdminError) {
    let used = state.storedBytes + state.reservedBytes
    guard count <= limits.libraryBytes - used else {
      throw AdminError(
        .insufficientStorage,
        "the library holds \(used) of at most \(limits.libraryBytes) bytes; delete files",
        code: "library_full"
      )
    }
  }

  /// An upload that had set `reserved` bytes aside has failed.
  func endUpload(reserved: Int) {
    state.withLock { state in
      state.uploads -= 1
      state.reservedBytes -= reserved
    }
  }

  /// Where an upload is written before it is a file.
  func partPath(of id: String) -> String { "\(folder)/\(id)\(Self.partSuffix)" }

  /// Makes a written and synced upload a file, for good once this returns.
  ///
  /// Waits for the disk. The upload goes on counting where it throws.
  func store(
    _ id: String,
    filename: String,
    purpose: String,
    byteCount: Int,
    digest: String
  ) throws -> StoredFile {
    let sequence = state.withLock { state in
      defer { state.nextSequence += 1 }
      return state.nextSequence
    }
    let file = StoredFile(
      id: id,
      filename: filename,
      purpose: purpose,
      byteCount: byteCount,
      createdAt: time(nil),
      digest: digest,
      sequence: sequence
    )
    do {
      // First the content for good, then the record: a record promises its content.
      try Self.move(partPath(of: id), to: path(of: file))
      try FileAccess.syncFolder(folder)
      try AtomicFile.replace(recordPath(of: file), file.record)
    } catch {
      remove(file)
      throw error
    }
    state.withLock { state in
      let position = state.files.firstIndex { $0.sequence > sequence } ?? state.files.endIndex
      state.files.insert(file, at: position)
      state.storedBytes += byteCount
      state.reservedBytes -= byteCount
      state.uploads -= 1
    }
    return file
  }

  /// Removes a file that no job needs.
  ///
  /// Waits for the disk.
  ///
  /// - Throws: `AdminError` 404 where there is none, 409 where it is in use.
  package func delete(_ id: String) throws {
    let file = try state.withLock { state throws(AdminError) in
      guard let index = state.files.firstIndex(where: { $0.id.utf8.elementsEqual(id.utf8) }) else {
        throw AdminError.noFile(id)
      }
      guard !isInUse(id) else {
        throw AdminError(
          .conflict,
          "a job that has not ended uses the file '\(id)'; cancel the job first",
          code: "file_in_use"
        )
      }
      let file = state.files.remove(at: index)
      state.storedBytes -= file.byteCount
      return file
    }
    remove(file)
    try FileAccess.syncFolder(folder)
  }

  /// Removes what there is of a file, the record first.
  private func remove(_ file: StoredFile) {
    unlink(recordPath(of: file))
    unlink(path(of: file))
    unlink(partPath(of: file.id))
  }

  private func recordPath(of file: StoredFile) -> String {
    "\(folder)/\(file.id)\(Self.recordSuffix)"
  }

  private static func move(_ source: String, to target: String) throws(FormatError) {
    guard rename(source, target) == 0 else {
      throw FormatError("file", "cannot rename \(source): \(String(cString: strerror(errno)))")
    }
  }
}

extension AdminError {
  /// There is no file with this id.
  static func noFile(_ id: String, parameter: String? = nil) -> AdminError {
    AdminError(
      .notFound,
      "there is no file '\(id.prefix(64))'",
      code: "file_not_found",
      parameter: parameter
    )
  }
}

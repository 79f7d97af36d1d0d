import Glibc

/// Whole files in and out, with errors that name the path.
package enum FileAccess {
  /// Reads a file of at most `byteCountMax` bytes.
  ///
  /// - Throws: `FormatError` where it cannot be opened, is no regular file, or is larger.
  package static func read(_ path: String, byteCountMax: Int) throws(FormatError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("cannot inspect", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FormatError("file", "\(path) is not a regular file")
    }
    let size = Int(status.st_size)
    guard size <= byteCountMax else {
      throw FormatError("file", "\(path) has \(size) bytes; at most \(byteCountMax) are read")
    }
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Glibc.read(
          descriptor,
          buffer.baseAddress.map { $0 + count },
          min(size - count, 1 << 30)
        )
        if got < 0, errno == EINTR { continue }
        if got < 0 { failed = true }
        if got <= 0 { break }
        count += got
      }
    }
    if failed { throw failure("cannot read", path) }
    return bytes
  }

  /// Writes a new file and waits until it is on the disk.
  ///
  /// - Throws: `FormatError` where the file exists or cannot be written whole.
  package static func create(_ path: String, _ bytes: [UInt8]) throws(FormatError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("cannot create", path) }
    var written = 0
    var failed = false
    bytes.withUnsafeBytes { buffer in
      while written < buffer.count {
        let count = write(
          descriptor,
          buffer.baseAddress.map { $0 + written },
          min(buffer.count - written, 1 << 30)
        )
        if count < 0, errno == EINTR { continue }
        if count <= 0 {
          failed = true
          return
        }
        written += count
      }
    }
    if failed || fsync(descriptor) != 0 {
      let error = failure("cannot write", path)
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw failure("cannot close", path) }
  }

  /// Makes a new folder.
  package static func createFolder(_ path: String) throws(FormatError) {
    guard mkdir(path, 0o755) == 0 else { throw failure("cannot create folder", path) }
  }

  /// Makes a folder and those above it, where they are missing.
  package static func createFolders(_ path: String) throws(FormatError) {
    var missing: [String] = []
    var current = path
    while !current.isEmpty, current != "/", !exists(current) {
      missing.append(current)
      guard let slash = current.lastIndex(of: "/") else { break }
      current = String(current[..<slash])
    }
    for folder in missing.reversed() { try createFolder(folder) }
  }

  /// Gives a folder its final name.
  ///
  /// - Throws: `FormatError` where `target` is a folder with files: rename(2) never replaces one.
  package static func moveFolder(_ source: String, to target: String) throws(FormatError) {
    guard rename(source, target) == 0 else { throw failure("cannot move \(source) to", target) }
  }

  /// Waits until a folder's entries are on the disk.
  package static func syncFolder(_ path: String) throws(FormatError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot open folder", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("cannot sync folder", path) }
  }

  /// The names in a folder, sorted by bytes, without `.` and `..`.
  package static func names(in folder: String) throws(FormatError) -> [String] {
    guard let handle = opendir(folder) else { throw failure("cannot open folder", folder) }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// True where the path names a file or folder.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Removes the files of a folder and the folder itself; folders inside it stay, and so does it then.
  package static func removeFlatFolder(_ path: String) {
    for name in (try? names(in: path)) ?? [] { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  private static func failure(_ action: String, _ path: String) -> FormatError {
    FormatError("file", "\(action) \(path): \(String(cString: strerror(errno)))")
  }
}

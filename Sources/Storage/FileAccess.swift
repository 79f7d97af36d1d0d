import Glibc

/// Whole files in and out, with errors that name the path.
package enum FileAccess {
  /// Reads a file of at most `byteCountMax` bytes.
  ///
  /// - Throws: `FormatError` where it cannot be opened, is no regular file, or is larger.
  package static func read(_ path: String, byteCountMax: Int) throws(FormatError) -> [UInt8] {
    let file = try File(path, O_RDONLY, "cannot open")
    let size = try file.byteCount()
    guard size <= byteCountMax else {
      throw FormatError("file", "\(path) has \(size) bytes; at most \(byteCountMax) are read")
    }
    return try file.read(at: 0, count: size)
  }

  /// Writes a new file and waits until it is on the disk.
  ///
  /// - Throws: `FormatError` where the file exists or cannot be written whole.
  package static func create(_ path: String, _ bytes: [UInt8]) throws(FormatError) {
    let file = try File(path, O_WRONLY | O_CREAT | O_EXCL, "cannot create")
    try file.write(bytes, at: 0)
    try file.sync()
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
    let folder = try File(path, O_RDONLY | O_DIRECTORY, "cannot open folder")
    try folder.sync()
  }

  /// The folder that a path's last component lies in; `.` for a bare name.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
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

  /// Removes a file, or a folder with everything in it; links are removed, not followed.
  ///
  /// What cannot be removed stays; the walk is iterative, so that depth costs no stack.
  package static func removeTree(_ path: String) {
    var pending = [path]
    var folders: [String] = []
    while let current = pending.popLast() {
      guard unlink(current) != 0, errno == EISDIR || errno == EPERM else { continue }
      folders.append(current)
      pending += ((try? names(in: current)) ?? []).map { "\(current)/\($0)" }
    }
    for folder in folders.reversed() { rmdir(folder) }
  }

  /// The error of the C call that just failed.
  static func failure(_ action: String, _ path: String) -> FormatError {
    FormatError("file", "\(action) \(path): \(String(cString: strerror(errno)))")
  }
}

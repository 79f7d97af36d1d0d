import Glibc

/// Small files that are replaced whole: a reader, or a start after a crash, sees the old bytes or the new ones.
package enum AtomicFile {
  /// The end of the names that half-written files have.
  private static let temporarySuffix = ".tmp"
  /// How many half-written files of one process may stand in the way of one path.
  private static let temporaryCountMax = 64

  /// Replaces a file, or makes it, and waits until that is on the disk.
  ///
  /// Writes a temporary file beside it, waits for the disk, renames, waits for the folder. Several
  /// threads may replace one path at once: the last rename wins.
  ///
  /// - Throws: `FormatError` where a step fails. The old file is then untouched, unless it was only
  ///   the last wait that failed: then the new one may or may not survive a crash.
  package static func replace(_ path: String, _ bytes: [UInt8]) throws(FormatError) {
    let temporary = try create(beside: path, bytes)
    guard rename(temporary, path) == 0 else {
      let error = FileAccess.failure("cannot move \(temporary) to", path)
      unlink(temporary)
      throw error
    }
    try FileAccess.syncFolder(FileAccess.folder(of: path))
  }

  /// Removes what crashes left of half-written files; only for folders that nobody writes to meanwhile.
  package static func removeLeftovers(in folder: String) {
    for name in (try? FileAccess.names(in: folder)) ?? [] where name.hasSuffix(temporarySuffix) {
      unlink("\(folder)/\(name)")
    }
  }

  /// Writes a file under a name that nobody else has and returns its path.
  private static func create(beside path: String, _ bytes: [UInt8]) throws(FormatError) -> String {
    for attempt in 0..<temporaryCountMax {
      let temporary = "\(path).\(getpid())-\(attempt)\(temporarySuffix)"
      if FileAccess.exists(temporary) { continue }
      do throws(FormatError) {
        let file = try File(temporary, O_WRONLY | O_CREAT | O_EXCL, "cannot create")
        do throws(FormatError) {
          try file.write(bytes, at: 0)
          try file.sync()
        } catch {
          unlink(temporary)
          throw error
        }
        return temporary
      } catch {
        // Another thread may have taken the name since the look at it; any other reason stays.
        if !FileAccess.exists(temporary) { throw error }
      }
    }
    throw FormatError(
      "file",
      "\(path) has \(temporaryCountMax) unfinished copies beside it; remove *\(temporarySuffix)"
    )
  }
}

import Storage

extension FileLibrary {
  /// Keeps bytes that the server itself has made as a file, for good once this returns.
  ///
  /// Waits for the disk.
  ///
  /// - Throws: `AdminError` where the library is full; `FormatError` where the disk fails.
  func add(_ bytes: [UInt8], filename: String, purpose: String) throws -> StoredFile {
    try beginUpload(announcedBytes: bytes.count)
    let id = RandomIdentifier.make(Self.idPrefix)
    var reserved = 0
    do {
      try reserve(bytes.count)
      reserved = bytes.count
      try FileAccess.create(partPath(of: id), bytes)
      return try store(
        id,
        filename: filename,
        purpose: purpose,
        byteCount: bytes.count,
        digest: SHA256.hexDigest(of: bytes)
      )
    } catch {
      endUpload(reserved: reserved)
      throw error
    }
  }
}

package import Storage

/// NumPy's archive of named arrays: a zip file with one `<name>.npy` for each.
package enum NPZ {
  /// One named array.
  package struct Entry: Sendable, Equatable {
    package let name: String
    package let tensor: Tensor

    package init(_ name: String, _ tensor: Tensor) {
      self.name = name
      self.tensor = tensor
    }
  }

  /// Reads all arrays, in the order of the archive; inflated they may take `byteCountMax` bytes together.
  ///
  /// - Throws: `FormatError` for a damaged archive or an entry that is no array.
  package static func read(
    _ bytes: [UInt8],
    byteCountMax: Int = 1 << 32
  ) throws(FormatError) -> [Entry] {
    var entries: [Entry] = []
    for file in try ZipReader.read(bytes, byteCountMax: byteCountMax) {
      guard file.name.hasSuffix(".npy") else {
        throw FormatError("npz", "entry \(file.name) is not an .npy file")
      }
      do {
        entries.append(Entry(String(file.name.dropLast(4)), try NPY.read(file.bytes[...])))
      } catch {
        throw FormatError("npz", at: error.offset, "array \(file.name): \(error.detail)")
      }
    }
    return entries
  }

  /// The archive that holds the arrays in the given order.
  ///
  /// Equal arrays give equal bytes: times are fixed.
  ///
  /// - Throws: `FormatError` for two arrays of one name, bfloat16, or 4 GiB and more.
  package static func write(_ entries: [Entry]) throws(FormatError) -> [UInt8] {
    var files: [ZipFile] = []
    for entry in entries {
      files.append(ZipFile(name: entry.name + ".npy", bytes: try NPY.write(entry.tensor)))
    }
    return try ZipWriter.write(files)
  }
}

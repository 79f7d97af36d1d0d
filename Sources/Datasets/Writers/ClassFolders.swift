package import Storage

/// PNG and JPEG pictures in folders named as their classes, `<folder>/<class>/<picture>.jpg`: what is packed into a tar archive to train on.
package struct ClassFolders: Equatable, Sendable {
  /// A picture on the disk.
  package struct Picture: Equatable, Sendable {
    /// `<class>/<picture>.jpg`.
    package let name: String
    package let path: String
    package let byteCount: Int
  }

  /// Class by class, each sorted by the bytes of its names.
  package let pictures: [Picture]
  package let classCount: Int

  /// Pictures of one folder; each costs about a kilobyte of memory while it is sent.
  package static let pictureCountMax = 200_000

  /// Lists a folder; hidden files are left out.
  ///
  /// - Throws: `FormatError` that names what is no class folder or no picture, or what cannot be read.
  package init(_ folder: String) throws(FormatError) {
    var pictures: [Picture] = []
    var classCount = 0
    for label in try Self.visibleNames(in: folder) {
      let path = "\(folder)/\(label)"
      guard try FileKind(path) == .folder else {
        throw FormatError("pictures", "\(path) is not a folder; \(Self.expected)")
      }
      let start = pictures.count
      for name in try Self.visibleNames(in: path) {
        pictures.append(try Self.picture("\(label)/\(name)", "\(path)/\(name)"))
        guard pictures.count <= Self.pictureCountMax else {
          throw FormatError(
            "pictures",
            "\(folder) has more than \(Self.pictureCountMax) pictures: send them as .npz or as a .tar"
          )
        }
      }
      if pictures.count > start { classCount += 1 }
    }
    guard !pictures.isEmpty else {
      throw FormatError("pictures", "\(folder) has no pictures; \(Self.expected)")
    }
    self.pictures = pictures
    self.classCount = classCount
  }

  private static let expected = "expected a folder for each class with PNG or JPEG pictures in it"

  private static func visibleNames(in folder: String) throws(FormatError) -> [String] {
    try FileAccess.names(in: folder).filter { !$0.utf8.starts(with: ".".utf8) && $0 != "__MACOSX" }
  }

  private static func picture(_ name: String, _ path: String) throws(FormatError) -> Picture {
    guard case .file(let byteCount) = try FileKind(path),
      ImageDecoder.endings.contains(where: { name.lowercased().hasSuffix($0) })
    else { throw FormatError("pictures", "\(path) is not a PNG or JPEG picture; \(expected)") }
    return Picture(name: name, path: path, byteCount: byteCount)
  }
}

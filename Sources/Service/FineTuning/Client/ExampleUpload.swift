import Datasets
package import HTTP
package import Storage

/// Examples on the disk as a file to send: a file as it is, or a folder of class folders as a tar archive that is put together on the way.
package struct ExampleUpload: Sendable {
  /// What the server is told about the name.
  package let filename: String
  package let content: UploadBody
  /// Pictures and classes of a folder.
  package let folder: (pictureCount: Int, classCount: Int)?

  /// Looks a path up; nothing but the sizes is read yet.
  ///
  /// - Throws: `FormatError` where it is neither, or the folder is none of class folders with pictures.
  package init(_ path: String) throws(FormatError) {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    var content = UploadBody()
    switch try FileKind(path) {
    case .file:
      try Self.append(path, to: &content)
      filename = name
      folder = nil
    case .folder:
      let folders = try ClassFolders(path)
      for picture in folders.pictures {
        content.append(try TarWriter.header(picture.name, byteCount: picture.byteCount))
        let start = content.count
        try Self.append(picture.path, to: &content)
        guard content.count - start == picture.byteCount else {
          throw FormatError("pictures", "\(picture.path) changes while it is read")
        }
        content.append(TarWriter.padding(after: picture.byteCount))
      }
      content.append(TarWriter.end)
      filename = (["", ".", ".."].contains(name) ? "examples" : name) + ".tar"
      folder = (folders.pictures.count, folders.classCount)
    case .other: throw FormatError("file", "\(path) is neither a file nor a folder")
    }
    self.content = content
  }

  private static func append(_ path: String, to content: inout UploadBody) throws(FormatError) {
    do throws(HTTPClient.Failure) {
      try content.append(file: path)
    } catch {
      guard case .file(let text) = error else { throw FormatError("file", "\(error)") }
      throw FormatError("file", text)
    }
  }
}

import Datasets
import Tensors

/// Reads examples from a .tar archive: pictures in folders named as their classes, or a pair of idx files.
///
/// Hidden files (`.DS_Store`, `._name`) and `__MACOSX` are left out. Nothing is unpacked to disk.
struct TarExamples {
  /// Reads the archive into `builder`.
  static func read(
    _ stream: ByteStream,
    into builder: inout ExampleBuilder
  ) throws(ExampleProblems) {
    var archive = TarReader(stream)
    var pictures = PictureFolders()
    var pairs = IDXPairs()
    while let entry = try next(&archive, builder) {
      if entry.isFolder || isHidden(entry.name) { continue }
      let isPair = IDXPairs.isNamedAsIDX(entry.name)
      let content = try content(of: entry, isPair, &archive, builder)
      if isPair || content.withUnsafeBytes(IDXPairs.isIDX) {
        do {
          try pairs.add(entry.name, content, byteCountMax: builder.limits.decodedBytes)
        } catch { throw builder.stopped(at: .member(entry.name), ExampleFault(error, in: "idx")) }
      } else {
        try pictures.add(entry.name, content, to: &builder)
      }
    }
    if pictures.otherCount > 0 {
      builder.warnings.append("\(pictures.otherCount) files that are no pictures are not used")
    }
    guard !pairs.isEmpty else { return }
    guard builder.inputCount == 0 else {
      throw builder.stopped(
        at: .file,
        ExampleFault("archive", expected: "pictures or idx files", got: "both")
      )
    }
    try pairs.read(into: &builder)
  }

  private static func next(
    _ archive: inout TarReader,
    _ builder: ExampleBuilder
  ) throws(ExampleProblems) -> TarReader.Entry? {
    do {
      return try archive.next()
    } catch { throw builder.stopped(at: .file, ExampleFault(error, in: "archive")) }
  }

  private static func content(
    of entry: TarReader.Entry,
    _ isPair: Bool,
    _ archive: inout TarReader,
    _ builder: ExampleBuilder
  ) throws(ExampleProblems) -> [UInt8] {
    let limits = builder.limits
    do {
      return try archive.content(byteCountMax: isPair ? limits.decodedBytes : limits.pictureBytes)
    } catch { throw builder.stopped(at: .member(entry.name), ExampleFault(error, in: "archive")) }
  }

  private static func isHidden(_ name: String) -> Bool {
    name.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__MACOSX" }
  }
}

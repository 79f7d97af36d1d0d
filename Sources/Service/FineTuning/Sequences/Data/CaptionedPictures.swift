import Datasets
import ONNXFormat

/// Reads pictures with captions from a .tar archive: `NAME.jpg` or `NAME.png` beside `NAME.txt`, which has a caption on each line
/// (WebDataset's layout; the two need not stand next to each other).
struct CaptionedPictures {
  /// What was found of one name.
  private struct Pair {
    var picture: [UInt8]?
    var captions: [String]?
  }

  /// Reads the archive into `builder`.
  static func read(
    _ stream: ByteStream,
    into builder: inout SequenceExampleBuilder
  ) throws(ExampleProblems) {
    var archive = TarReader(stream)
    var waiting: [String: Pair] = [:]
    var waitingBytes = 0
    while let entry = try next(&archive, builder) {
      guard !entry.isFolder, !isHidden(entry.name), let (stem, isText) = parts(entry.name) else {
        continue
      }
      let content: [UInt8]
      do {
        content = try archive.content(byteCountMax: builder.limits.pictureBytes)
      } catch { throw builder.stopped(at: .member(entry.name), ExampleFault(error, in: "archive")) }
      var pair = waiting.removeValue(forKey: stem) ?? Pair()
      waitingBytes += content.count
      if isText {
        do throws(ExampleFault) {
          pair.captions = try captions(content)
        } catch {
          try builder.add(at: .member(entry.name)) { throw error }
          pair.captions = []
        }
      } else {
        pair.picture = content
      }
      guard let picture = pair.picture, let captions = pair.captions else {
        waiting[stem] = pair
        guard waitingBytes <= builder.limits.decodedBytes else {
          throw builder.stopped(
            at: .member(entry.name),
            ExampleFault("archive", got: "too many pictures whose captions come much later")
          )
        }
        continue
      }
      waitingBytes -= picture.count
      try builder.add(at: .member(stem)) { .picture(picture, captions: captions) }
    }
    for (stem, pair) in waiting.sorted(by: { $0.key < $1.key }) {
      try builder.add(at: .member(stem)) {
        throw ExampleFault(
          "archive",
          expected: "a picture and a .txt of this name",
          got: pair.picture == nil ? "no picture" : "no .txt"
        )
      }
    }
  }

  /// The name without its ending, and whether that says text; nil for other files.
  private static func parts(_ name: String) -> (String, isText: Bool)? {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    switch name[dot...].lowercased() {
    case ".txt": return (String(name[..<dot]), true)
    case ".png", ".jpg", ".jpeg": return (String(name[..<dot]), false)
    default: return nil
    }
  }

  private static func captions(_ content: [UInt8]) throws(ExampleFault) -> [String] {
    let text: String = try content.withUnsafeBytes { bytes in
      Result { () throws(ExampleFault) in try SequenceExampleBuilder.text(bytes) }
    }.get()
    return text.split(whereSeparator: \.isNewline).map(String.init)
      .filter { $0.utf8.contains { $0 > 0x20 } }
  }

  private static func next(
    _ archive: inout TarReader,
    _ builder: SequenceExampleBuilder
  ) throws(ExampleProblems) -> TarReader.Entry? {
    do {
      return try archive.next()
    } catch { throw builder.stopped(at: .file, ExampleFault(error, in: "archive")) }
  }

  private static func isHidden(_ name: String) -> Bool {
    name.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__MACOSX" }
  }
}

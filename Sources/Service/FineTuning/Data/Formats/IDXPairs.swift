import Storage
import Datasets
import Tensors

/// Collects the idx files of an archive, as MNIST is published, and reads pictures with their labels.
///
/// Files belong together by what stands before `images` and `labels` in their names. Of MNIST's four files the pair `train` is read;
/// the test set is for testing.
struct IDXPairs {
  private var files: [(name: String, tensor: Tensor)] = []
  private var byteCount = 0

  /// Whether bytes start as an idx file of unsigned bytes does.
  static func isIDX(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 8
      && (1...Shape.rankMax).contains(Int(bytes[3]))
  }

  /// Whether a name says that this is an idx file, compressed or not.
  static func isNamedAsIDX(_ name: String) -> Bool {
    let file = name.split(separator: "/").last ?? ""
    return file.hasSuffix("-ubyte") || file.hasSuffix("-ubyte.gz") || file.hasSuffix(".idx")
      || file.hasSuffix(".idx.gz")
  }

  /// Whether nothing was added.
  var isEmpty: Bool { files.isEmpty }

  /// Reads one file, inflated where it is compressed.
  ///
  /// - Throws: `FormatError` for damage, or more than `byteCountMax` bytes in all.
  mutating func add(
    _ name: String,
    _ file: [UInt8],
    byteCountMax: Int
  ) throws(FormatError) {
    let stream = ByteStream(MemorySource(file))
    let bytes: [UInt8]
    if file.starts(with: [0x1F, 0x8B]) {
      let rest = byteCountMax - byteCount
      bytes = try ByteStream(GzipSource(stream, byteCountMax: rest)).takeRest(byteCountMax: rest)
    } else {
      bytes = file
    }
    byteCount += bytes.count
    guard byteCount <= byteCountMax else {
      throw FormatError("idx", "the files take more than \(byteCountMax) bytes")
    }
    files.append((name, try IDX.read(bytes)))
  }

  /// Adds the examples of the pair to `builder`.
  func read(into builder: inout ExampleBuilder) throws(ExampleProblems) {
    let pair: (images: Tensor, labels: Tensor)
    do {
      pair = try found(&builder.warnings)
    } catch { throw builder.stopped(at: .file, error) }
    try ArrayExamples(inputs: pair.images, answers: pair.labels).read(into: &builder)
  }

  private func found(
    _ warnings: inout [String]
  ) throws(ExampleFault) -> (images: Tensor, labels: Tensor) {
    var pictures: [String: Tensor] = [:]
    var labels: [String: Tensor] = [:]
    for file in files {
      // `data/train-images-idx3-ubyte.gz` belongs to `train-`.
      let name = String(file.name.split(separator: "/").last ?? "")
      let isLabels = file.tensor.shape.rank == 1
      let prefix = Self.prefix(of: name, before: isLabels ? "label" : "image")
      let previous =
        isLabels
        ? labels.updateValue(file.tensor, forKey: prefix)
        : pictures.updateValue(file.tensor, forKey: prefix)
      guard previous == nil else {
        throw ExampleFault(
          "idx",
          expected: "one file of \(isLabels ? "labels" : "images") named '\(prefix)...'",
          got: "two"
        )
      }
    }
    let whole = pictures.keys.filter { labels[$0] != nil }.sorted()
    let chosen = whole.first { $0.hasPrefix("train") } ?? whole.first
    guard let chosen, let images = pictures[chosen], let answers = labels[chosen],
      whole.count == 1 || chosen.hasPrefix("train")
    else {
      throw ExampleFault(
        "idx",
        expected: "a pair such as train-images-idx3-ubyte and train-labels-idx1-ubyte",
        got: files.prefix(10).map(\.name).joined(separator: ", ")
      )
    }
    let unused = files.map(\.name).filter { name in
      !(name.split(separator: "/").last ?? "").hasPrefix(chosen)
    }
    if !unused.isEmpty {
      warnings.append("files that are not used: \(unused.prefix(10).joined(separator: ", "))")
    }
    return (images, answers)
  }

  /// What stands before a word in a name; the name up to its first point where the word is missing.
  private static func prefix(of name: String, before word: String) -> String {
    let bytes = Array(name.utf8)
    let pattern = Array(word.utf8)
    let last = bytes.count - pattern.count
    let start =
      (0..<max(last + 1, 0)).first { bytes[$0...].starts(with: pattern) }
      ?? bytes.firstIndex(of: UInt8(ascii: ".")) ?? bytes.count
    return String(decoding: bytes[..<start], as: UTF8.self)
  }
}

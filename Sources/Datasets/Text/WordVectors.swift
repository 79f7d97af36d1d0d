package import Storage
package import Tensors

/// Pre-trained vectors of words in word2vec's text format.
///
/// The first line has the number of words and of dimensions, each other line a word and its numbers, all separated by single spaces.
/// (GloVe's files are the same without the first line; put one before them.)
package struct WordVectors: Sendable, Equatable {
  package let words: [String]
  /// float32, [words, dimensions].
  package let values: Tensor

  /// Words of one file.
  package static let wordCountMax = 1 << 23
  /// Numbers of one word.
  package static let dimensionMax = 1 << 13
  /// Bytes of one word.
  package static let wordByteCountMax = 1 << 10
  /// Bytes of one line: the word, and 32 for each number.
  private static let lineByteCountMax = wordByteCountMax + 32 * dimensionMax

  /// - Precondition: `values` is float32 with one row for each word.
  package init(words: [String], values: Tensor) {
    precondition(
      values.dtype == .float32 && values.shape.rank == 2 && values.shape[0] == words.count,
      "\(words.count) words with \(values.dtype)\(values.shape)"
    )
    self.words = words
    self.values = values
  }

  /// Reads the vectors of the words that `isKept` names, in the order of the file.
  ///
  /// Memory is taken for kept words as they come.
  ///
  /// - Throws: `FormatError` naming the line that is no word with finite numbers, or where the first line is wrong.
  package static func read(
    _ stream: ByteStream,
    keeping isKept: (String) -> Bool = { _ in true }
  ) throws(FormatError) -> WordVectors {
    let (count, dimension) = try header(stream)
    var words: [String] = []
    var numbers: [Float] = []
    for line in 2..<count + 2 {
      guard let bytes = try stream.nextLine(byteCountMax: lineByteCountMax) else {
        throw FormatError("word2vec", "the file ends after line \(line - 1) of \(count + 1)")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw FormatError("word2vec", "line \(line) is not UTF-8")
      }
      let fields = text.split(separator: " ")
      guard fields.count == dimension + 1, fields[0].utf8.count <= wordByteCountMax else {
        throw FormatError(
          "word2vec",
          "line \(line) has \(fields.count) fields; expected a word and \(dimension) numbers"
        )
      }
      let word = String(fields[0])
      guard isKept(word) else { continue }
      for field in fields.dropFirst() {
        guard let number = Float(field), number.isFinite else {
          throw FormatError("word2vec", "line \(line): '\(field.prefix(40))' is no finite number")
        }
        numbers.append(number)
      }
      words.append(word)
    }
    while let rest = try stream.nextLine(byteCountMax: lineByteCountMax) {
      guard rest.isEmpty else {
        throw FormatError("word2vec", "more lines than the \(count) words of line 1")
      }
    }
    return WordVectors(words: words, values: Tensor(numbers, [words.count, dimension]))
  }

  private static func header(
    _ stream: ByteStream
  ) throws(FormatError) -> (count: Int, dimension: Int) {
    let line = try stream.nextLine(byteCountMax: lineByteCountMax)
    let fields = String(
      decoding: line ?? UnsafeRawBufferPointer(start: nil, count: 0),
      as: UTF8.self
    )
    .split(separator: " ").map { Int($0) }
    guard fields.count == 2, let count = fields[0], let dimension = fields[1],
      (0...wordCountMax).contains(count), (1...dimensionMax).contains(dimension)
    else {
      throw FormatError(
        "word2vec",
        "line 1 must have a number of words up to \(wordCountMax) and of dimensions from 1 to "
          + "\(dimensionMax)"
      )
    }
    return (count, dimension)
  }

  /// The file of the vectors; numbers have as many digits as bring back the same bits.
  ///
  /// - Throws: `FormatError` for a word that is empty or has white space.
  package func file() throws(FormatError) -> [UInt8] {
    let dimension = values.shape[1]
    let numbers = values.elements(of: Float.self)
    var bytes = Array("\(words.count) \(dimension)\n".utf8)
    for (row, word) in words.enumerated() {
      guard !word.isEmpty, !word.unicodeScalars.contains(where: \.properties.isWhitespace) else {
        throw FormatError("word2vec", "'\(word)' cannot be written: words have no white space")
      }
      bytes += word.utf8
      for number in numbers[row * dimension..<(row + 1) * dimension] { bytes += " \(number)".utf8 }
      bytes.append(0x0A)
    }
    return bytes
  }
}

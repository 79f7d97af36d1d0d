/// Every limit of reading training examples, with its unit and its default.
package struct ExampleLimits: Sendable, Equatable {
  // MARK: Files

  /// Bytes of a file as it is stored.
  package var fileBytes = 1 << 30
  /// Bytes that a compressed file or archive may inflate to.
  package var inflatedBytes = 1 << 32
  /// Bytes of one line of JSONL or CSV.
  package var lineBytes = 1 << 24
  /// Bytes of one picture as a file.
  package var pictureBytes = 1 << 24
  /// Pixels of one picture.
  package var picturePixels = 1 << 24

  // MARK: Examples

  /// Rows of one set.
  package var rows = 10_000_000
  /// Numbers of one row's input, and of its target.
  package var valuesPerRow = 1 << 22
  /// Bytes of the decoded set.
  ///
  /// While a file is read, two to three times as much may be in use, as buffers grow by doubling.
  package var decodedBytes = 1 << 30
  /// Classes of one set.
  package var labels = 10_000
  /// Bytes of the name of a class.
  package var labelBytes = 256

  // MARK: Problems

  /// Problems that are described; the others are counted.
  package var problemsShown = 10
  /// Bad rows after which reading stops.
  package var badRows = 1000
  /// Bytes of a value from the file that a message repeats.
  package static let quotedBytes = 60

  /// The defaults above.
  package init() {}
}

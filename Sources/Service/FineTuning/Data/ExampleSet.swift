import Storage
package import Datasets
import Tensors

/// Training examples that fit a model: checked, in memory.
package struct ExampleSet: Sendable {
  /// Features float32 [N, row...]; labels int64 [N] for classes, float32 [N, K] for several classes a row (1 where one applies) and values.
  package let dataset: Dataset
  /// Names of the classes, in the order of their positions; empty for values.
  package let labels: [String]
  /// How many examples each class has; empty for values.
  package let counts: [Int]
  /// SHA-256 of shapes, labels and values in lower-case hexadecimal: the same for the same examples in the same order, whatever file
  /// they came from.
  package let digest: String
  /// What the user should know though the examples can be used.
  package let warnings: [String]

  init(_ dataset: Dataset, labels: [String], counts: [Int], warnings: [String]) {
    self.dataset = dataset
    self.labels = labels
    self.counts = counts
    self.warnings = warnings + Self.warnings(labels, counts)
    digest = Self.digest(dataset, labels)
  }

  /// Examples.
  package var count: Int { dataset.count }

  private static func warnings(_ labels: [String], _ counts: [Int]) -> [String] {
    let empty = zip(labels, counts).filter { $1 == 0 }.map { ExampleFault.quoted($0.0) }
    var warnings: [String] = []
    if labels.count == 1 { warnings.append("there is only one class: \(labels[0])") }
    if !empty.isEmpty {
      let more = empty.count > 10 ? " and \(empty.count - 10) more" : ""
      warnings.append("no examples of \(empty.prefix(10).joined(separator: ", "))\(more)")
    }
    return warnings
  }

  /// Hashes everything that training sees, each part with its length, so that no two sets look alike.
  private static func digest(_ dataset: Dataset, _ labels: [String]) -> String {
    var hash = SHA256()
    func number(_ value: Int) {
      withUnsafeBytes(of: UInt64(value).littleEndian) { hash.update($0) }
    }
    hash.update(Array("martlet examples 1\n".utf8))
    for tensor in [dataset.features, dataset.labels] {
      hash.update(Array("\(tensor.dtype)\n".utf8))
      number(tensor.shape.rank)
      tensor.shape.dimensions.forEach(number)
      tensor.withBytes { hash.update($0) }
    }
    number(labels.count)
    for label in labels {
      number(label.utf8.count)
      hash.update(Array(label.utf8))
    }
    return SHA256.hexadecimal(hash.finalize())
  }

  // MARK: - Splitting

  /// Positions for training and validation: the same for the same examples, fraction and seed.
  ///
  /// Classes keep their shares in both parts; sets with several classes a row, or values, are divided as a whole. A fraction outside
  /// 0...1 counts as the nearer end.
  package func split(validationFraction: Double, seed: UInt64) -> Split {
    let own = UInt64(digest.prefix(16), radix: 16) ?? 0
    guard dataset.labels.dtype == .int64 else {
      return Split(count: count, validationFraction: validationFraction, seed: seed ^ own)
    }
    return Split(
      classes: dataset.labels.elements(of: Int64.self),
      classCount: labels.count,
      validationFraction: validationFraction,
      seed: seed ^ own
    )
  }

  // MARK: - Keeping

  /// The set as an .npz file: equal sets give equal bytes, and reading them gives a set with the same digest.
  ///
  /// Arrays: `input`; `label` or, for values, `target`; `class_names`, UTF-8, each name ended by a line feed.
  ///
  /// - Throws: `FormatError` where it takes 4 GiB and more.
  package func npz() throws -> [UInt8] {
    var entries = [
      NPZ.Entry(ArrayNames.input, dataset.features),
      NPZ.Entry(labels.isEmpty ? ArrayNames.target : ArrayNames.label, dataset.labels),
    ]
    if !labels.isEmpty {
      let text = labels.map { "\($0)\n" }.joined().utf8
      entries.append(NPZ.Entry(ArrayNames.classNames, Tensor(vector: Array(text))))
    }
    return try NPZ.write(entries)
  }

  /// Names of the arrays that `npz` writes.
  enum ArrayNames {
    static let input = "input"
    static let label = "label"
    static let target = "target"
    static let classNames = "class_names"
  }
}

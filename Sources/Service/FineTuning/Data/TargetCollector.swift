import Tensors

/// The answers of the examples read so far.
struct TargetCollector {
  private let kind: ExampleSchema.Targets
  private var table: LabelTable
  /// One class a row; empty for other kinds.
  private var classes: [Int64] = []
  /// `width` numbers a row: values, or 1 for each class that applies.
  private var values: [Float] = []
  /// Most numbers a row.
  private let widthMax: Int
  /// Numbers a row; 0 for single classes, and as long as the first row is to tell.
  private(set) var width: Int

  init(_ kind: ExampleSchema.Targets, limits: ExampleLimits) {
    self.kind = kind
    widthMax = limits.valuesPerRow
    switch kind {
    case .classes(let labels):
      table = LabelTable(labels, limits: limits)
      width = 0
    case .newClasses(let labels):
      table = LabelTable(labels, limits: limits)
      width = 0
    case .multiLabel(let labels):
      table = LabelTable(labels, limits: limits)
      width = labels.count
    case .values(let count):
      table = LabelTable([], limits: limits)
      width = count
    case .newValues:
      table = LabelTable([], limits: limits)
      width = 0
    }
  }

  /// Rows that have an answer.
  var count: Int { width == 0 ? classes.count : values.count / width }

  /// Bytes of the answers.
  var byteCount: Int { classes.count * 8 + values.count * 4 }

  /// Forgets all but the first rows.
  mutating func truncate(to count: Int) {
    if width == 0 {
      classes.removeLast(classes.count - count)
    } else {
      values.removeLast(values.count - count * width)
    }
  }

  /// Adds a row of one class.
  mutating func append(_ label: LabelValue) throws(ExampleFault) {
    guard kind.areLabels else { throw wrongKind("a label") }
    guard width == 0 else { return try append(set: [label]) }
    classes.append(Int64(try table.position(of: label)))
  }

  /// Adds a row of any number of classes.
  mutating func append(set labels: [LabelValue]) throws(ExampleFault) {
    guard kind.areLabels else { throw wrongKind("labels") }
    guard width > 0 else {
      throw ExampleFault("label", expected: "one label", got: "a list of \(labels.count)")
    }
    var row = [Float](repeating: 0, count: width)
    for label in labels { row[try table.position(of: label)] = 1 }
    values += row
  }

  /// Adds a row of numbers.
  mutating func append(values row: some Collection<Float>) throws(ExampleFault) {
    guard !kind.areLabels else { throw wrongKind("a target") }
    guard width > 0 ? row.count == width : (1...widthMax).contains(row.count) else {
      throw ExampleFault("target", expected: expectedNumbers, got: "\(row.count)")
    }
    if let bad = row.first(where: { !$0.isFinite }) {
      throw ExampleFault("target", expected: "finite numbers", got: "\(bad)")
    }
    width = row.count
    values += row
  }

  /// How many numbers a row of values has.
  private var expectedNumbers: String {
    width > 0 ? "\(width) numbers" : "1 to \(widthMax) numbers"
  }

  private func wrongKind(_ got: String) -> ExampleFault {
    kind.areLabels
      ? ExampleFault("label", expected: "a label, as the model learns classes", got: got)
      : ExampleFault("target", expected: "\(expectedNumbers), as the model learns values", got: got)
  }

  /// Answers, class names in their final order, and how many examples each class has; names and counts are empty for values.
  func finished() -> (labels: Tensor, names: [String], counts: [Int]) {
    guard kind.areLabels else { return (Tensor(values, [count, width]), [], []) }
    let (names, positions) = table.ordered()
    var counts = [Int](repeating: 0, count: names.count)
    guard width == 0 else {
      for (index, value) in values.enumerated() where value != 0 { counts[index % width] += 1 }
      return (Tensor(values, [count, width]), names, counts)
    }
    let labels = classes.map { Int64(positions[Int($0)]) }
    for label in labels { counts[Int(label)] += 1 }
    return (Tensor(vector: labels), names, counts)
  }
}

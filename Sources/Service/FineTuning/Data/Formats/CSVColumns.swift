/// Which columns of a table are inputs and which hold the answer.
struct CSVColumns {
  /// Columns of the table.
  let count: Int
  /// Where the answer is, ascending.
  let answers: [Int]
  /// Whether the first line holds names.
  let hasHeader: Bool

  /// Input columns from `column` up to the next answer.
  func inputRun(from column: Int) -> Int {
    (answers.first { $0 >= column } ?? count) - column
  }

  /// Finds the columns by the first line: a header where it names an answer or has a word among the inputs.
  ///
  /// Without a name the last columns are the answer.
  ///
  /// - Throws: `ExampleFault` for both labels and targets, another number of targets, or of inputs, than the model has.
  init(first fields: [String], _ schema: ExampleSchema) throws(ExampleFault) {
    let names = fields.map { $0.lowercased() }
    let labels = names.indices.filter { names[$0] == "label" }
    let targets = names.indices.filter {
      names[$0] == "target" || names[$0].hasPrefix("target_")
    }
    guard labels.isEmpty || targets.isEmpty else {
      throw ExampleFault("header", expected: "a label or targets", got: "columns of both")
    }
    let named = labels + targets
    let wanted =
      switch schema.targets {
      case .values(let count): count
      case .newValues:
        named.isEmpty ? max(fields.count - schema.valueCount, 1) : max(named.count, 1)
      case .classes, .newClasses, .multiLabel: 1
      }
    if schema.targets.areLabels == false, !labels.isEmpty {
      throw ExampleFault("header", expected: "columns 'target'", got: "a column 'label'")
    }
    guard named.isEmpty || named.count == wanted else {
      throw ExampleFault(
        "header",
        expected: "\(wanted) column\(wanted == 1 ? "" : "s") '\(schema.targets.key)'",
        got: "\(named.count)"
      )
    }
    count = fields.count
    let answers = named.isEmpty ? Array(max(fields.count - wanted, 0)..<fields.count) : named
    self.answers = answers
    let inputs = fields.indices.filter { !answers.contains($0) }
    hasHeader = !named.isEmpty || inputs.contains { Float(fields[$0]) == nil }
    guard inputs.count == schema.valueCount else {
      throw ExampleFault(
        "input",
        expected: "\(schema.valueCount) columns and \(wanted) of '\(schema.targets.key)'",
        got: "\(fields.count) columns in all"
      )
    }
  }
}

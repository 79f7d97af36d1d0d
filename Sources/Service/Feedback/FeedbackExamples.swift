/// Makes training examples of feedback.
enum FeedbackExamples {
  /// The rows that fit a model; what does not fit is left out and counted in the warnings.
  ///
  /// Rows may come from versions with other classes or other inputs, and users may have told classes that the model does not have
  /// yet: none of that can be put right by whoever starts a training.
  ///
  /// - Throws: `ExampleProblems` where no row fits, or they are more than the limits allow.
  static func set(
    _ records: [FeedbackRecord],
    _ schema: ExampleSchema,
    limits: ExampleLimits
  ) throws(ExampleProblems) -> ExampleSet {
    var builder = ExampleBuilder(schema, limits: limits)
    var leftOut: [String: Int] = [:]
    for (index, record) in records.enumerated() {
      if let error = builder.attempt({ try add(record, to: &$0) }) {
        leftOut[ExampleFault(error, in: "row").description, default: 0] += 1
      }
      try builder.checkSize(at: .row(index + 1))
    }
    let reasons = leftOut.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    builder.warnings += reasons.prefix(limits.problemsShown).map { reason, count in
      "\(count) of \(records.count) rows of feedback left out: \(reason)"
    }
    return try builder.finished()
  }

  private static func add(
    _ record: FeedbackRecord,
    to builder: inout ExampleBuilder
  ) throws(ExampleFault) {
    if let fault = builder.schema.fault(ofSizes: record.shape, field: "input") { throw fault }
    let first = builder.inputs.elementCount
    record.row.withUnsafeBytes { builder.inputs.append($0) }
    try builder.checkInput(from: first, sizes: record.shape)
    switch record.truth {
    case .label(let name): try builder.targets.append(.name(name))
    case .values(let values): try builder.targets.append(values: values)
    }
  }
}

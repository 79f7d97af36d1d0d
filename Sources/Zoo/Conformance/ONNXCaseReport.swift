/// The results of a run of ONNX's conformance cases.
package struct ONNXCaseReport {
  /// One case.
  package struct Result {
    package let name: String
    /// The operators of its model, sorted.
    package let operators: [String]
    package let outcome: ONNXCases.Outcome
  }

  /// How many cases of an operator ended in which way.
  package struct Counts: Equatable {
    package var passed = 0
    package var failed = 0
    package var unsupported = 0

    fileprivate mutating func add(_ outcome: ONNXCases.Outcome) {
      switch outcome {
      case .passed: passed += 1
      case .failed: failed += 1
      case .unsupported: unsupported += 1
      }
    }
  }

  package let results: [Result]

  /// All cases together.
  package var total: Counts { results.reduce(into: Counts()) { $0.add($1.outcome) } }

  /// By operator; a case counts for each operator of its model.
  package var byOperator: [String: Counts] {
    var counts: [String: Counts] = [:]
    for result in results {
      for op in result.operators { counts[op, default: Counts()].add(result.outcome) }
    }
    return counts
  }

  /// The cases that failed, with their reasons.
  package var failures: [String] {
    results.compactMap { result in
      if case .failed(let reason) = result.outcome { "\(result.name): \(reason)" } else { nil }
    }
  }

  /// One line for each operator; the last line sums all cases up.
  package var table: String {
    let counts = byOperator.sorted { $0.key < $1.key }
    let width = counts.map(\.key.count).max() ?? 0
    func column(_ value: Int) -> String {
      let text = String(value)
      return String(repeating: " ", count: max(0, 8 - text.count)) + text
    }
    var lines = [pad("operator", width) + "  passed  failed unsupported"]
    for (op, count) in counts {
      lines.append(
        pad(op, width) + column(count.passed) + column(count.failed) + "    "
          + column(count.unsupported)
      )
    }
    let sum = total
    lines.append("\(sum.passed) passed, \(sum.failed) failed, \(sum.unsupported) unsupported")
    return lines.joined(separator: "\n")
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

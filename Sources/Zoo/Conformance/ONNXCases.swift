package import GraphIR
import ONNXFormat
import Storage
package import Tensors

/// Runs ONNX's conformance cases: folders with `model.onnx` and `test_data_set_*/{input,output}_*.pb`.
package enum ONNXCases {
  /// Computes the outputs of a graph.
  package typealias Evaluator = (Graph, [ValueID: Tensor]) throws -> [Tensor]

  /// How a case ended.
  package enum Outcome: Equatable {
    case passed
    case failed(String)
    /// It needs an operator, element type or attribute that we do not have.
    case unsupported(String)
  }

  /// Runs every case under `folder`, or under `folder/node` where there is one.
  ///
  /// - Throws: `FormatError` where the folder cannot be read or holds no case. What a case throws is its result.
  package static func run(
    in folder: String,
    where isWanted: (String) -> Bool = { _ in true },
    evaluate: Evaluator
  ) throws -> ONNXCaseReport {
    if folder.hasSuffix(".tar.xz") || folder.hasSuffix(".tar.gz") {
      throw FormatError(
        "onnx cases",
        "\(folder) is packed; unpack it with `tar xf` and give the folder"
      )
    }
    let inner = "\(folder)/node"
    let root = FileAccess.exists(inner) ? inner : folder
    let names = try FileAccess.names(in: root).filter {
      FileAccess.exists("\(root)/\($0)/model.onnx")
    }
    guard !names.isEmpty else {
      throw FormatError("onnx cases", "\(root) holds no folder with a model.onnx")
    }
    return ONNXCaseReport(
      results: names.filter(isWanted).map { name in
        result(of: name, "\(root)/\(name)", evaluate)
      }
    )
  }

  private static func result(
    of name: String,
    _ folder: String,
    _ evaluate: Evaluator
  ) -> ONNXCaseReport.Result {
    var operators: [String] = []
    let outcome: Outcome
    do {
      let bytes = try FileAccess.read(
        "\(folder)/model.onnx",
        byteCountMax: ONNXLimits.fileByteCountMax
      )
      let model = try ONNXModel(bytes)
      operators = model.operators
      outcome = try run(ONNXReader.graph(from: model), folder, evaluate)
    } catch let error as GraphError {
      if operators.isEmpty, let op = error.operatorName { operators = [op] }
      outcome = error.isUnsupported ? .unsupported("\(error)") : .failed("\(error)")
    } catch let error as ONNXUnsupported {
      outcome = .unsupported("\(error)")
    } catch {
      outcome = .failed("\(error)")
    }
    return ONNXCaseReport.Result(name: name, operators: operators, outcome: outcome)
  }

  private static func run(
    _ graph: Graph,
    _ folder: String,
    _ evaluate: Evaluator
  ) throws -> Outcome {
    // What random operators draw is theirs; type and shape of their results are not.
    let isRandom = graph.nodes.contains { $0.isRandom }
    let sets = try FileAccess.names(in: folder).filter { $0.hasPrefix("test_data_set_") }
    guard !sets.isEmpty else { return .failed("no test_data_set_* folder") }
    for set in sets {
      var feeds: [ValueID: Tensor] = [:]
      let inputs = try tensors("\(folder)/\(set)", "input_", graph.inputs.count)
      for (id, tensor) in zip(graph.inputs, inputs) { feeds[id] = tensor }
      let expected = try tensors("\(folder)/\(set)", "output_", graph.outputs.count)
      let outputs = try evaluate(graph, feeds)
      for (index, pair) in zip(outputs, expected).enumerated() {
        if let difference = difference(pair.0, pair.1, onlyType: isRandom) {
          return .failed("\(set), output \(graph[graph.outputs[index]].name): \(difference)")
        }
      }
    }
    return .passed
  }

  private static func tensors(_ folder: String, _ prefix: String, _ count: Int) throws -> [Tensor] {
    try (0..<count).map { index in
      let bytes = try FileAccess.read(
        "\(folder)/\(prefix)\(index).pb",
        byteCountMax: ONNXLimits.fileByteCountMax
      )
      return try ONNXTensor.read(bytes)
    }
  }

  /// What ONNX's own backend test allows for floating point: |a - b| <= atol + rtol |b|.
  package static let relativeTolerance = 1e-3
  package static let absoluteTolerance = 1e-7

  /// How a result differs from the expected tensor, `nil` where it does not.
  package static func difference(
    _ found: Tensor,
    _ expected: Tensor,
    onlyType: Bool = false
  ) -> String? {
    guard found.dtype == expected.dtype, found.shape == expected.shape else {
      return "\(found.dtype)\(found.shape), expected \(expected.dtype)\(expected.shape)"
    }
    if onlyType { return nil }
    guard let a = found.floatingPointElements, let b = expected.floatingPointElements else {
      return found == expected ? nil : "the \(found.dtype) elements differ"
    }
    for (index, (left, right)) in zip(a, b).enumerated() {
      if left == right || left.isNaN && right.isNaN { continue }
      let isClose = abs(left - right) <= absoluteTolerance + relativeTolerance * abs(right)
      if !isClose || right.isInfinite { return "element \(index) is \(left), expected \(right)" }
    }
    return nil
  }
}

extension Tensor {
  /// The elements as Double, `nil` for integers and bool, which are compared exactly.
  fileprivate var floatingPointElements: [Double]? {
    switch dtype {
    case .float32: elements(of: Float.self).map(Double.init)
    case .float64: elements(of: Double.self)
    case .float16: elements(of: Float16.self).map(Double.init)
    case .bfloat16: elements(of: BFloat16.self).map { Double($0.float) }
    default: nil
    }
  }
}

extension GraphError {
  fileprivate var isUnsupported: Bool {
    switch self {
    case .unsupported, .unknownOperator: true
    default: false
    }
  }

  fileprivate var operatorName: String? {
    switch self {
    case .unsupported(_, let op, _), .unknownOperator(let op, _): op.name
    default: nil
    }
  }
}

import Datasets
import GraphIR
import ONNXFormat
import Storage
import Tensors

/// Real models of a few dozen weights, and examples from which they learn something within a few epochs.
enum SmallModels {
  static let colours = ["red", "green", "blue"]

  /// 4 inputs, 8 hidden units, `outputs` numbers: `logits`, and behind them the operator `tail` as `probabilities`.
  static func graph(outputs: Int, tail: String? = "Softmax") throws -> Graph {
    var graph = Graph(name: "small")
    let x = try graph.placeholder("x", .float32, ["N", 4])
    let hidden = try dense(x, 4, 8, "hidden", &graph)
    let active = try graph.apply1("Relu", [hidden], name: "active")
    let logits = try dense(active, 8, outputs, "logits", &graph)
    guard let tail else {
      graph.outputs = [logits]
      return graph
    }
    let axis: [String: Attribute] = tail == "Softmax" ? ["axis": .int(-1)] : [:]
    graph.outputs = [
      logits, try graph.apply1(OperatorName(tail), [logits], axis, name: "probabilities"),
    ]
    return graph
  }

  private static func dense(
    _ input: ValueID,
    _ rows: Int,
    _ columns: Int,
    _ name: String,
    _ graph: inout Graph
  ) throws -> ValueID {
    var random = Philox(seed: UInt64(rows * 100 + columns))
    let values = (0..<rows * columns).map { _ in random.uniform() - 0.5 }
    let weights = try graph.constant(Tensor(values, [rows, columns]), name: "\(name).weight")
    let bias = try graph.constant(
      Tensor([Float](repeating: 0, count: columns), [columns]),
      name: "\(name).bias"
    )
    return try graph.apply1("Gemm", [input, weights, bias], name: name)
  }

  /// Writes `<root>/<name>/1`.
  static func write(
    _ name: String,
    task: String,
    _ graph: Graph,
    labels: [String]? = nil,
    in root: String
  ) throws {
    let outputs = graph.outputs.map { graph[$0].name }
    try FileAccess.createFolder("\(root)/\(name)")
    let manifest = ModelManifest(
      name: name,
      version: 1,
      task: task,
      signature: .init(of: graph),
      roles: task == "regression"
        ? [:] : Dictionary(uniqueKeysWithValues: outputs.map { ($0, $0) }),
      labels: labels
    )
    try ModelFolder.write(to: "\(root)/\(name)/1", manifest, graphs: ["main": graph])
  }

  // MARK: - Examples

  /// Inputs whose largest number tells the class: row `i` is of class `i % classes`.
  static func inputs(_ count: Int, classes: Int = 3, seed: UInt64 = 7) -> [[Float]] {
    var random = Philox(seed: seed)
    return (0..<count).map { row in
      (0..<4).map { random.uniform() * 0.5 + ($0 == row % classes ? 1 : 0) }
    }
  }

  /// `{"instances": ..., "labels": ...}`.
  static func data(_ count: Int = 60, labels: [String] = colours) -> String {
    let rows = inputs(count, classes: labels.count)
    let names = rows.indices.map { "\"\(labels[$0 % labels.count])\"" }
    return "{\"instances\":\(rows),\"labels\":[\(names.joined(separator: ","))]}"
  }

  /// `{"instances": ..., "targets": ...}`: for each row its sum, and more such numbers where `width` says so.
  static func targets(_ count: Int = 60, width: Int = 1) -> String {
    let rows = inputs(count)
    let sums = rows.map { row in (1...width).map { row.reduce(0, +) * Float($0) } }
    return "{\"instances\":\(rows),\"targets\":\(width == 1 ? "\(sums.map { $0[0] })" : "\(sums)")}"
  }

  /// A file of one JSON object a line.
  static func jsonLines(_ count: Int = 30, labels: [String] = colours) -> String {
    let rows = inputs(count, classes: labels.count, seed: 8)
    return rows.enumerated().map {
      "{\"input\": \($1), \"label\": \"\(labels[$0 % labels.count])\"}\n"
    }.joined()
  }
}

import GraphIR
import Tensors

extension Upgrades {
  /// Axes were attributes: of Squeeze, Unsqueeze and ReduceSum until opset 13, of the other reductions until 18.
  static let axes: [Upgrade] =
    ["Squeeze", "Unsqueeze", "ReduceSum"].map { axesToInput($0, before: 13) }
    + [
      "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
      "ReduceMin", "ReduceProd", "ReduceSumSquare",
    ].map { axesToInput($0, before: 18) }

  private static func axesToInput(_ op: String, before: Int) -> Upgrade {
    Upgrade(op, before: before) { node, context in
      var node = node
      try node.moveInts("axes", toInput: 1, &context)
      return [node]
    }
  }
}

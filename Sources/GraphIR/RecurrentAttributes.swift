/// An activation inside a recurrent cell, by ONNX's name.
///
/// `alpha` and `beta` have the values given or ONNX's defaults; functions without parameters ignore them.
package struct RecurrentActivation: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// max(0, x)
    case relu = "Relu"
    case tanh = "Tanh"
    /// 1 / (1 + exp(-x))
    case sigmoid = "Sigmoid"
    /// alpha x + beta
    case affine = "Affine"
    /// x where x >= 0, else alpha x
    case leakyRelu = "LeakyRelu"
    /// x where x >= alpha, else 0
    case thresholdedRelu = "ThresholdedRelu"
    /// alpha tanh(beta x)
    case scaledTanh = "ScaledTanh"
    /// min(max(alpha x + beta, 0), 1)
    case hardSigmoid = "HardSigmoid"
    /// x where x >= 0, else alpha (exp(x) - 1)
    case elu = "Elu"
    /// x / (1 + |x|)
    case softsign = "Softsign"
    /// log(1 + exp(x))
    case softplus = "Softplus"

    /// The default of `alpha`, `nil` where the function has no such parameter.
    package var defaultAlpha: Float? {
      switch self {
      case .affine, .thresholdedRelu, .scaledTanh, .elu: 1
      case .leakyRelu: 0.01
      case .hardSigmoid: 0.2
      case .relu, .tanh, .sigmoid, .softsign, .softplus: nil
      }
    }

    /// The default of `beta`, `nil` where the function has no such parameter.
    package var defaultBeta: Float? {
      switch self {
      case .affine: 0
      case .scaledTanh: 1
      case .hardSigmoid: 0.5
      case .relu, .tanh, .sigmoid, .leakyRelu, .thresholdedRelu, .elu, .softsign, .softplus: nil
      }
    }
  }

  package let kind: Kind
  package let alpha: Float
  package let beta: Float

  package init(_ kind: Kind, alpha: Float? = nil, beta: Float? = nil) {
    self.kind = kind
    self.alpha = alpha ?? kind.defaultAlpha ?? 0
    self.beta = beta ?? kind.defaultBeta ?? 0
  }
}

/// The attributes of RNN, GRU, LSTM and their gradients, checked: the one place that reads them.
package struct RecurrentAttributes: Sendable {
  /// ONNX's `direction`.
  package enum Direction: String, Sendable, Hashable {
    case forward
    /// From the last valid step of each sequence to the first; results stand at the steps that they belong to.
    case reverse
    /// Direction 0 forward, direction 1 reverse.
    case bidirectional

    /// D.
    package var count: Int { self == .bidirectional ? 2 : 1 }

    /// True where direction `index` walks from the end.
    package func isReverse(_ index: Int) -> Bool {
      self == .reverse || (self == .bidirectional && index == 1)
    }
  }

  /// The largest hidden size; products with the gate counts and 2 cannot overflow.
  package static let hiddenSizeMax = 1 << 24

  package let cell: RecurrentCell
  package let direction: Direction
  /// H where the node says it; otherwise R's last dimension has it.
  package let hiddenSize: Int?
  /// For each direction `cell.activationCount` functions: f, g, h.
  package let activations: [[RecurrentActivation]]
  /// Bounds the sums that enter f and g to [-clip, clip] (not the cell state that enters h); `nil` for no bound.
  package let clip: Float?
  /// LSTM: the forget gate is 1 - i.
  package let couplesInputAndForget: Bool
  /// GRU: the reset gate scales the product with R (and its bias), not the state that enters the product.
  package let resetsAfterProduct: Bool

  /// Reads the attributes of a node.
  ///
  /// - Throws: `GraphError.operands` for values that ONNX does not define, `GraphError.unsupported` for layout = 1, which import rewrites.
  package init(_ node: Node) throws(GraphError) {
    guard let cell = RecurrentCell(node.op) else {
      throw .operands(node: node.name, op: node.op, detail: "the operator is no recurrent cell")
    }
    self.cell = cell
    guard try node.int("layout", default: 0) == 0 else {
      throw .unsupported(
        node: node.name,
        op: node.op,
        detail: "layout 1 inside a graph; transpose X, the states and Y around the operator"
      )
    }
    let name = try node.string("direction", default: Direction.forward.rawValue)
    guard let direction = Direction(rawValue: name.lowercased()) else {
      throw .operands(
        node: node.name,
        op: node.op,
        detail: "direction is \(name), expected forward, reverse or bidirectional"
      )
    }
    self.direction = direction
    hiddenSize = try Self.hiddenSize(node)
    activations = try Self.activations(node, cell, directions: direction.count)
    clip = try Self.clip(node)
    couplesInputAndForget = cell == .lstm ? try node.flag("input_forget", default: false) : false
    resetsAfterProduct =
      cell == .gru ? try node.flag("linear_before_reset", default: false) : false
  }

  private static func hiddenSize(_ node: Node) throws(GraphError) -> Int? {
    guard node.attributes["hidden_size"] != nil else { return nil }
    let size = try node.int("hidden_size", default: 0)
    guard (1...hiddenSizeMax).contains(size) else {
      throw .operands(
        node: node.name,
        op: node.op,
        detail: "hidden_size is \(size), expected 1 to \(hiddenSizeMax)"
      )
    }
    return size
  }

  private static func clip(_ node: Node) throws(GraphError) -> Float? {
    guard node.attributes["clip"] != nil else { return nil }
    let clip = try node.float("clip", default: 0)
    guard clip >= 0 else {
      throw .operands(
        node: node.name,
        op: node.op,
        detail: "clip is \(clip), expected 0 (no bound) or a positive bound"
      )
    }
    // As in onnxruntime, 0 means no bound.
    return clip == 0 || clip.isInfinite ? nil : clip
  }

  /// The functions by direction; `activation_alpha` and `activation_beta` are consumed, in order, by the functions that have the parameter.
  private static func activations(
    _ node: Node,
    _ cell: RecurrentCell,
    directions: Int
  ) throws(GraphError) -> [[RecurrentActivation]] {
    let count = cell.activationCount
    var names: [String] = []
    switch node.attributes["activations"] {
    case nil: break
    case .strings(let given)?: names = given
    default:
      throw .attributeType(
        node: node.name,
        op: node.op,
        attribute: "activations",
        expected: "strings"
      )
    }
    if names.isEmpty {
      let one: [RecurrentActivation.Kind] =
        switch cell {
        case .rnn: [.tanh]
        case .gru: [.sigmoid, .tanh]
        case .lstm: [.sigmoid, .tanh, .tanh]
        }
      names = [[RecurrentActivation.Kind]](repeating: one, count: directions).joined()
        .map(\.rawValue)
    }
    guard names.count == count * directions else {
      throw .operands(
        node: node.name,
        op: node.op,
        detail:
          "\(names.count) activations \(names), expected \(count) for each of \(directions) directions"
      )
    }
    var alphas = (try node.floats("activation_alpha") ?? [])[...]
    var betas = (try node.floats("activation_beta") ?? [])[...]
    var all: [RecurrentActivation] = []
    for name in names {
      let wanted = name.lowercased()
      guard
        let kind = RecurrentActivation.Kind.allCases.first(where: {
          $0.rawValue.lowercased() == wanted
        })
      else {
        let known = RecurrentActivation.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw .operands(
          node: node.name,
          op: node.op,
          detail: "activation \(name), expected one of \(known)"
        )
      }
      all.append(
        RecurrentActivation(
          kind,
          alpha: kind.defaultAlpha == nil ? nil : alphas.popFirst(),
          beta: kind.defaultBeta == nil ? nil : betas.popFirst()
        )
      )
    }
    return (0..<directions).map { Array(all[$0 * count..<($0 + 1) * count]) }
  }
}

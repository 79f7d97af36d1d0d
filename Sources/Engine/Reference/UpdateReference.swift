import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  /// New values of variables; formulas as in `ck_optimizer.h`, g' = scale g + decay w.
  static let updates: [OperatorName: ReferenceFunction] = [
    .martlet("Assign"): { call in
      try call.requireSameShape(try call.input(0), try call.input(1))
      return [try call.input(1)]
    },
    .martlet("SGDUpdate"): { call in
      let update = try Update(call, tensors: 2, scalars: 1)
      let rate = try call.scalar(2)
      return update.results(1) { state in
        state[0] -= rate * update.gradient(state[1], state[0])
      }
    },
    .martlet("MomentumUpdate"): { call in
      let update = try Update(call, tensors: 3, scalars: 1)
      let rate = try call.scalar(3)
      let momentum = Double(try call.node.float("momentum", default: 0.9))
      let nesterov = try call.node.flag("nesterov", default: false)
      return update.results(2) { state in
        let gradient = update.gradient(state[1], state[0])
        state[2] = momentum * state[2] + gradient
        state[0] -= rate * (nesterov ? gradient + momentum * state[2] : state[2])
      }
    },
    .martlet("AdamUpdate"): { call in
      let decoupled = try call.node.flag("decoupled", default: false)
      let update = try Update(call, tensors: 4, scalars: 2, decaysGradient: !decoupled)
      let rate = try call.scalar(4)
      let step = try call.scalar(5)
      let beta1 = Double(try call.node.float("beta1", default: 0.9))
      let beta2 = Double(try call.node.float("beta2", default: 0.999))
      let epsilon = Double(try call.node.float("epsilon", default: 1e-8))
      guard step >= 1 else { throw call.error("step is \(step); it counts from 1") }
      let (correction1, correction2) = (1 - pow(beta1, step), 1 - pow(beta2, step))
      return update.results(3) { state in
        let gradient = update.gradient(state[1], state[0])
        state[2] = beta1 * state[2] + (1 - beta1) * gradient
        state[3] = beta2 * state[3] + (1 - beta2) * gradient * gradient
        if decoupled { state[0] -= rate * update.decay * state[0] }
        state[0] -=
          rate * (state[2] / correction1) / ((state[3] / correction2).squareRoot() + epsilon)
      }
    },
  ]
}

/// The operands that all updates share: w, g, states; scalars; an optional scale of the gradient.
private struct Update {
  let decay: Double
  private let scale: Double
  private let decaysGradient: Bool
  private let tensors: [Tensor]

  init(
    _ call: ReferenceCall,
    tensors count: Int,
    scalars: Int,
    decaysGradient: Bool = true
  ) throws {
    tensors = try (0..<count).map { try call.input($0) }
    for tensor in tensors.dropFirst() { try call.requireSameShape(tensors[0], tensor) }
    decay = Double(try call.node.float("decay", default: 0))
    self.decaysGradient = decaysGradient
    let position = count + scalars
    scale = call.optionalInput(position) == nil ? 1 : try call.scalar(position)
  }

  /// g' from g and w.
  func gradient(_ gradient: Double, _ weight: Double) -> Double {
    scale * gradient + (decaysGradient ? decay * weight : 0)
  }

  /// Applies `step` to the elements at each position, in the order of the operands, and gives back all tensors but the gradient.
  func results(_ count: Int, _ step: (inout [Double]) -> Void) -> [Tensor?] {
    var elements = tensors.map(\.doubles)
    for index in 0..<tensors[0].shape.elementCount {
      var state = elements.map { $0[index] }
      step(&state)
      for position in state.indices { elements[position][index] = state[position] }
    }
    return tensors.indices.filter { $0 != 1 }.prefix(count).map {
      Double.store(elements[$0], as: tensors[$0].dtype, tensors[$0].shape)
    }
  }
}

import GraphIR
import Tensors

/// Batch normalisation with fixed statistics behind a convolution or dense layer becomes part of its weights:
/// `W' = W * s`, `b' = (b - mean) * s + bias` with `s = scale / sqrt(variance + epsilon)` for each output channel.
enum BatchNormFolding: PlanPass {
  static func run(_ plan: inout PlanGraph, _ resources: SessionResources) throws {
    let uses = plan.useCounts()
    let producers = plan.producers()
    for index in plan.operations.indices where plan.operations[index].op == "BatchNormalization" {
      let normalization = plan.operations[index]
      guard try normalization.node.int("training_mode", default: 0) == 0,
        let input = normalization.inputs[0], let output = normalization.outputs[0],
        uses[input] == 1, let producer = producers[input],
        plan.values[input].alias == nil,
        plan.operations[producer].activation == nil,
        let factors = try Factors(normalization, plan),
        plan.operations[producer].inputs.count > 1,
        let weights = plan.operations[producer].inputs[1],
        let tensor = plan.constant(weights), tensor.dtype == .float32
      else { continue }
      let host = plan.operations[producer]
      let biasSlot = host.inputs.count > 2 ? host.inputs[2] : nil
      let bias = plan.constant(biasSlot)
      guard
        biasSlot == nil || (bias?.dtype == .float32 && bias?.shape.elementCount == factors.count),
        let channelOf = try channel(host, tensor.shape, channels: factors.count)
      else { continue }
      let key = plan.constantKey(weights).map { "\($0)*n\(normalization.nodeIndex)" }
      let compute: () -> [Tensor?]? = {
        [
          // Kernels keep the product in a layout of their own.
          Tensor(onDemand: tensor.shape) { target in
            tensor.withElements(of: Float.self) { source in
              for element in source.indices {
                target[element] = source[element] * factors.scale[channelOf(element)]
              }
            }
          },
          Tensor(
            vector: (0..<factors.count).map { channel in
              let old = bias?.withElements(of: Float.self) { $0[channel] } ?? 0
              return (old - factors.mean[channel]) * factors.scale[channel] + factors.bias[channel]
            }
          ),
        ]
      }
      let folded = key == nil ? compute() : resources.weights.folded(key ?? "", compute)
      guard let folded, let newWeights = folded[0], let newBias = folded[1] else { continue }
      let weightValue = plan.addConstant(
        newWeights,
        key: key.map { $0 + ".w" },
        name: plan.values[weights].name
      )
      let biasValue = plan.addConstant(
        newBias,
        key: key.map { $0 + ".b" },
        name: plan.values[weights].name + ".bias"
      )
      plan.operations[producer].inputs = [host.inputs[0], weightValue, biasValue]
      plan.operations[producer].outputs[0] = output
      plan.operations[index].outputs = []
      plan.operations[index].inputs = []
    }
  }

  /// The output channel of each weight, by its position; `nil` for hosts that cannot be folded into.
  private static func channel(
    _ host: PlanGraph.Operation,
    _ weights: Shape,
    channels: Int
  ) throws -> (@Sendable (Int) -> Int)? {
    switch host.op {
    case "Conv":
      guard weights[0] == channels else { return nil }
      let each = weights.elementCount / max(channels, 1)
      return { $0 / each }
    case "Gemm":
      guard try host.node.float("alpha", default: 1) == 1,
        try host.node.float("beta", default: 1) == 1
      else { return nil }
      if try host.node.int("transB", default: 0) != 0 {
        guard weights[0] == channels else { return nil }
        let each = weights[1]
        return { $0 / each }
      }
      guard weights[1] == channels else { return nil }
      return { $0 % channels }
    case "MatMul":
      guard weights.rank == 2, weights[1] == channels else { return nil }
      return { $0 % channels }
    default: return nil
    }
  }

  /// The normalisation as one factor and one offset a channel.
  private struct Factors: Sendable {
    let scale: [Float]
    let mean: [Float]
    let bias: [Float]
    var count: Int { scale.count }

    init?(_ operation: PlanGraph.Operation, _ plan: PlanGraph) throws {
      var vectors: [[Float]] = []
      for slot in 1...4 {
        guard let tensor = plan.constant(operation.inputs[slot]), tensor.dtype == .float32 else {
          return nil
        }
        vectors.append(tensor.elements(of: Float.self))
      }
      let epsilon = try operation.node.float("epsilon", default: 1e-5)
      scale = zip(vectors[0], vectors[3]).map { $0 / ($1 + epsilon).squareRoot() }
      bias = vectors[1]
      mean = vectors[2]
    }
  }
}

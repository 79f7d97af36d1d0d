import Engine
import GraphIR
import Tensors

/// Runs one operator on tensors with the reference interpreter.
func runReference(
  _ op: OperatorName,
  _ inputs: [Tensor?],
  _ attributes: [String: Attribute] = [:],
  outputs: Int = 1,
  random: RandomState = RandomState()
) throws -> [Tensor] {
  var graph = Graph()
  let operands = try inputs.map { tensor in try tensor.map { try graph.constant($0) } }
  let results = try graph.apply(op, operands, attributes, outputCount: outputs)
  var interpreter = ReferenceInterpreter(graph, random: random)
  return try interpreter.run(results.compactMap { $0 }, feeds: [:])
}

/// A float64 tensor of reproducible numbers in [-1, 1).
func noise(_ shape: Shape, seed: UInt64) -> Tensor {
  var random = Philox(seed: seed)
  return Tensor((0..<shape.elementCount).map { _ in Double(random.uniform()) * 2 - 1 }, shape)
}

/// The sum of products of two float64 tensors.
func innerProduct(_ a: Tensor, _ b: Tensor) -> Double {
  zip(a.elements(of: Double.self), b.elements(of: Double.self)).reduce(0) { $0 + $1.0 * $1.1 }
}

/// The derivative of `sum(weights * op(inputs))` in the elements of one input, by central differences.
func numericalGradient(
  of input: Int,
  _ inputs: [Tensor?],
  step: Double = 1e-5,
  _ value: ([Tensor?]) throws -> Double
) throws -> [Double] {
  guard let tensor = inputs[input] else { return [] }
  let base = tensor.elements(of: Double.self)
  return try base.indices.map { index in
    let values = try [step, -step].map { change in
      var changed = base
      changed[index] += change
      var operands = inputs
      operands[input] = Tensor(changed, tensor.shape)
      return try value(operands)
    }
    return (values[0] - values[1]) / (2 * step)
  }
}

/// The largest distance of two lists of numbers.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}

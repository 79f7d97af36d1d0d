import Engine
package import GraphIR
package import Tensors
import Training

/// One operator on small operands whose gradients are compared with central differences.
package struct GradientCase: Sendable, CustomStringConvertible {
  /// What an input is.
  package enum Operand: Sendable {
    /// Differentiated: random numbers of this shape, all different, none within 0.05 of 0.
    case random(Shape, low: Double = -1, high: Double = 1)
    /// Differentiated: these numbers.
    case values([Double], Shape)
    /// A constant that is not differentiated (indices, axes, shapes).
    case constant(Tensor)
    case absent
  }

  package var op: OperatorName
  package var operands: [Operand]
  package var attributes: [String: Attribute]
  /// The output whose gradient is taken.
  package var output: Int
  /// Also checked with dimensions that the graph does not know.
  package var checksUnknownSizes: Bool
  package var note: String

  package init(
    _ op: OperatorName,
    _ operands: [Operand],
    _ attributes: [String: Attribute] = [:],
    output: Int = 0,
    checksUnknownSizes: Bool = true,
    note: String = ""
  ) {
    self.op = op
    self.operands = operands
    self.attributes = attributes
    self.output = output
    self.checksUnknownSizes = checksUnknownSizes
    self.note = note
  }

  package var description: String {
    let shapes = operands.map { operand in
      switch operand {
      case .random(let shape, _, _), .values(_, let shape): "\(shape)"
      case .constant(let tensor): "\(tensor.dtype)\(tensor.shape)"
      case .absent: "-"
      }
    }
    let parameters = attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return "\(op)(\(shapes.joined(separator: ", "))) \(parameters.joined(separator: " ")) \(note)"
  }

  /// The largest relative error over the differentiated operands, with the sizes known and, where asked, unknown.
  package func largestError() throws -> (error: Double, report: String) {
    var largest = (error: 0.0, report: "")
    for isKnown in checksUnknownSizes ? [true, false] : [true] {
      let report = try report(sizesKnown: isKnown)
      let error = report.parameters.first?.relativeError ?? .infinity
      if error >= largest.error { largest = (error, report.description) }
    }
    return largest
  }

  /// The check of sum(weights * output) with fixed random weights.
  private func report(sizesKnown: Bool) throws -> GradientCheck.Report {
    var graph = Graph()
    var inputs: [ValueID?] = []
    var feeds: [ValueID: Tensor] = [:]
    for (position, operand) in operands.enumerated() {
      let tensor: Tensor
      switch operand {
      case .absent:
        inputs.append(nil)
        continue
      case .constant(let tensor):
        inputs.append(try graph.constant(tensor))
        continue
      case .random(let shape, let low, let high):
        tensor = Self.distinctNumbers(shape, low, high, stream: UInt64(position))
      case .values(let numbers, let shape):
        tensor = Tensor(numbers, shape)
      }
      let shape = sizesKnown ? PartialShape(tensor.shape) : .unknown(rank: tensor.shape.rank)
      let id = try graph.placeholder("x\(position)", .float32, shape)
      feeds[id] = tensor
      inputs.append(id)
    }
    let outputs = try graph.apply(
      op,
      inputs,
      attributes,
      outputCount: max(
        output + 1,
        OperatorRegistry.definition(of: op)?.outputs.lowerBound ?? 1
      )
    )
    guard case .some(let y) = outputs[output] else { throw GraphError.invalid("no output") }
    var interpreter = ReferenceInterpreter(graph, precision: .double)
    let value = try interpreter.run([y], feeds: feeds)[0]
    let weights = Self.distinctNumbers(value.shape, -1, 1, stream: 99)
    let constant = try graph.constant(
      Tensor(weights.elements(of: Double.self).map { Float($0) }, value.shape)
    )
    let loss = try graph.apply1(
      "ReduceSum",
      [graph.apply1("Mul", [y, constant])],
      ["keepdims": .int(0)]
    )
    let parameters = inputs.compactMap { $0 }.filter { feeds[$0] != nil }
    return try GradientCheck.run(graph, loss: loss, parameters: parameters, feeds: feeds)
  }

  /// Numbers spread evenly over the interval in random order, so that no two are close and a difference never crosses a kink of a
  /// maximum; those near 0 are moved away.
  package static func distinctNumbers(
    _ shape: Shape,
    _ low: Double,
    _ high: Double,
    stream: UInt64
  ) -> Tensor {
    var random = Philox(seed: 7, stream: stream)
    let count = shape.elementCount
    let numbers = random.permutation(count).map { index in
      let number = low + (high - low) * (Double(index) + 0.37) / Double(max(count, 1))
      return abs(number) < 0.05 && low < 0 ? (number < 0 ? -0.0511 : 0.0517) - number / 50 : number
    }
    return Tensor(numbers, shape)
  }
}

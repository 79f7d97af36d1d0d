import GraphIR
import Tensors
import Testing

@testable import Engine

/// Random operands and attributes, most of them wrong: nothing traps, and whatever a shape rule accepts has the type it says.
@Suite struct RandomOperandTests {
  private static let families = [
    OperatorRegistry.elementwiseUnary, OperatorRegistry.elementwiseBinary, OperatorRegistry.casting,
    OperatorRegistry.reductions, OperatorRegistry.axisOperators, OperatorRegistry.generators,
    OperatorRegistry.randomGenerators, OperatorRegistry.linearAlgebra,
    OperatorRegistry.gradientKernels, OperatorRegistry.updates,
  ]

  @Test(arguments: families.indices)
  func rulesAgreeWithResults(_ family: Int) throws {
    var random = Philox(seed: 1, stream: UInt64(family))
    var accepted = 0
    for definition in Self.families[family] {
      let function = try #require(ReferenceOperators.function(for: definition.name))
      for _ in 0..<200 {
        let inputs = operands(of: definition, &random)
        let node = Node(
          op: definition.name,
          name: "node",
          inputs: inputs.indices.map { inputs[$0] == nil ? nil : ValueID($0) },
          outputs: [],
          attributes: attributes(of: definition, &random)
        )
        let types = inputs.map { $0.map { ValueType($0.dtype, PartialShape($0.shape)) } }
        guard
          let known = try? definition.outputTypes(of: node, inputTypes: types, inputValues: inputs),
          known.allSatisfy({ $0.shape.concrete?.elementCount ?? 0 < 1 << 16 })
        else { continue }
        let partial = try definition.outputTypes(
          of: node,
          inputTypes: types.map { $0.map { ValueType($0.dtype, .unranked) } },
          inputValues: inputs.map { _ in nil }
        )
        let call = ReferenceCall(node: node, inputs: inputs, nodeIndex: 0, random: RandomState())
        guard let results = try? function(call) else { continue }
        accepted += 1
        for (index, result) in results.enumerated() {
          let tensor = try #require(result)
          #expect(known[index] == ValueType(tensor.dtype, PartialShape(tensor.shape)), "\(node)")
          #expect(partial[index].shape.accepts(tensor.shape), "\(node)")
        }
      }
    }
    #expect(accepted > 10, "too few operands were acceptable to show anything")
  }

  private let sizes = [0, 1, 1, 2, 2, 3]
  private let wholes = [0, 1, -1, 2, -2, 3, 7, 1 << 40, .max, .min]
  private let numbers = [0, 1, -1, 2, 0.5, .nan, .infinity, -.infinity, 1e300]

  private func shape(_ random: inout Philox) -> Shape {
    Shape((0..<random.below(4)).map { _ in sizes[random.below(sizes.count)] })
  }

  private func operands(of definition: OperatorDefinition, _ random: inout Philox) -> [Tensor?] {
    let common = (dtype: DType.allCases[random.below(DType.allCases.count)], shape: shape(&random))
    let count = definition.inputs.lowerBound + random.below(2)
    return (0..<count).map { _ in
      if random.below(16) == 0 { return nil }
      let dtype = random.below(4) == 0 ? [.int64, .float32, .bool][random.below(3)] : common.dtype
      let shape = random.below(3) == 0 ? shape(&random) : common.shape
      if dtype == .int64 {
        return Tensor(
          (0..<shape.elementCount).map { _ in Int64(wholes[random.below(wholes.count)]) },
          shape
        )
      }
      let elements = (0..<shape.elementCount).map { _ in numbers[random.below(numbers.count)] }
      return Double.store(elements, as: dtype, shape)
    }
  }

  private func attributes(
    of definition: OperatorDefinition,
    _ random: inout Philox
  ) -> [String: Attribute] {
    switch definition.name {
    case "Constant": return ["value_ints": .ints([1, 2])]
    case "Einsum":
      let pieces = ["i", "j", ",", "->", "...", " "]
      let equation = (0..<random.below(8)).map { _ in pieces[random.below(pieces.count)] }
      return ["equation": .string(equation.joined())]
    default: break
    }
    var result: [String: Attribute] = ["direction": .string("LEFT")]
    if random.below(2) == 0 { result["shape"] = .ints(shape(&random).dimensions) }
    let names = [
      "axis", "keepdims", "noop_with_empty_axes", "select_last_index", "k", "exclusive", "reverse",
      "largest", "upper", "periodic", "fmod",
    ]
    for name in names where random.below(3) == 0 {
      result[name] = .int(wholes[random.below(wholes.count)])
    }
    for name in ["to", "dtype", "output_datatype"] where random.below(2) == 0 {
      result[name] = .int(random.below(14))
    }
    return result
  }
}

import GraphIR
import Tensors
import TestSupport
import Testing

@testable import Engine

/// Every kernel-backed operator against the reference interpreter.
@Suite struct LoweringTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let op: OperatorName
    let shapes: [Shape]
    var attributes: [String: Attribute] = [:]
    /// Constant operands after the fed ones.
    var constants: [Tensor] = []
    var outputs = 1
    var range: ClosedRange<Float> = -2...2
    var tolerance = 2e-5
    var testDescription: String { "\(op) \(shapes)" }
  }

  @Test(arguments: cases) func agreesWithTheReference(_ item: Case) throws {
    var graph = Graph()
    var feeds: [ValueID: Tensor] = [:]
    var inputs: [ValueID] = []
    for (index, shape) in item.shapes.enumerated() {
      let id = try graph.placeholder("x\(index)", .float32, PartialShape(shape))
      feeds[id] = .random(shape, seed: UInt64(index + 5), in: item.range)
      inputs.append(id)
    }
    for tensor in item.constants { inputs.append(try graph.constant(tensor)) }
    let results = try graph.apply(
      item.op,
      inputs,
      item.attributes,
      outputCount: item.outputs
    ).compactMap { $0 }
    let session = try Session(graph)
    var oracle = ReferenceInterpreter(graph)
    let expected = try oracle.run(results, feeds: feeds)
    let actual = try session.run(results, feeds: feeds)
    for (a, b) in zip(actual, expected) { #expect(largestError(a, b) <= item.tolerance) }
    let plan = try session.prepare(results, inputShapes: feeds.mapValues(\.shape))
    #expect(plan.stepNames.allSatisfy { !$0.contains("reference") }, "\(plan.stepNames)")
  }

  static let cases: [Case] = unary + binary + linear + windows + rows + moves

  private static let unary: [Case] =
    [
      "Abs", "Neg", "Sign", "Ceil", "Floor", "Round", "Exp", "Sin", "Cos", "Tanh", "Sigmoid", "Erf",
      "Softplus", "Softsign", "Relu", "LeakyRelu", "Elu", "Celu", "Selu", "Gelu", "Mish",
      "HardSigmoid", "HardSwish", "ThresholdedRelu",
    ].map { Case(op: OperatorName($0), shapes: [[3, 37]]) }
    + [
      Case(op: "Log", shapes: [[1000]], range: 1e-3...50),
      Case(op: "Sqrt", shapes: [[65]], range: 0...50),
      Case(op: "Reciprocal", shapes: [[65]], range: 0.1...50),
      Case(op: "Gelu", shapes: [[77]], attributes: ["approximate": .string("tanh")]),
      Case(
        op: "Clip",
        shapes: [[77]],
        constants: [Tensor(scalar: Float(-0.5)), Tensor(scalar: Float(0.5))]
      ),
    ]

  private static let binary: [Case] =
    ["Add", "Sub", "Mul", "Div", "Max", "Min"].flatMap { op in
      [
        [[4, 5], [4, 5]], [[4, 5], [5]], [[4, 5], [4, 1]], [[4, 5], []], [[1, 5], [4, 1]],
        [[2, 3, 4, 5], [1, 3, 1, 1]],
      ].map { (shapes: [Shape]) in Case(op: OperatorName(op), shapes: shapes, range: 0.5...2) }
    }
    + ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"].map {
      Case(op: OperatorName($0), shapes: [[2, 3, 4], [3, 1]])
    }
    + [
      Case(op: "Pow", shapes: [[33], [33]], range: 0.1...3),
      Case(op: "PRelu", shapes: [[4, 5], [5]]),
      Case(op: .martlet("ReluGradient"), shapes: [[9, 5], [9, 5]]),
      Case(op: .martlet("LeakyReluGradient"), shapes: [[9, 5], [9, 5]]),
      Case(op: .martlet("SigmoidGradient"), shapes: [[9, 5], [9, 5]]),
      Case(op: .martlet("TanhGradient"), shapes: [[9, 5], [9, 5]]),
      Case(op: .martlet("EluGradient"), shapes: [[9, 5], [9, 5]]),
    ]

  private static let linear: [Case] =
    [(false, false), (true, false), (false, true), (true, true)].flatMap { left, right in
      [[] as [Shape], [[7]], [[5, 1]], [[5, 7]], [[]]].map { bias in
        Case(
          op: "Gemm",
          shapes: [left ? [9, 5] : [5, 9], right ? [7, 9] : [9, 7]] + bias,
          attributes: ["transA": .int(left ? 1 : 0), "transB": .int(right ? 1 : 0)]
        )
      }
    } + [
      Case(
        op: "Gemm",
        shapes: [[5, 9], [9, 7], [7]],
        attributes: ["alpha": .float(0.5), "beta": .float(2)]
      ),
      Case(op: "MatMul", shapes: [[5, 9], [9, 7]]), Case(op: "MatMul", shapes: [[9], [9, 7]]),
      Case(op: "MatMul", shapes: [[5, 9], [9]]),
      Case(op: "MatMul", shapes: [[2, 3, 5, 9], [9, 7]]),
      Case(op: "MatMul", shapes: [[2, 3, 5, 9], [2, 3, 9, 7]]),
      Case(op: "MatMul", shapes: [[2, 1, 5, 9], [3, 9, 7]]),
    ]

  private static let windows: [Case] = [
    Case(op: "Conv", shapes: [[2, 3, 9, 8], [4, 3, 3, 3], [4]]),
    Case(
      op: "Conv",
      shapes: [[2, 4, 9, 8], [6, 2, 3, 2]],
      attributes: [
        "group": .int(2), "strides": .ints([2, 1]), "pads": .ints([1, 0, 2, 1]),
        "dilations": .ints([1, 2]),
      ]
    ),
    Case(op: "Conv", shapes: [[2, 3, 20], [4, 3, 5]], attributes: ["pads": .ints([2, 2])]),
    Case(op: "Conv", shapes: [[1, 5, 6, 6], [5, 1, 3, 3]], attributes: ["group": .int(5)]),
    Case(
      op: "ConvTranspose",
      shapes: [[2, 3, 5, 4], [3, 4, 3, 3], [4]],
      attributes: ["strides": .ints([2, 2]), "output_padding": .ints([1, 0])]
    ),
    Case(
      op: .martlet("ConvGradientInput"),
      shapes: [[2, 4, 7, 6], [4, 3, 3, 3]],
      constants: [Tensor(vector: [2, 3, 9, 8] as [Int64])]
    ),
    Case(
      op: .martlet("ConvGradientWeights"),
      shapes: [[2, 3, 9, 8], [2, 4, 7, 6]],
      constants: [Tensor(vector: [4, 3, 3, 3] as [Int64])],
      tolerance: 1e-4
    ),
    Case(
      op: "MaxPool",
      shapes: [[2, 3, 8, 8]],
      attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]
    ),
    Case(
      op: "MaxPool",
      shapes: [[2, 3, 9, 8]],
      attributes: [
        "kernel_shape": .ints([3, 3]), "strides": .ints([2, 1]), "pads": .ints([1, 1, 1, 1]),
      ]
    ),
    Case(
      op: .martlet("MaxPoolGradient"),
      shapes: [[2, 3, 8, 8], [2, 3, 4, 4]],
      attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]
    ),
    Case(
      op: "AveragePool",
      shapes: [[2, 3, 9, 8]],
      attributes: ["kernel_shape": .ints([3, 2]), "pads": .ints([1, 0, 1, 1])]
    ),
    Case(
      op: .martlet("AveragePoolGradient"),
      shapes: [[2, 3, 4, 4]],
      attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])],
      constants: [Tensor(vector: [2, 3, 8, 8] as [Int64])]
    ),
    Case(op: "GlobalAveragePool", shapes: [[2, 3, 5, 7]]),
    Case(op: "GlobalMaxPool", shapes: [[2, 3, 5, 7]]),
    Case(op: "BatchNormalization", shapes: [[3, 4, 5, 2], [4], [4], [4], [4]], range: 0.5...2),
    Case(
      op: "BatchNormalization",
      shapes: [[3, 4, 5, 2], [4], [4], [4], [4]],
      attributes: ["training_mode": .int(1)],
      outputs: 3,
      range: 0.5...2
    ),
    Case(op: .martlet("BatchStatistics"), shapes: [[3, 4, 5, 2]], outputs: 2),
    Case(
      op: .martlet("BatchNormalizationGradient"),
      shapes: [[3, 4, 5], [3, 4, 5], [4], [4], [4]],
      outputs: 3,
      range: 0.5...2,
      tolerance: 1e-4
    ),
    Case(op: "LayerNormalization", shapes: [[3, 4, 16], [16], [16]], outputs: 3),
  ]

  private static let rows: [Case] =
    [
      "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSumSquare",
      "ReduceL1",
      "ReduceL2", "ReduceLogSum", "ReduceLogSumExp",
    ].flatMap { op in
      [[0], [1], [2], [1, 2], [0, 1, 2]].map { (axes: [Int64]) in
        Case(
          op: OperatorName(op),
          shapes: [[3, 4, 5]],
          constants: [Tensor(vector: axes)],
          range: 0.5...1.5,
          tolerance: 1e-4
        )
      }
    } + [
      Case(
        op: "ReduceSum",
        shapes: [[3, 4, 5, 2]],
        constants: [Tensor(vector: [0, 2, 3] as [Int64])]
      ),
      Case(
        op: "ReduceMean",
        shapes: [[3, 4, 5, 2]],
        constants: [Tensor(vector: [0, 2, 3] as [Int64])]
      ),
      Case(op: "Softmax", shapes: [[7, 33]]), Case(op: "LogSoftmax", shapes: [[7, 33]]),
      Case(op: .martlet("SoftmaxGradient"), shapes: [[7, 33], [7, 33]]),
      Case(op: .martlet("LogSoftmaxGradient"), shapes: [[7, 33], [7, 33]]),
      Case(op: "ArgMax", shapes: [[4, 9, 3]], attributes: ["axis": .int(1)]),
      Case(op: "ArgMin", shapes: [[4, 9, 3]], attributes: ["axis": .int(-1)]),
      Case(
        op: .martlet("SumToShape"),
        shapes: [[6, 4]],
        constants: [Tensor(vector: [4] as [Int64])]
      ),
      Case(
        op: .martlet("SumToShape"),
        shapes: [[6, 4, 3, 2]],
        constants: [Tensor(vector: [1, 4, 1, 1] as [Int64])]
      ),
    ]

  private static let moves: [Case] = [
    Case(op: "Transpose", shapes: [[3, 4, 5]]),
    Case(op: "Transpose", shapes: [[2, 3, 4, 5]], attributes: ["perm": .ints([0, 2, 3, 1])]),
    Case(op: "Transpose", shapes: [[2, 3, 4, 5]], attributes: ["perm": .ints([3, 1, 2, 0])]),
    Case(op: "Concat", shapes: [[2, 3], [2, 1], [2, 4]], attributes: ["axis": .int(1)]),
    Case(
      op: "GatherElements",
      shapes: [[3, 5]],
      attributes: ["axis": .int(1)],
      constants: [Tensor([4, 0, -1, 2, 2, -5] as [Int64], [3, 2])]
    ),
    Case(
      op: "ScatterElements",
      shapes: [[2, 2, 3]],
      attributes: ["axis": .int(-1), "reduction": .string("add")],
      constants: [
        Tensor([2, 2, 0, -1, 1, 1, 0, -3] as [Int64], [2, 2, 2]),
        Tensor((1...8).map(Float.init), [2, 2, 2]),
      ]
    ),
    Case(
      op: "Slice",
      shapes: [[6, 7]],
      constants: [
        Tensor(vector: [5, -6] as [Int64]), Tensor(vector: [-100, 100] as [Int64]),
        Tensor(vector: [0, 1] as [Int64]), Tensor(vector: [-2, 3] as [Int64]),
      ]
    ),
    Case(
      op: "Split",
      shapes: [[6, 7]],
      attributes: ["axis": .int(1)],
      constants: [Tensor(vector: [3, 4] as [Int64])],
      outputs: 2
    ),
    Case(op: "Expand", shapes: [[3, 1]], constants: [Tensor(vector: [2, 3, 4] as [Int64])]),
    Case(
      op: "Pad",
      shapes: [[3, 4]],
      constants: [Tensor(vector: [1, 0, 2, 3] as [Int64]), Tensor(scalar: Float(7))]
    ),
    Case(
      op: "Gather",
      shapes: [[4, 3, 2]],
      attributes: ["axis": .int(1)],
      constants: [Tensor([2, -3, 1, 2] as [Int64], [2, 2])]
    ),
  ]
}

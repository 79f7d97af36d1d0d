import Autodiff
import Engine
import GraphIR
import TestSupport
import Tensors
import Testing
import Training

@Suite struct SecondDerivativeTests {
  /// Gradients of the fused gradient operators.
  static let fusedGradients: [GradientCase] = [
    GradientCase(.martlet("ReluGradient"), [.random([6]), .constant(signs)]),
    GradientCase(
      .martlet("LeakyReluGradient"),
      [.random([6]), .constant(signs)],
      ["alpha": .float(0.2)]
    ),
    GradientCase(.martlet("EluGradient"), [.random([6]), .random([6])], ["alpha": .float(0.7)]),
    GradientCase(.martlet("SigmoidGradient"), [.random([6]), .random([6], low: 0.1)]),
    GradientCase(.martlet("TanhGradient"), [.random([6]), .random([6])]),
    GradientCase(
      .martlet("SoftmaxGradient"),
      [.random([2, 3], low: 0.1), .random([2, 3])]
    ),
    GradientCase(
      .martlet("SoftmaxGradient"),
      [.random([2, 3], low: 0.1), .random([2, 3])],
      ["axis": .int(0)]
    ),
    GradientCase(.martlet("LogSoftmaxGradient"), [.random([2, 3]), .random([2, 3])]),
  ]

  @Test(arguments: fusedGradients)
  func fusedGradientsHaveGradients(_ gradient: GradientCase) throws {
    let (error, report) = try gradient.largestError()
    #expect(error <= 1e-6, "\(gradient): \(report)")
  }

  private static let signs = Tensor(vector: [Float(-1), 2, -3, 4, 5, -6])

  /// f(x) = x^T A x / 2 + b x has the Hessian (A + A^T) / 2.
  @Test func hessianOfAQuadraticFormTimesAVector() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [2, 1])
    let a = try graph.constant(Tensor([Float(4), 1, 3, 2], [2, 2]))
    let product = try graph.apply1("Mul", [x, graph.apply1("MatMul", [a, x])])
    let half = try graph.constant(Tensor(scalar: Float(0.5)))
    let f = try graph.apply1("Mul", [product, half])
    let gradient = try graph.gradients(of: f, withRespectTo: [x])[0]
    let direction = try graph.constant(Tensor([Float(1), -2], [2, 1]))
    let hessianTimesVector = try graph.gradients(
      of: gradient,
      withRespectTo: [x],
      seed: direction
    )[0]
    var interpreter = ReferenceInterpreter(graph)
    let result = try interpreter.run(
      [gradient, hessianTimesVector],
      feeds: [x: Tensor([Float(1), 1], [2, 1])]
    )
    // (A + A^T) / 2 = [4 2; 2 2]: times [1 1] is [6 4], times [1 -2] is [0 -2].
    #expect(result[0].elements(of: Float.self) == [6, 4])
    #expect(result[1].elements(of: Float.self) == [0, -2])
  }

  /// y = w * x over a row [x0 x1 x2] with a kernel [w0 w1]; f = y0^2 + y1^2.
  @Test func hessianOfASmallConvolutionTimesAVector() throws {
    var graph = Graph()
    let x = try graph.constant(Tensor([Float(1), 2, 3], [1, 1, 1, 3]))
    let w = try graph.placeholder("w", .float32, [1, 1, 1, 2])
    let y = try graph.apply1("Conv", [x, w])
    let f = try graph.apply1("ReduceSumSquare", [y], ["keepdims": .int(0)])
    let gradient = try graph.gradients(of: f, withRespectTo: [w])[0]
    let direction = try graph.constant(Tensor([Float(1), 10], [1, 1, 1, 2]))
    let product = try graph.gradients(of: gradient, withRespectTo: [w], seed: direction)[0]
    var interpreter = ReferenceInterpreter(graph)
    let result = try interpreter.run(
      [product],
      feeds: [w: Tensor([Float(5), 7], [1, 1, 1, 2])]
    )
    // y0 = w0 + 2 w1, y1 = 2 w0 + 3 w1: H = 2 [1+4, 2+6; 2+6, 4+9] = [10 16; 16 26].
    #expect(result[0].elements(of: Float.self) == [170, 276])
  }

  /// The gradient of a network with everything in it is differentiated once more, and that again compared with differences.
  @Test func gradientOfTheGradientNormOfANetwork() throws {
    var graph = Graph()
    let x = try graph.constant(
      Tensor(GradientCase.distinctNumbers([2, 1, 5, 5], -1, 1, stream: 1).floats, [2, 1, 5, 5])
    )
    let w = try graph.variable(
      "w",
      Tensor(GradientCase.distinctNumbers([2, 1, 2, 2], -1, 1, stream: 2).floats, [2, 1, 2, 2])
    )
    let v = try graph.variable(
      "v",
      Tensor(GradientCase.distinctNumbers([8, 3], -1, 1, stream: 3).floats, [8, 3])
    )
    let labels = try graph.constant(Tensor(vector: [Int64(2), 0]))
    let hidden = try graph.apply1("Tanh", [graph.apply1("Conv", [x, w])])
    let pooled = try graph.apply1(
      "MaxPool",
      [hidden],
      ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]
    )
    let logits = try graph.apply1("Gemm", [graph.apply1("Flatten", [pooled]), v])
    let loss = try graph.apply1("SoftmaxCrossEntropyLoss", [logits, labels])
    let gradients = try graph.gradients(of: loss, withRespectTo: [w, v])
    let norms = try [
      graph.apply1("ReduceSumSquare", [gradients[0]], ["keepdims": .int(0)]),
      graph.apply1("ReduceSumSquare", [gradients[1]], ["keepdims": .int(0)]),
    ]
    let penalty = try graph.apply1("Add", norms)
    let report = try GradientCheck.run(graph, loss: penalty, parameters: [w, v])
    #expect(report.parameters[0].relativeError <= 1e-6, "\(report)")
  }
}

extension Tensor {
  fileprivate var floats: [Float] { elements(of: Double.self).map { Float($0) } }
}

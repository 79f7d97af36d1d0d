import Engine
import GraphIR
import NN
import Tensors
import Testing

@Suite struct InitializerTests {
  private static func moments(_ tensor: Tensor) -> (mean: Double, variance: Double) {
    let numbers = tensor.elements(of: Float.self).map(Double.init)
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
    return (mean, variance)
  }

  struct Expectation: Sendable {
    var initializer: Initializer
    var mean = 0.0
    var variance: Double
  }

  /// For a [300, 200] matrix.
  static let expectations: [Expectation] = [
    Expectation(initializer: .normal(mean: 2, deviation: 0.5), mean: 2, variance: 0.25),
    Expectation(initializer: .uniform(low: -1, high: 3), mean: 1, variance: 16 / 12),
    // The variance of a normal distribution cut at two deviations is 0.7737.
    Expectation(initializer: .truncatedNormal(deviation: 1), variance: 0.7737),
    Expectation(initializer: .glorotUniform, variance: 1 / 250),
    Expectation(initializer: .glorotNormal, variance: 1 / 250),
    Expectation(initializer: .heUniform, variance: 2 / 300),
    Expectation(initializer: .heNormal, variance: 2 / 300),
    Expectation(initializer: .leCunUniform, variance: 1 / 300),
    Expectation(initializer: .leCunNormal, variance: 1 / 300),
    Expectation(
      initializer: .varianceScaling(
        VarianceScaling(scale: 3, fan: .output, distribution: .truncatedNormal)
      ),
      variance: 3 / 200
    ),
  ]

  @Test(arguments: expectations)
  func hasTheMomentsItPromises(_ expected: Expectation) {
    let found = Self.moments(expected.initializer.tensor([300, 200], seed: 1, name: "w"))
    #expect(abs(found.mean - expected.mean) < 0.02 * expected.variance.squareRoot())
    #expect(abs(found.variance / expected.variance - 1) < 0.02)
  }

  @Test func constants() {
    #expect(Initializer.zeros.tensor([2], seed: 1, name: "b") == Tensor(vector: [Float(0), 0]))
    #expect(Initializer.constant(3).tensor([1], seed: 1, name: "b") == Tensor(vector: [Float(3)]))
  }

  @Test func truncatedNormalStaysWithinTwoDeviations() {
    let numbers = Initializer.truncatedNormal(mean: 1, deviation: 0.5)
      .tensor([10_000], seed: 4, name: "w").elements(of: Float.self)
    #expect(numbers.allSatisfy { abs($0 - 1) <= 1.0001 })
  }

  @Test func seedAndNameDecideTheNumbers() {
    let first = Initializer.heNormal.tensor([5, 4], seed: 1, name: "a/weight")
    #expect(first == Initializer.heNormal.tensor([5, 4], seed: 1, name: "a/weight"))
    #expect(first != Initializer.heNormal.tensor([5, 4], seed: 2, name: "a/weight"))
    #expect(first != Initializer.heNormal.tensor([5, 4], seed: 1, name: "b/weight"))
  }

  @Test func convolutionFansCountTheKernel() {
    let fans = VarianceScaling.fans(of: [16, 6, 5, 5])
    #expect(fans.input == 150)
    #expect(fans.output == 400)
  }

  @Test(arguments: [Shape([4, 7]), [7, 4], [5, 5], [6, 2, 2, 2]])
  func orthogonalRowsOrColumnsAreOrthonormal(_ shape: Shape) {
    let numbers = Initializer.orthogonal(gain: 2).tensor(shape, seed: 3, name: "w")
      .elements(of: Float.self).map { Double($0) / 2 }
    let (rows, columns) = (shape[0], shape.elementCount / shape[0])
    let byRow = rows <= columns
    let count = min(rows, columns)
    func element(_ vector: Int, _ index: Int) -> Double {
      byRow ? numbers[vector * columns + index] : numbers[index * columns + vector]
    }
    for a in 0..<count {
      for b in 0..<count {
        let dot = (0..<max(rows, columns)).reduce(0.0) { $0 + element(a, $1) * element(b, $1) }
        #expect(abs(dot - (a == b ? 1 : 0)) < 1e-6)
      }
    }
  }

  /// The variance of the signal after 20 layers of 256 units, relative to that of the input.
  private static func growth(
    _ activation: Activation,
    _ initializer: Initializer
  ) throws -> Double {
    var context = LayerContext(mode: .inference, seed: 6)
    let x = try context.graph.placeholder("x", .float32, [100, 256])
    var signal = x
    for index in 0..<20 {
      signal = try Dense(
        "layer\(index)",
        256,
        activation: activation,
        weightInitializer: initializer
      )(
        signal,
        in: &context
      )
    }
    let session = try Session(context.graph)
    let input = Initializer.normal(deviation: 1).tensor([100, 256], seed: 8, name: "x")
    let output = try session.run([signal], feeds: [x: input])[0]
    // Rectified signals are not centred, so their power counts.
    let numbers = output.elements(of: Float.self).map(Double.init)
    return numbers.reduce(0) { $0 + $1 * $1 } / Double(numbers.count)
  }

  @Test func signalsKeepTheirPowerThroughTwentyLayers() throws {
    let relu = try Self.growth(.relu, .heNormal)
    #expect((0.5...2).contains(relu), "ReLU with He: \(relu)")
    let selu = try Self.growth(.selu, .leCunNormal)
    #expect((0.5...2).contains(selu), "SELU with LeCun: \(selu)")
    let linear = try Self.growth(.identity, .glorotNormal)
    #expect((0.5...2).contains(linear), "linear with Glorot: \(linear)")
  }

  @Test func standardNormalWeightsExplodeAndSmallOnesVanish() throws {
    #expect(try Self.growth(.relu, .normal(deviation: 1)) > 1e20)
    #expect(try Self.growth(.relu, .normal(deviation: 0.01)) < 1e-20)
  }

  @Test func identityGatesAreIdentitiesBelowEachOther() {
    let weights = Initializer.identityGates.tensor([1, 4, 2], seed: 1, name: "r")
    #expect(weights.elements(of: Float.self) == [1, 0, 0, 1, 1, 0, 0, 1])
  }
}

import Engine
import GraphIR
import NN
import TestSupport
import Tensors
import Testing

@Suite struct LayerTests {
  @Test func dense() throws {
    try checkLayer(input: [4], output: [3], parameterCount: 4 * 3 + 3) {
      try Dense("dense", 3, activation: .tanh)($0, in: &$1)
    }
  }

  @Test func denseOverASequence() throws {
    try checkLayer(input: [2, 4], output: [2, 3], parameterCount: 4 * 3 + 3) {
      try Dense("dense", 3)($0, in: &$1)
    }
  }

  @Test func denseWithoutBias() throws {
    try checkLayer(input: [4], output: [3], parameterCount: 4 * 3) {
      try Dense("dense", 3, hasBias: false)($0, in: &$1)
    }
  }

  @Test func convolution() throws {
    try checkLayer(input: [2, 5, 6], output: [3, 5, 6], parameterCount: 3 * 2 * 9 + 3) {
      try Conv2D("conv", filters: 3, kernel: 3, padding: 1, activation: .elu())($0, in: &$1)
    }
  }

  @Test func stridedGroupedConvolution() throws {
    try checkLayer(input: [4, 5, 5], output: [2, 2, 2], parameterCount: 2 * 2 * 4) {
      try Conv2D("conv", filters: 2, kernel: 2, stride: 2, groups: 2, hasBias: false)($0, in: &$1)
    }
  }

  @Test func pools() throws {
    try checkLayer(input: [2, 4, 6], output: [2, 2, 3], parameterCount: 0) {
      try MaxPool2D(2)($0, in: &$1)
    }
    try checkLayer(input: [2, 4, 6], output: [2, 2, 3], parameterCount: 0) {
      try AveragePool2D(3, stride: 2, padding: 1)($0, in: &$1)
    }
    try checkLayer(input: [2, 4, 6], output: [2], parameterCount: 0) {
      try GlobalAveragePool()($0, in: &$1)
    }
  }

  @Test func flatten() throws {
    try checkLayer(input: [2, 3, 4], output: [24], parameterCount: 0) {
      try Flatten()($0, in: &$1)
    }
  }

  @Test func batchNormalisation() throws {
    try checkLayer(input: [3], output: [3], parameterCount: 6) {
      try BatchNorm("norm")($0, in: &$1)
    }
    try checkLayer(input: [3, 2, 2], output: [3, 2, 2], parameterCount: 6) {
      try BatchNorm("norm")($0, in: &$1)
    }
  }

  @Test func dropout() throws {
    try checkLayer(input: [3], output: [3], parameterCount: 0) { try Dropout(0.5)($0, in: &$1) }
  }

  @Test(arguments: [
    Activation.identity, .relu, .leakyRelu(), .elu(), .selu, .gelu, .swish, .mish, .softplus,
    .sigmoid, .tanh, .softmax, .logSoftmax,
  ])
  func activation(_ activation: Activation) throws {
    try checkLayer(input: [5], output: [5], parameterCount: 0) { try activation($0, in: &$1) }
  }

  @Test func denseMultipliesRowsByItsWeightAsInByOut() throws {
    var context = LayerContext(mode: .inference)
    let x = try context.graph.placeholder("x", .float32, ["N", 2])
    let y = try Dense("dense", 3)(x, in: &context)
    let weight = try #require(context.graph.value(named: "dense/weight"))
    let bias = try #require(context.graph.value(named: "dense/bias"))
    try context.graph.setInitialValue(
      of: weight,
      to: Tensor([Float(1), 2, 3, 10, 20, 30], [2, 3])
    )
    try context.graph.setInitialValue(of: bias, to: Tensor(vector: [Float(0.5), 0, 0]))
    var interpreter = ReferenceInterpreter(context.graph)
    let result = try interpreter.run([y], feeds: [x: Tensor([Float(1), 1], [1, 2])])
    #expect(result[0].elements(of: Float.self) == [11.5, 22, 33])
  }

  @Test func bothModesMakeTheSameVariables() throws {
    func build(_ mode: BuildMode) throws -> [String: Tensor] {
      var context = LayerContext(mode: mode, seed: 9)
      var x = try context.graph.placeholder("x", .float32, ["N", 1, 8, 8])
      x = try Conv2D("conv", filters: 4, kernel: 3)(x, in: &context)
      x = try BatchNorm("norm")(x, in: &context)
      x = try Dropout(0.3)(Flatten()(x, in: &context), in: &context)
      _ = try Dense("out", 2)(x, in: &context)
      return Dictionary(
        uniqueKeysWithValues: context.graph.variables.map { id -> (String, Tensor) in
          guard case .variable(let initial, _) = context.graph[id].source else {
            return ("", Tensor(scalar: Float(0)))
          }
          return (context.graph[id].name, initial)
        }
      )
    }
    let training = try build(.training)
    #expect(try build(.inference) == training)
    #expect(
      training.keys.sorted() == [
        "conv/bias", "conv/weight", "norm/bias", "norm/moving_mean", "norm/moving_variance",
        "norm/scale", "out/bias", "out/weight",
      ]
    )
  }

  @Test func batchNormalisationMovesItsStatistics() throws {
    var context = LayerContext(mode: .training)
    let x = try context.graph.placeholder("x", .float32, ["N", 1])
    let y = try BatchNorm("norm", momentum: 0.75)(x, in: &context)
    let mean = try #require(context.graph.value(named: "norm/moving_mean"))
    let variance = try #require(context.graph.value(named: "norm/moving_variance"))
    let session = try Session(context.graph)
    // Mean 4 and biased variance 4 of the batch.
    _ = try session.run(
      [y],
      feeds: [x: Tensor([Float(2), 6], [2, 1])],
      targets: context.updates
    )
    #expect(try session.value(of: mean).elements(of: Float.self) == [1])
    #expect(try session.value(of: variance).elements(of: Float.self) == [1.75])
  }

  @Test func onlyWeightsDecay() throws {
    var context = LayerContext(mode: .training)
    let x = try context.graph.placeholder("x", .float32, ["N", 2])
    _ = try BatchNorm("norm")(Dense("dense", 3)(x, in: &context), in: &context)
    #expect(context.decayedVariables.map { context.graph[$0].name } == ["dense/weight"])
  }

  @Test func anUnknownInputSizeIsNamed() throws {
    var context = LayerContext(mode: .inference)
    let x = try context.graph.placeholder("pixels", .float32, ["N", "M"])
    #expect {
      try Dense("hidden", 3)(x, in: &context)
    } throws: { "\($0)".contains("hidden/weight") && "\($0)".contains("pixels") }
  }

  @Test func aDropoutRateOfOneIsRefused() throws {
    var context = LayerContext(mode: .training)
    let x = try context.graph.placeholder("x", .float32, ["N", 2])
    #expect(throws: GraphError.self) { try Dropout(1)(x, in: &context) }
  }
}

import Datasets
import GraphIR
import NN
import Tensors

@testable import Training

/// Graphs as they come from files, small enough to train in milliseconds.
enum SmallModels {
  /// Ours: x [N, 1, 6, 6], two convolutions (the second with batch normalisation), two dense layers, outputs logits and probabilities.
  static func convolutional(classCount: Int = 3, seed: UInt64 = 3) throws -> Graph {
    var context = LayerContext(mode: .inference, seed: seed)
    let x = try context.graph.placeholder("input", .float32, ["N", 1, 6, 6])
    var y = try Conv2D("conv1", filters: 3, kernel: 3, padding: 1, activation: .relu)(
      x,
      in: &context
    )
    y = try Conv2D("conv2", filters: 4, kernel: 3, hasBias: false)(y, in: &context)
    y = try BatchNorm("norm2")(y, in: &context)
    y = try Activation.relu(y, in: &context)
    y = try MaxPool2D(2)(y, in: &context)
    y = try Flatten()(y, in: &context)
    y = try Dense("dense1", 8, activation: .relu)(y, in: &context)
    let logits = try Dense("outputs", classCount)(y, in: &context)
    try context.graph.rename(logits, to: "logits")
    let probabilities = try Activation.softmax(logits, in: &context)
    try context.graph.rename(probabilities, to: "probabilities")
    context.graph.outputs = [logits, probabilities]
    return context.graph
  }

  /// Somebody else's, in the manner of mnist-8.onnx: a batch of 1 in input and reshapes, weights [4, 3, 3, K] reshaped for a MatMul, biases
  /// added.
  static func foreign(classCount: Int = 3) throws -> Graph {
    var graph = Graph()
    func weights(_ name: String, _ shape: Shape) throws -> ValueID {
      try graph.variable(name, Initializer.glorotUniform.tensor(shape, seed: 5, name: name))
    }
    let x = try graph.placeholder("Input3", .float32, [1, 1, 6, 6])
    let flatSize = try graph.constant(
      Tensor(vector: [36, Int64(classCount)]),
      name: "weight_shape"
    )
    let dense = try graph.apply1(
      "Reshape",
      [weights("Parameter193", [4, 3, 3, classCount]), flatSize],
      name: "Times212_reshape1"
    )
    let convolved = try graph.apply1(
      "Conv",
      [x, weights("Parameter5", [4, 1, 3, 3])],
      ["pads": .ints([1, 1, 1, 1])],
      name: "Convolution28"
    )
    let biased = try graph.apply1("Add", [convolved, weights("Parameter6", [4, 1, 1])])
    let pooled = try graph.apply1(
      "MaxPool",
      [graph.apply1("Relu", [biased])],
      ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]
    )
    let target = try graph.constant(Tensor(vector: [1, 36] as [Int64]), name: "flat_shape")
    let flat = try graph.apply1("Reshape", [pooled, target], name: "Times212_reshape0")
    let product = try graph.apply1("MatMul", [flat, dense], name: "Times212")
    let logits = try graph.apply1(
      "Add",
      [product, weights("Parameter194", [1, classCount])],
      name: "Plus214"
    )
    graph.outputs = [logits]
    return graph
  }

  /// x [N, 4] through one hidden layer to K numbers, named as PyTorch names them; with a Dropout node.
  static func dense(outputs: Int, tail: OperatorName? = nil) throws -> Graph {
    var graph = Graph()
    func weights(_ name: String, _ shape: Shape) throws -> ValueID {
      try graph.variable(name, Initializer.glorotUniform.tensor(shape, seed: 7, name: name))
    }
    let x = try graph.placeholder("x", .float32, ["batch", 4])
    let transposed: [String: Attribute] = ["transB": .int(1)]
    var y = try graph.apply1(
      "Gemm",
      [x, weights("net.0.weight", [6, 4]), weights("net.0.bias", [6])],
      transposed
    )
    y = try graph.apply1("Tanh", [y])
    y = try graph.apply1("Dropout", [y, graph.constant(Tensor(scalar: Float(0.5)))])
    y = try graph.apply1(
      "Gemm",
      [y, weights("net.3.weight", [outputs, 6]), weights("net.3.bias", [outputs])],
      transposed,
      name: "last"
    )
    if let tail { y = try graph.apply1(tail, [y], name: "tail") }
    graph.outputs = [y]
    return graph
  }

  /// Pictures [1, 6, 6] of noise whose brightest row tells the class.
  static func pictures(_ count: Int, classCount: Int = 3, seed: UInt64 = 1) -> Dataset {
    var random = Philox(seed: seed)
    var pixels: [Float] = []
    var labels: [Int64] = []
    for index in 0..<count {
      let label = index % classCount
      labels.append(Int64(label))
      for place in 0..<36 {
        pixels.append(random.uniform() * 0.5 + (place / 6 == label ? 1 : 0))
      }
    }
    return Dataset(features: Tensor(pixels, [count, 1, 6, 6]), labels: Tensor(vector: labels))
  }

  /// Rows of four numbers with targets computed from them.
  static func rows(
    _ count: Int,
    width: Int,
    seed: UInt64 = 1,
    _ target: ([Float]) -> [Float]
  ) -> Dataset {
    var random = Philox(seed: seed)
    var features: [Float] = []
    var targets: [Float] = []
    for _ in 0..<count {
      let row = (0..<4).map { _ in random.uniform() * 2 - 1 }
      features += row
      targets += target(row)
    }
    return Dataset(
      features: Tensor(features, [count, 4]),
      labels: Tensor(targets, [count, width])
    )
  }
}

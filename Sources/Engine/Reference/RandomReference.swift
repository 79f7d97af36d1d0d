import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  static let randomGenerators: [OperatorName: ReferenceFunction] = [
    "RandomUniform": { call in
      let shape = try call.shape(try call.node.ints("shape") ?? [])
      return [try uniform(call, shape, try call.node.optionalDType("dtype") ?? .float32)]
    },
    "RandomUniformLike": { call in
      let x = try call.input(0)
      return [try uniform(call, x.shape, try call.node.optionalDType("dtype") ?? x.dtype)]
    },
    "RandomNormal": { call in
      let shape = try call.shape(try call.node.ints("shape") ?? [])
      return [try normal(call, shape, try call.node.optionalDType("dtype") ?? .float32)]
    },
    "RandomNormalLike": { call in
      let x = try call.input(0)
      return [try normal(call, x.shape, try call.node.optionalDType("dtype") ?? x.dtype)]
    },
    "Bernoulli": { call in
      let x = try call.input(0)
      var words = call.words
      let drawn = x.doubles.map { Double(words.uniform()) < $0 ? 1.0 : 0 }
      return [Double.store(drawn, as: try call.node.optionalDType("dtype") ?? x.dtype, x.shape)]
    },
  ]

  /// Element i = low + (high - low) u, u the top 24 bits of word i as a fraction.
  private static func uniform(
    _ call: ReferenceCall,
    _ shape: Shape,
    _ dtype: DType
  ) throws -> Tensor {
    let low = Double(try call.node.float("low", default: 0))
    let high = Double(try call.node.float("high", default: 1))
    var words = call.words
    let elements = (0..<shape.elementCount).map { _ in low + (high - low) * Double(words.uniform())
    }
    return Double.store(elements, as: dtype, shape)
  }

  /// Element i = mean + scale sqrt(-2 log u) cos(2 pi v): Box and Muller's transform of words 2i and 2i + 1.
  ///
  /// u is in (0, 1], one step of 2^-24 above the uniform numbers, because log 0 is infinite; v in [0, 1).
  private static func normal(
    _ call: ReferenceCall,
    _ shape: Shape,
    _ dtype: DType
  ) throws -> Tensor {
    let mean = Double(try call.node.float("mean", default: 0))
    let scale = Double(try call.node.float("scale", default: 1))
    var words = call.words
    let elements = (0..<shape.elementCount).map { _ -> Double in
      let radius = (-2 * log(Double(words.uniform()) + 0x1p-24)).squareRoot()
      return mean + scale * radius * cos(2 * Double.pi * Double(words.uniform()))
    }
    return Double.store(elements, as: dtype, shape)
  }
}

extension ReferenceCall {
  /// The random words of this node in this run, from the first.
  var words: Philox { Philox(seed: random.seed, stream: random.stream(node: nodeIndex)) }
}

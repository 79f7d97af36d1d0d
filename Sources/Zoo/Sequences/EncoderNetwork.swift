package import GraphIR
package import NN
import Tensors

/// What an encoder makes of a source.
package struct EncodedSource: Sendable {
  /// What the decoder's layers start from, from the bottom.
  package var states: [RecurrentState]
  /// The source step by step, [N, S, A]: what attention looks at.
  package var memory: ValueID
  /// 1 where a step of the memory counts, [N, S]; all do when `nil`.
  package var mask: ValueID?

  package init(states: [RecurrentState], memory: ValueID, mask: ValueID? = nil) {
    self.states = states
    self.memory = memory
    self.mask = mask
  }
}

/// The first half of an encoder-decoder network.
package protocol EncoderNetwork: Sendable {
  /// Whether steps of the memory may be padding.
  var hasMask: Bool { get }
  /// A, numbers of each step of the memory.
  var memorySize: Int { get }

  /// Adds the placeholders of a source, in the order of a batch's columns.
  func inputs(in context: inout LayerContext) throws(GraphError) -> [ValueID]

  /// Adds the encoder for a decoder with these layers.
  func encode(
    _ inputs: [ValueID],
    for stack: RecurrentStack,
    in context: inout LayerContext
  ) throws(GraphError) -> EncodedSource
}

/// Reads a sentence: embedding and the same recurrent layers as the decoder has; the decoder starts from their last states.
///
/// `source` int64 [N, S], `source_lengths` int32 [N]; memory: what the top layer gives, [N, S, H].
package struct TextEncoder: EncoderNetwork {
  package var tokenCount: Int
  package var embeddingSize: Int
  package var units: Int
  package var dropout: Float
  package let hasMask = true
  package var memorySize: Int { units }

  package init(tokenCount: Int, embeddingSize: Int, units: Int, dropout: Float) {
    self.tokenCount = tokenCount
    self.embeddingSize = embeddingSize
    self.units = units
    self.dropout = dropout
  }

  package func inputs(in context: inout LayerContext) throws(GraphError) -> [ValueID] {
    [
      try context.graph.placeholder("source", .int64, [.symbol("N"), .symbol("S")]),
      try context.graph.placeholder("source_lengths", .int32, [.symbol("N")]),
    ]
  }

  package func encode(
    _ inputs: [ValueID],
    for stack: RecurrentStack,
    in context: inout LayerContext
  ) throws(GraphError) -> EncodedSource {
    try context.scoped("encoder") { (context: inout LayerContext) throws(GraphError) in
      let embedding = Embedding("embedding", count: tokenCount, size: embeddingSize)
      let x = try embedding(inputs[0], in: &context)
      let output = try stack(
        SequenceDropout(dropout)(x, in: &context),
        lengths: inputs[1],
        in: &context
      )
      return EncodedSource(
        states: output.states,
        memory: output.steps,
        mask: try SequenceMask()(inputs[1], like: inputs[0], in: &context)
      )
    }
  }
}

/// Looks at a picture: convolutions with batch normalisation, each halving the picture; their last grid is the memory.
///
/// `image` float32 [N, C, H, W]; memory [N, S, F] with the S places of the grid as steps and its F filters as numbers. Each layer of the
/// decoder starts from tanh(mean W + b) of the grid's mean.
package struct ImageEncoder: EncoderNetwork {
  /// C, H, W.
  package var imageSizes: [Int]
  /// Filters of the convolutions, 3x3; each is followed by a 2x2 max pooling.
  package var filters: [Int]
  package var dropout: Float
  package let hasMask = false
  package var memorySize: Int { filters.last ?? 0 }

  package init(imageSizes: [Int], filters: [Int], dropout: Float) {
    self.imageSizes = imageSizes
    self.filters = filters
    self.dropout = dropout
  }

  package func inputs(in context: inout LayerContext) throws(GraphError) -> [ValueID] {
    let sizes = imageSizes.map(Dimension.known)
    return [
      try context.graph.placeholder("image", .float32, PartialShape([.symbol("N")] + sizes))
    ]
  }

  package func encode(
    _ inputs: [ValueID],
    for stack: RecurrentStack,
    in context: inout LayerContext
  ) throws(GraphError) -> EncodedSource {
    try context.scoped("encoder") { (context: inout LayerContext) throws(GraphError) in
      var y = inputs[0]
      for (index, count) in filters.enumerated() {
        y = try Conv2D(
          "conv\(index + 1)",
          filters: count,
          kernel: 3,
          padding: 1,
          hasBias: false,
          weightInitializer: .heNormal
        )(y, in: &context)
        y = try BatchNorm("norm\(index + 1)")(y, in: &context)
        y = try Activation.relu(y, in: &context)
        y = try MaxPool2D(2)(y, in: &context)
      }
      let places = try context.apply("Reshape", y, context.vector([0, memorySize, -1]))
      let grid = try context.apply("Transpose", places, attributes: ["perm": .ints([0, 2, 1])])
      let memory = try SequenceDropout(dropout)(grid, in: &context)
      let mean = try TimePooling.mean(memory, in: &context)
      let units = stack.layer.units
      var states: [RecurrentState] = []
      for layer in 0..<stack.depth {
        let hidden = try Dense("hidden\(layer)", units, activation: .tanh)(mean, in: &context)
        var cell: ValueID?
        if stack.layer.cell == .lstm {
          cell = try Dense("cell\(layer)", units, activation: .tanh)(mean, in: &context)
        }
        states.append(RecurrentState(hidden: hidden, cell: cell))
      }
      return EncodedSource(states: states, memory: memory)
    }
  }
}

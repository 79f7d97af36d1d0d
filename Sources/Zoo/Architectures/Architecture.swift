package import GraphIR
package import NN

/// A network from examples to logits.
package protocol Architecture: Sendable {
  /// Sizes of one example: [784] for a row of pixels, [C, H, W] for a picture.
  var inputSizes: [Int] { get }
  /// Number of logits.
  var classCount: Int { get }

  /// Adds the network: x [N, inputSizes...] to logits [N, classCount].
  func logits(
    of x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID
}

package import Tensors

/// What a lane runs: the seam between the service and the engine.
///
/// Used by one thread at a time.
package protocol InferenceModel: AnyObject {
  var signature: ModelSignature { get }

  /// Makes ready to run inputs of these shapes, in the order of the signature.
  ///
  /// - Throws: What the engine says about shapes that do not fit.
  func prepare(_ inputShapes: [Shape]) throws -> any PreparedInference
}

/// A model bound to concrete input shapes: write the inputs in place, `execute`, read the outputs in place.
package protocol PreparedInference: AnyObject {
  /// Where the input of that position is written, row-major, before `execute`.
  func input(_ index: Int) -> UnsafeMutableRawBufferPointer

  /// Shapes of the outputs in the order of the signature, valid after `execute`.
  var outputShapes: [Shape] { get }

  /// The output of that position, valid after `execute` until anything else of the model runs.
  func output(_ index: Int) -> UnsafeRawBufferPointer

  func execute() throws
}

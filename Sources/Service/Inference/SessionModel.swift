package import Engine
import GraphIR
package import Tensors

/// Runs a graph's signature in an engine session.
package final class SessionModel: InferenceModel {
  package let signature: ModelSignature
  private let session: Session
  private let inputs: [ValueID]
  private let outputs: [ValueID]

  /// - Parameter signature: Fields in the order of the session's `graph.inputs` and `graph.outputs`.
  package init(_ session: Session, signature: ModelSignature) {
    self.session = session
    self.signature = signature
    inputs = session.graph.inputs
    outputs = session.graph.outputs
  }

  package func prepare(_ inputShapes: [Shape]) throws -> any PreparedInference {
    let shapes = Dictionary(uniqueKeysWithValues: zip(inputs, inputShapes))
    return SessionInference(try session.prepare(outputs, inputShapes: shapes), inputs: inputs)
  }
}

private final class SessionInference: PreparedInference {
  private let run: PreparedRun
  private let inputs: [ValueID]

  init(_ run: PreparedRun, inputs: [ValueID]) {
    self.run = run
    self.inputs = inputs
  }

  func input(_ index: Int) -> UnsafeMutableRawBufferPointer { run.input(inputs[index]) }
  var outputShapes: [Shape] { run.outputShapes }
  func output(_ index: Int) -> UnsafeRawBufferPointer { run.output(index) }
  func execute() throws { try run.execute() }
}

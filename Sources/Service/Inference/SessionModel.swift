package import Engine
import GraphIR
package import Tensors

/// Runs a graph's signature in an engine session.
package final class SessionModel: InferenceModel {
  package let signature: ModelSignature
  private let session: Session
  private let inputs: [ValueID]
  private let outputs: [ValueID]

  /// - Parameters:
  ///   - session: Nobody else may use it.
  ///   - signature: Fields in the order of the session's `graph.inputs` and `graph.outputs`.
  package init(_ session: Session, signature: ModelSignature) {
    self.session = session
    self.signature = signature
    inputs = session.graph.inputs
    outputs = session.graph.outputs
  }

  package func prepare(_ inputShapes: [Shape]) throws -> any PreparedInference {
    let shapes = Dictionary(uniqueKeysWithValues: zip(inputs, inputShapes))
    do {
      return CompiledInference(try session.prepare(outputs, inputShapes: shapes), inputs: inputs)
    } catch EngineError.dynamicShape {
      return UncompiledInference(session, shapes: inputShapes)
    }
  }
}

/// A compiled plan.
private final class CompiledInference: PreparedInference {
  let outputShapes: [Shape]
  private let run: PreparedRun
  private let inputs: [UnsafeMutableRawBufferPointer]

  init(_ run: PreparedRun, inputs: [ValueID]) {
    self.run = run
    self.inputs = inputs.map { run.input($0) }
    outputShapes = run.outputShapes
  }

  func input(_ index: Int) -> UnsafeMutableRawBufferPointer { inputs[index] }
  func output(_ index: Int) -> UnsafeRawBufferPointer { run.output(index) }
  func execute() throws { try run.execute() }
}

/// A graph whose shapes depend on its data: planned anew by every run.
private final class UncompiledInference: PreparedInference {
  private let session: Session
  private let shapes: [Shape]
  private let buffers: [UnsafeMutableRawBufferPointer]
  private var results: [Tensor] = []
  private var resultBuffers: [UnsafeMutableRawBufferPointer] = []

  init(_ session: Session, shapes: [Shape]) {
    self.session = session
    self.shapes = shapes
    buffers = zip(session.graph.inputs, shapes).map { id, shape in
      let byteCount = shape.elementCount * session.graph[id].type.dtype.byteCount
      return .allocate(byteCount: byteCount, alignment: 64)
    }
  }

  deinit {
    for buffer in buffers { buffer.deallocate() }
    for buffer in resultBuffers { buffer.deallocate() }
  }

  var outputShapes: [Shape] { results.map(\.shape) }
  func input(_ index: Int) -> UnsafeMutableRawBufferPointer { buffers[index] }
  func output(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(resultBuffers[index])
  }

  func execute() throws {
    var feeds: [ValueID: Tensor] = [:]
    for (index, id) in session.graph.inputs.enumerated() {
      feeds[id] = Tensor(dtype: session.graph[id].type.dtype, shapes[index]) {
        $0.copyMemory(from: UnsafeRawBufferPointer(buffers[index]))
      }
    }
    results = try session.run(session.graph.outputs, feeds: feeds)
    for buffer in resultBuffers { buffer.deallocate() }
    resultBuffers = results.map { result in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: result.byteCount, alignment: 64)
      result.withBytes { copy.copyMemory(from: $0) }
      return copy
    }
  }
}

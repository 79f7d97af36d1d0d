import GraphIR
import Tensors

/// The rows of a decoder that step together, and the place where a new stream's prompt is read.
///
/// States stay where they are from step to step: a step reads one buffer and writes the other one, which the next step reads. Rows
/// `0..<n` are those in use; whoever owns the decoder says what is in them. The plans for every `n` are compiled once.
///
/// A stream's row has the same bits whatever the other rows are, and whatever pieces its prompt was read in: the kernels promise it.
/// Used by one thread at a time.
package final class Decoder {
  /// Rows that can step together.
  package let rowCapacity: Int
  /// Scores of one row: the vocabulary's size, or 1 for a decoder of values.
  package let outputSize: Int

  let graph: DecoderGraph
  private let session: Session
  private let chunkMax: Int
  private let batch: RowMemory
  /// One row: the stream whose prompt is being read.
  private let staging: RowMemory
  /// Plans by their number of rows, for either buffer that may hold the present states.
  private var stepPlans: [[StepPlan?]]
  private var chunkPlans: [[Int: PreparedRun]] = [[:], [:]]

  private struct StepPlan {
    let run: PreparedRun
    let output: UnsafeBufferPointer<Float>
  }

  /// - Parameters:
  ///   - session: Nobody else may use it.
  ///   - format: What is what in its graph.
  ///   - rowShapes: Sizes of context and state rows that the graph leaves open, by input.
  ///   - limits: Rows and chunk size are read.
  /// - Throws: `DecodingError.notADecoder` for a graph that is none; what the engine says when it is planned for one row.
  package init(
    _ session: Session,
    _ format: DecoderFormat,
    rowShapes: [String: [Int]] = [:],
    limits: DecodingLimits = DecodingLimits()
  ) throws {
    self.session = session
    graph = try DecoderGraph(session.graph, format, rowShapes: rowShapes)
    rowCapacity = max(1, limits.rows)
    chunkMax = max(1, limits.prefillChunkTokens)
    batch = try RowMemory(graph, rows: rowCapacity, steps: 1)
    staging = try RowMemory(graph, rows: 1, steps: chunkMax)
    stepPlans = [[StepPlan?]](
      repeating: [StepPlan?](repeating: nil, count: rowCapacity + 1),
      count: 2
    )
    let run = try Self.makeStep(session, graph, batch, rows: 1)
    outputSize = run.output.count
    stepPlans[0][1] = run
    guard outputSize > 0, graph.kind == .tokens || outputSize == 1 else {
      throw DecodingError.notADecoder("output '\(format.output)' has \(outputSize) numbers a step")
    }
    let sizes = zip(run.run.outputShapes.dropFirst(), graph.states)
    for (given, state) in sizes
    where given.elementCount * MemoryLayout<Float>.size != state.rowByteCount {
      throw DecodingError.notADecoder(
        "state '\(state.name)' has rows of sizes \(state.rowShape), its output has shape \(given)"
      )
    }
  }

  // MARK: - Reading a prompt

  /// Begins a stream: its states are zeros, or what the encoder made, and so are its contexts.
  ///
  /// - Throws: `DecodingError.source` for a tensor with another number of bytes than a row has.
  func begin(_ source: [String: Tensor]) throws(DecodingError) {
    for (index, input) in graph.states.enumerated() {
      try fill(staging.states[staging.present][index], input, source[input.name])
    }
    for (index, input) in graph.contexts.enumerated() {
      guard source[input.name] != nil else {
        throw .notADecoder("nothing gives context '\(input.name)'")
      }
      try fill(staging.contexts[index], input, source[input.name])
    }
  }

  private func fill(
    _ buffer: RowBuffer,
    _ input: DecoderGraph.RowInput,
    _ tensor: Tensor?
  ) throws(DecodingError) {
    guard let tensor else {
      buffer.zeroRow(0)
      return
    }
    guard tensor.dtype == input.dtype, tensor.byteCount == input.rowByteCount else {
      throw .source(
        name: input.name,
        expected: "[1] and \(input.dtype)\(Shape(input.rowShape))",
        given: tensor.shape
      )
    }
    tensor.withBytes { buffer.row(0).copyMemory(from: $0) }
  }

  /// Tokens of a prompt that the next `read` takes: a power of two, so that few plans serve all lengths.
  func chunk(of remaining: Int) -> Int {
    var size = 1
    while size * 2 <= min(remaining, chunkMax) { size *= 2 }
    return min(size, remaining)
  }

  /// Reads the next tokens of the prompt of the stream that was begun.
  ///
  /// - Throws: What the engine says.
  func read(tokens: ArraySlice<Int>) throws {
    let input = staging.input.bindMemory(to: Int64.self, capacity: chunkMax)
    for (index, token) in tokens.enumerated() { input[index] = Int64(token) }
    try readChunk(tokens.count)
  }

  /// Reads the next values of the prompt of the stream that was begun.
  ///
  /// - Throws: What the engine says.
  func read(values: ArraySlice<Float>) throws {
    let input = staging.input.bindMemory(to: Float.self, capacity: chunkMax)
    for (index, value) in values.enumerated() { input[index] = value }
    try readChunk(values.count)
  }

  /// Only states are computed: the logits of a prompt's tokens are asked for by nobody.
  private func readChunk(_ count: Int) throws {
    // A decoder without states remembers nothing of what it reads.
    guard count > 0, !graph.states.isEmpty else { return }
    let present = staging.present
    let run: PreparedRun
    if let known = chunkPlans[present][count] {
      run = known
    } else {
      run = try Self.prepare(session, graph, staging, rows: 1, steps: count, graph.newStates)
      chunkPlans[present][count] = run
    }
    try run.execute()
    staging.present = 1 - present
  }

  /// Gives the stream that was begun a row.
  func admit(to row: Int) {
    for index in graph.states.indices {
      let target = batch.states[batch.present][index]
      target.copyRow(0, of: staging.states[staging.present][index], to: row)
    }
    for index in graph.contexts.indices {
      batch.contexts[index].copyRow(0, of: staging.contexts[index], to: row)
    }
  }

  // MARK: - Rows

  /// What the row reads in the next step.
  func setToken(_ token: Int, row: Int) {
    batch.input.storeBytes(of: Int64(token), toByteOffset: row * 8, as: Int64.self)
  }

  /// What the row reads in the next step.
  func setValue(_ value: Float, row: Int) {
    batch.input.storeBytes(of: value, toByteOffset: row * 4, as: Float.self)
  }

  /// Moves everything of a row to another one.
  func move(row: Int, to target: Int) {
    for buffer in batch.states[batch.present] { buffer.copyRow(row, of: buffer, to: target) }
    for buffer in batch.contexts { buffer.copyRow(row, of: buffer, to: target) }
    batch.inputRows.copyRow(row, of: batch.inputRows, to: target)
  }

  /// Gives rows the states of others, all at once: a row may be another one's source and have one itself.
  func gatherStates(_ changes: [(row: Int, source: Int)]) {
    for index in graph.states.indices {
      let present = batch.states[batch.present][index]
      // The other buffer is free between two steps.
      let spare = batch.states[1 - batch.present][index]
      for change in changes { spare.copyRow(change.source, of: present, to: change.row) }
      for change in changes { present.copyRow(change.row, of: spare, to: change.row) }
    }
  }

  // MARK: - Steps

  /// Runs one step of rows `0..<rows`.
  ///
  /// - Returns: `rows` times `outputSize` logits or values, valid until anything else of the decoder runs.
  /// - Throws: What the engine says.
  /// - Precondition: `rows` is 1 to `rowCapacity`.
  func step(rows: Int) throws -> UnsafeBufferPointer<Float> {
    let present = batch.present
    let plan: StepPlan
    if let known = stepPlans[present][rows] {
      plan = known
    } else {
      plan = try Self.makeStep(session, graph, batch, rows: rows)
      stepPlans[present][rows] = plan
    }
    try plan.run.execute()
    batch.present = 1 - present
    return plan.output
  }

  private static func makeStep(
    _ session: Session,
    _ graph: DecoderGraph,
    _ memory: RowMemory,
    rows: Int
  ) throws -> StepPlan {
    let fetches = [graph.output] + graph.newStates
    let run = try prepare(session, graph, memory, rows: rows, steps: 1, fetches)
    return StepPlan(run: run, output: run.output(0).bindMemory(to: Float.self))
  }

  private static func prepare(
    _ session: Session,
    _ graph: DecoderGraph,
    _ memory: RowMemory,
    rows: Int,
    steps: Int,
    _ fetches: [ValueID]
  ) throws -> PreparedRun {
    var shapes = [graph.input: Shape(graph.kind == .tokens ? [rows, steps] : [rows, steps, 1])]
    var buffers = [graph.input: memory.input]
    for (index, input) in graph.states.enumerated() {
      shapes[input.id] = Shape([rows] + input.rowShape)
      buffers[input.id] = memory.states[memory.present][index].base
      buffers[graph.newStates[index]] = memory.states[1 - memory.present][index].base
    }
    for (index, input) in graph.contexts.enumerated() {
      shapes[input.id] = Shape([rows] + input.rowShape)
      buffers[input.id] = memory.contexts[index].base
    }
    return try session.prepare(fetches, inputShapes: shapes, buffers: buffers)
  }
}

/// What rows read and keep between steps.
private final class RowMemory {
  /// Two buffers for each state: `present` holds it now, a step writes the other one.
  let states: [[RowBuffer]]
  var present = 0
  let contexts: [RowBuffer]
  /// The next tokens or values.
  let inputRows: RowBuffer

  var input: UnsafeMutableRawPointer { inputRows.base }

  init(_ graph: DecoderGraph, rows: Int, steps: Int) throws(EngineError) {
    func buffers(_ inputs: [DecoderGraph.RowInput]) throws(EngineError) -> [RowBuffer] {
      var buffers: [RowBuffer] = []
      for input in inputs {
        buffers.append(try RowBuffer(rows: rows, rowByteCount: input.rowByteCount))
      }
      return buffers
    }
    states = [try buffers(graph.states), try buffers(graph.states)]
    contexts = try buffers(graph.contexts)
    inputRows = try RowBuffer(rows: rows, rowByteCount: steps * (graph.kind == .tokens ? 8 : 4))
  }
}

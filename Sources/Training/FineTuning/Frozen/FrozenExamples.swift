import Engine
import GraphIR
import Tensors

/// Examples whose inputs are the values that a frozen prefix made of them, computed once; the label's column is last.
struct FrozenExamples: ExampleSource {
  let count: Int
  let columns: [ExampleColumn]
  /// Bytes of all values together.
  let byteCount: Int
  /// For each frozen value its rows, `chunkSize` in each tensor.
  private let chunks: [[Tensor]]
  private let chunkSize: Int
  private let base: any ExampleSource

  /// Computes the frontier of every example, batch by batch.
  ///
  /// - Parameters:
  ///   - frontier: names of values of `network`.
  ///   - network: in inference mode, with the frozen weights.
  ///   - examples: column 0 is the network's input, column 1 the label.
  ///   - byteCountMax: of all values together.
  ///   - batchSize: examples computed at once.
  ///   - options: threads and hooks.
  ///   - control: asked between two batches whether to stop.
  /// - Throws: `FrozenPrefix.Absent` where values would take more or have no row for each example; `TrainingError.stopped`.
  init(
    _ frontier: [String],
    of network: Graph,
    _ examples: any ExampleSource,
    byteCountMax: Int,
    batchSize: Int,
    options: SessionOptions,
    control: TrainingControl
  ) throws {
    let values = try frontier.map { name in
      guard let value = network.value(named: name) else { throw GraphError.unknownValue(name) }
      return value
    }
    let session = try Session(network, options: options)
    let input = examples.columns[0]
    let rows = try Self.rowShapes(of: values, session, input)
    let made = zip(values, rows).map { ExampleColumn(network[$0].type.dtype, $1) }
    byteCount = try Self.byteCount(made, examples.count)
    guard byteCount <= byteCountMax else {
      throw FrozenPrefix.Absent(
        reason: "the frozen layers' values would take \(byteCount) bytes, more than \(byteCountMax)"
      )
    }
    count = examples.count
    columns = made + [examples.columns[1]]
    var runner = BatchRunner(session: session, inputs: network.inputs, fetches: values)
    let source = ExampleBatches(InputColumn(base: examples), batchSize: batchSize, seed: nil)
    var chunks = [[Tensor]](repeating: [], count: values.count)
    for batch in source.batches(inPass: 0) {
      try control.throwIfStopped()
      options.yield?()
      let run = try runner.execute(source, batch)
      for position in chunks.indices { chunks[position].append(run.outputTensor(position)) }
    }
    self.chunks = chunks
    chunkSize = batchSize
    base = examples
  }

  func copy(
    _ indices: ArraySlice<Int>,
    column: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws {
    guard column < chunks.count else {
      return try base.copy(indices, column: 1, to: destination)
    }
    let rowByteCount = columns[column].rowShape.elementCount * columns[column].dtype.byteCount
    guard destination.count == rowByteCount * indices.count else {
      throw TrainingError.data(
        "column \(column): \(indices.count) rows of \(rowByteCount) bytes into \(destination.count)"
      )
    }
    for (position, index) in indices.enumerated() {
      let (chunk, row) = index.quotientAndRemainder(dividingBy: chunkSize)
      let target = destination[position * rowByteCount..<(position + 1) * rowByteCount]
      chunks[column][chunk].withBytes {
        UnsafeMutableRawBufferPointer(rebasing: target).copyMemory(
          from: UnsafeRawBufferPointer(
            rebasing: $0[row * rowByteCount..<(row + 1) * rowByteCount]
          )
        )
      }
    }
  }

  /// The shape of one row of each value, from the shapes of two batches of different sizes.
  private static func rowShapes(
    of values: [ValueID],
    _ session: Session,
    _ input: ExampleColumn
  ) throws -> [Shape] {
    let graph = session.graph
    var shapes: [[Shape]] = []
    for size in [2, 3] {
      let run = try session.prepare(
        values,
        inputShapes: [graph.inputs[0]: try input.batchShape(size)]
      )
      shapes.append(run.outputShapes)
    }
    return try values.indices.map { position in
      let (two, three) = (shapes[0][position].dimensions, shapes[1][position].dimensions)
      guard two.first == 2, three.first == 3, two.dropFirst() == three.dropFirst() else {
        let name = graph[values[position]].name
        throw FrozenPrefix.Absent(reason: "the frozen value \(name) has no row for each example")
      }
      return Shape(Array(two.dropFirst()))
    }
  }

  private static func byteCount(_ columns: [ExampleColumn], _ count: Int) throws -> Int {
    try columns.reduce(0) {
      $0 + (try $1.batchShape(count).elementCount) * $1.dtype.byteCount
    }
  }

  /// Only the input of examples with labels.
  private struct InputColumn: ExampleSource {
    let base: any ExampleSource
    var count: Int { base.count }
    var columns: [ExampleColumn] { [base.columns[0]] }

    func copy(
      _ indices: ArraySlice<Int>,
      column: Int,
      to destination: UnsafeMutableRawBufferPointer
    ) throws {
      try base.copy(indices, column: 0, to: destination)
    }
  }
}

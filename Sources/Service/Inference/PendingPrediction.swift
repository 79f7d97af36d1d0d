package import Tensors

/// One request to a model between parsing and answer: its rows, staged, and where the answer goes.
///
/// Objects are used again by the next request. `@unchecked Sendable`: one thread at a time has it, first
/// the event loop that parses, then whoever runs the batch; the lane's lock orders the two.
package final class PendingPrediction: @unchecked Sendable {
  /// One for each input of the signature; each shape includes the rows.
  package let inputs: [TensorStaging]
  /// Rows of the request; 1 where the model does not count rows.
  package internal(set) var rowCount = 0
  /// When the answer is of no more use, nanoseconds of the monotonic clock; 0 for never.
  var deadline: UInt64 = 0
  /// Whether the answer carries an id for each row.
  var returnsIDs = false
  /// Whether reading it may take long: not on an event loop.
  var mayReadSlowly = false
  private(set) var reply: (any PredictionReply)?

  package init(_ signature: ModelSignature) {
    inputs = signature.inputs.map { TensorStaging($0.dtype) }
  }

  /// Sets where the answer goes.
  package func begin(_ reply: some PredictionReply) { self.reply = reply }

  /// Makes the object ready for another request.
  func reset() {
    for input in inputs { input.reset() }
    rowCount = 0
    deadline = 0
    mayReadSlowly = false
    returnsIDs = false
    reply = nil
  }

  /// Whether rows of both may run together: all sizes but the number of rows agree.
  func fits(_ other: PendingPrediction) -> Bool {
    for (mine, theirs) in zip(inputs, other.inputs) {
      guard mine.shape.rank == theirs.shape.rank else { return false }
      for index in 1..<max(mine.shape.rank, 1) where mine.shape[index] != theirs.shape[index] {
        return false
      }
    }
    return true
  }
}

/// Where the answer to a prediction goes.
package protocol PredictionReply: Sendable {
  /// Whether nobody waits any more: the work may be dropped.
  var isCancelled: Bool { get }

  /// Answers with the request's rows of the outputs, which are valid during the call only.
  func finish(_ outputs: PredictionOutputs)

  /// Answers with an error.
  func fail(_ error: ServiceError)
}

/// The rows of a run's outputs that belong to one request.
package struct PredictionOutputs {
  /// One output: all its rows in memory, `[rows, ...]`.
  package struct Output {
    package let bytes: UnsafeRawBufferPointer
    package let dtype: DType
    package let shape: [Int]
    /// Bytes that one row takes.
    let rowByteCount: Int
    /// How many elements a row has where it has one dimension, else nil.
    let rowLength: Int?

    package init(_ bytes: UnsafeRawBufferPointer, _ dtype: DType, _ shape: [Int]) {
      self.bytes = bytes
      self.dtype = dtype
      self.shape = shape
      rowByteCount = shape.dropFirst().reduce(dtype.byteCount, *)
      rowLength = shape.count == 2 ? shape[1] : nil
    }
  }

  package let signature: ModelSignature
  private let outputs: [Output]
  private let firstRow: Int
  /// Rows of the request; nil where outputs are not counted in rows.
  package let rowCount: Int?

  package init(
    _ signature: ModelSignature,
    _ outputs: [Output],
    firstRow: Int = 0,
    rowCount: Int? = nil
  ) {
    self.signature = signature
    self.outputs = outputs
    self.firstRow = firstRow
    self.rowCount = rowCount
  }

  package var count: Int { outputs.count }

  /// The output's element type.
  package func dtype(_ index: Int) -> DType { outputs[index].dtype }

  /// The shape of one row, or of the whole output where there are no rows.
  package func rowShape(_ index: Int) -> ArraySlice<Int> {
    rowCount == nil ? outputs[index].shape[...] : outputs[index].shape.dropFirst()
  }

  /// How many elements a row of the output has, if rows are counted and have one dimension.
  func rowLength(_ index: Int) -> Int? { rowCount == nil ? nil : outputs[index].rowLength }

  /// The output's rows of this request.
  package func bytes(_ index: Int) -> UnsafeRawBufferPointer {
    guard let rowCount else { return outputs[index].bytes }
    let width = rowByteCount(index)
    let start = firstRow * width
    return UnsafeRawBufferPointer(
      rebasing: outputs[index].bytes[start..<(start + rowCount * width)]
    )
  }

  /// One row of the output.
  package func row(_ row: Int, of index: Int) -> UnsafeRawBufferPointer {
    let width = rowByteCount(index)
    let start = (firstRow + row) * width
    return UnsafeRawBufferPointer(rebasing: outputs[index].bytes[start..<(start + width)])
  }

  /// The position of the largest of the first `count` float32 numbers of a row, the first of equals.
  func largest(of index: Int, row: Int, count: Int) -> Int {
    let bytes = self.row(row, of: index)
    func value(_ position: Int) -> Float {
      bytes.loadUnaligned(fromByteOffset: position * 4, as: Float.self)
    }
    var best = 0
    for position in 1..<max(count, 1) where value(position) > value(best) { best = position }
    return best
  }

  /// Bytes that one row of the output takes.
  package func rowByteCount(_ index: Int) -> Int { outputs[index].rowByteCount }
}

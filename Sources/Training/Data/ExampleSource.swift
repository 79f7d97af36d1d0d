package import Tensors

/// Examples that can be copied into a batch, by position.
///
/// An example has one row in each column; column 0 is the input, column 1 the label.
package protocol ExampleSource: Sendable {
  /// Number of examples.
  var count: Int { get }
  /// Element type and shape of one example's row in each column.
  var columns: [ExampleColumn] { get }
  /// Copies rows, in the order of `indices`, to `destination`, which has room for exactly these.
  func copy(
    _ indices: ArraySlice<Int>, column: Int, to destination: UnsafeMutableRawBufferPointer) throws
}

/// Element type and shape of one column's rows.
package struct ExampleColumn: Sendable, Hashable {
  package let dtype: DType
  package let rowShape: Shape

  package init(_ dtype: DType, _ rowShape: Shape) {
    self.dtype = dtype
    self.rowShape = rowShape
  }

  /// The shape of a batch of rows.
  package func batchShape(_ count: Int) throws(ShapeError) -> Shape {
    try Shape(validating: [count] + rowShape.dimensions)
  }
}

/// Examples held in tensors, one for each column, rows along the first dimension.
package struct TensorExamples: ExampleSource {
  package let count: Int
  package let columns: [ExampleColumn]
  private let tensors: [Tensor]

  /// Checks that all columns have as many rows.
  ///
  /// - Throws: `TrainingError.data` naming the columns.
  package init(_ tensors: [Tensor]) throws(TrainingError) {
    guard let first = tensors.first, first.shape.rank > 0 else {
      throw .data("examples need at least one column with a first dimension")
    }
    for (index, tensor) in tensors.enumerated()
    where tensor.shape.rank == 0 || tensor.shape[0] != first.shape[0] {
      throw .data(
        "column \(index) has shape \(tensor.shape); column 0 has \(first.shape[0]) examples")
    }
    count = first.shape[0]
    columns = tensors.map {
      ExampleColumn($0.dtype, Shape(Array($0.shape.dimensions.dropFirst())))
    }
    self.tensors = tensors
  }

  package func copy(
    _ indices: ArraySlice<Int>, column: Int, to destination: UnsafeMutableRawBufferPointer
  ) throws {
    let rowBytes = columns[column].rowShape.elementCount * columns[column].dtype.byteCount
    guard destination.count == rowBytes * indices.count else {
      throw TrainingError.data(
        "column \(column): \(indices.count) rows of \(rowBytes) bytes into \(destination.count)")
    }
    tensors[column].withBytes { bytes in
      for (position, index) in indices.enumerated() {
        precondition((0..<count).contains(index), "example \(index) of \(count)")
        let row = UnsafeRawBufferPointer(rebasing: bytes[index * rowBytes..<(index + 1) * rowBytes])
        UnsafeMutableRawBufferPointer(
          rebasing: destination[position * rowBytes..<(position + 1) * rowBytes]
        ).copyMemory(from: row)
      }
    }
  }
}

/// Some of another source's examples.
package struct ExampleSubset: ExampleSource {
  package let base: any ExampleSource
  package let indices: [Int]
  package var count: Int { indices.count }
  package var columns: [ExampleColumn] { base.columns }

  /// Takes the examples at these positions.
  ///
  /// - Precondition: every index is within the base.
  package init(_ base: any ExampleSource, _ indices: [Int]) {
    precondition(indices.allSatisfy { (0..<base.count).contains($0) }, "index out of the base")
    self.base = base
    self.indices = indices
  }

  package func copy(
    _ positions: ArraySlice<Int>, column: Int, to destination: UnsafeMutableRawBufferPointer
  ) throws {
    try base.copy(positions.map { indices[$0] }[...], column: column, to: destination)
  }
}

extension ExampleSource {
  /// Two disjoint random parts: the rest, and `fraction` of the examples for validation.
  ///
  /// - Throws: `TrainingError.data` for a fraction outside of [0, 1).
  package func split(
    validation fraction: Double, seed: UInt64
  ) throws(TrainingError) -> (training: ExampleSubset, validation: ExampleSubset) {
    guard fraction >= 0, fraction < 1 else {
      throw .data("validation fraction \(fraction) is not in [0, 1)")
    }
    var random = Philox(seed: seed, stream: 0x5EED_5B17)
    let order = random.permutation(count)
    let held = Int((Double(count) * fraction).rounded())
    return (
      ExampleSubset(self, order[held...].sorted()), ExampleSubset(self, order[..<held].sorted())
    )
  }
}

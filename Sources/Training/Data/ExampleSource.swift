package import Datasets
package import Tensors

/// Examples that can be copied into a batch, by position.
///
/// An example has one row in each column, the label's column is the last.
package protocol ExampleSource: Sendable {
  /// Number of examples.
  var count: Int { get }
  /// Element type and shape of one example's row in each column.
  var columns: [ExampleColumn] { get }
  /// Copies rows, in the order of `indices`, to `destination`, which has room for exactly these.
  func copy(
    _ indices: ArraySlice<Int>,
    column: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws
  /// Copies rows as they look in a pass over the examples, counted from 0: augmentation shows them differently in each.
  func copy(
    _ indices: ArraySlice<Int>,
    column: Int,
    pass: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws
}

extension ExampleSource {
  /// The same rows in every pass.
  package func copy(
    _ indices: ArraySlice<Int>,
    column: Int,
    pass: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws {
    try copy(indices, column: column, to: destination)
  }
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

extension Dataset: ExampleSource {
  package var columns: [ExampleColumn] {
    [features, labels].map {
      ExampleColumn($0.dtype, Shape(Array($0.shape.dimensions.dropFirst())))
    }
  }

  package func copy(
    _ indices: ArraySlice<Int>,
    column: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws {
    let tensor = column == 0 ? features : labels
    let rowBytes = columns[column].rowShape.elementCount * tensor.dtype.byteCount
    guard destination.count == rowBytes * indices.count else {
      throw TrainingError.data(
        "column \(column): \(indices.count) rows of \(rowBytes) bytes into \(destination.count)"
      )
    }
    tensor.withBytes { bytes in
      for (position, index) in indices.enumerated() {
        let row = UnsafeRawBufferPointer(rebasing: bytes[index * rowBytes..<(index + 1) * rowBytes])
        UnsafeMutableRawBufferPointer(
          rebasing: destination[position * rowBytes..<(position + 1) * rowBytes]
        ).copyMemory(from: row)
      }
    }
  }
}

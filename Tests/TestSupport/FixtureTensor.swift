import Foundation
package import Tensors
import Testing

/// A tensor in a file that a fixture script made: type, shape and base64 text of the bytes.
package struct FixtureTensor: Sendable {
  private let dtype: DType
  private let shape: [Int]
  private let base64: String

  package init(_ dtype: DType, _ shape: [Int], _ base64: String) {
    self.dtype = dtype
    self.shape = shape
    self.base64 = base64
  }

  /// The tensor.
  ///
  /// - Throws: where the text is not base64 of as many bytes as the shape has.
  package func tensor() throws -> Tensor {
    let data = try #require(Data(base64Encoded: base64), "HINT: run the fixture script again")
    let shape = Shape(shape)
    try #require(data.count == shape.elementCount * dtype.byteCount)
    return Tensor(dtype: dtype, shape) { bytes in
      data.withUnsafeBytes { bytes.copyMemory(from: $0) }
    }
  }
}

import GraphIR
import Tensors

extension ReferenceOperators {
  static let casting: [OperatorName: ReferenceFunction] = [
    "Cast": { call in [try call.input(0).cast(to: try call.node.dtype("to"))] },
    "CastLike": { call in [try call.input(0).cast(to: try call.input(1).dtype)] },
    "BitCast": { call in
      var x = try call.input(0)
      let dtype = try call.node.dtype("to")
      // The interpreter carries float32 as float64 when it runs in Double: the bits meant are those of the float32.
      if x.dtype == .float64, dtype.byteCount == 4 { x = x.cast(to: .float32) }
      guard dtype.byteCount == x.dtype.byteCount else {
        throw call.error(
          "elements of \(x.dtype) take \(x.dtype.byteCount) bytes, those of \(dtype) "
            + "\(dtype.byteCount)"
        )
      }
      if dtype == .bool { return [Tensor(UInt8.load(x).map { $0 != 0 }, x.shape)] }
      return [
        Tensor(dtype: dtype, x.shape) { bytes in x.withBytes { bytes.copyMemory(from: $0) } }
      ]
    },
  ]
}

extension Tensor {
  /// The same numbers in another element type.
  ///
  /// Floating point rounds to nearest; a float becomes an integer by truncation, saturating, and 0 where it is NaN (ONNX leaves
  /// both undefined); integers wrap into narrower ones; every number but 0 is true.
  func cast(to target: DType) -> Tensor {
    if dtype == target { return self }
    if let carrier = dtype.integerCarrier { return castInteger(to: target, as: carrier) }
    return Double.store(doubles, as: target, shape)
  }

  /// Goes from the integer at once: int64 through Double would round twice, or lose digits.
  private func castInteger<Integer: ReferenceNumber & FixedWidthInteger>(
    to target: DType,
    as carrier: Integer.Type
  ) -> Tensor {
    let elements = Integer.load(self)
    if let narrow = target.integerCarrier {
      return Self.wrapped(elements, target, shape, as: narrow)
    }
    return switch target {
    case .float32: Tensor(elements.map { Float($0) }, shape)
    case .float16: Tensor(elements.map { Float16($0) }, shape)
    default: Double.store(elements.map(\.double), as: target, shape)
    }
  }

  private static func wrapped<From: FixedWidthInteger, To: ReferenceNumber & FixedWidthInteger>(
    _ elements: [From],
    _ target: DType,
    _ shape: Shape,
    as carrier: To.Type
  ) -> Tensor {
    To.store(elements.map { To(truncatingIfNeeded: $0) }, as: target, shape)
  }
}

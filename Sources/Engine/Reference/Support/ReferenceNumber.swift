import Tensors

/// A type in which reference implementations compute: `Double` for every floating-point element type, the type itself for integers,
/// `UInt8` for bool.
///
/// Computing in Double and rounding once gives the best possible float32, float16 or bfloat16 result, so one body serves all.
/// Integer arithmetic wraps and never traps.
protocol ReferenceNumber: TensorElement, Comparable, Hashable {
  static var zero: Self { get }
  static var one: Self { get }
  /// The smallest and the largest value, infinite for `Double`.
  static var lowest: Self { get }
  static var highest: Self { get }
  var isNotANumber: Bool { get }
  var double: Double { get }

  /// Truncates towards zero; saturates, NaN gives 0, where the type has no such value.
  init(saturating value: Double)

  func adding(_ other: Self) -> Self
  func subtracting(_ other: Self) -> Self
  func multiplied(by other: Self) -> Self
  /// Truncates towards zero for integers, for which division by zero gives 0.
  func divided(by other: Self) -> Self
  /// With the sign of the receiver, C's `fmod`; 0 for integers where `divisor` is 0.
  func remainder(dividingBy divisor: Self) -> Self
  /// With the sign of `divisor`, Python's `%`; 0 for integers where `divisor` is 0.
  func modulo(_ divisor: Self) -> Self

  /// The elements of a tensor whose carrier this is; `Double` reads every type.
  static func load(_ tensor: Tensor) -> [Self]
  /// A tensor of `dtype` whose carrier this is; `Double` makes every type (saturating).
  static func store(_ values: [Self], as dtype: DType, _ shape: Shape) -> Tensor
}

extension ReferenceNumber where Self: FixedWidthInteger {
  static var one: Self { 1 }
  static var lowest: Self { min }
  static var highest: Self { max }
  var isNotANumber: Bool { false }
  var double: Double { Double(self) }

  init(saturating value: Double) {
    if let exact = Self(exactly: value.rounded(.towardZero)) {
      self = exact
    } else {
      self = value.isNaN ? 0 : value < 0 ? .min : .max
    }
  }

  func adding(_ other: Self) -> Self { self &+ other }
  func subtracting(_ other: Self) -> Self { self &- other }
  func multiplied(by other: Self) -> Self { self &* other }
  func divided(by other: Self) -> Self {
    other == 0 ? 0 : dividedReportingOverflow(by: other).partialValue
  }
  func remainder(dividingBy divisor: Self) -> Self {
    divisor == 0 ? 0 : remainderReportingOverflow(dividingBy: divisor).partialValue
  }
  func modulo(_ divisor: Self) -> Self {
    let remainder = remainder(dividingBy: divisor)
    return remainder != 0 && (remainder < 0) != (divisor < 0) ? remainder &+ divisor : remainder
  }

  static func load(_ tensor: Tensor) -> [Self] {
    precondition(
      tensor.dtype.byteCount == MemoryLayout<Self>.size,
      "\(tensor.dtype) as \(Self.self)"
    )
    return tensor.withBytes { Array($0.bindMemory(to: Self.self)) }
  }

  static func store(_ values: [Self], as dtype: DType, _ shape: Shape) -> Tensor {
    precondition(dtype.byteCount == MemoryLayout<Self>.size, "\(Self.self) as \(dtype)")
    precondition(values.count == shape.elementCount, "\(values.count) elements for shape \(shape)")
    return Tensor(dtype: dtype, shape) { bytes in
      values.withUnsafeBytes { bytes.copyMemory(from: $0) }
    }
  }
}

extension Int8: ReferenceNumber {}
extension Int16: ReferenceNumber {}
extension Int32: ReferenceNumber {}
extension Int64: ReferenceNumber {}
extension UInt8: ReferenceNumber {}
extension UInt16: ReferenceNumber {}
extension UInt32: ReferenceNumber {}
extension UInt64: ReferenceNumber {}

extension Double: ReferenceNumber {
  static var one: Double { 1 }
  static var lowest: Double { -.infinity }
  static var highest: Double { .infinity }
  var isNotANumber: Bool { isNaN }
  var double: Double { self }

  init(saturating value: Double) { self = value }

  func adding(_ other: Double) -> Double { self + other }
  func subtracting(_ other: Double) -> Double { self - other }
  func multiplied(by other: Double) -> Double { self * other }
  func divided(by other: Double) -> Double { self / other }
  func remainder(dividingBy divisor: Double) -> Double { truncatingRemainder(dividingBy: divisor) }
  func modulo(_ divisor: Double) -> Double {
    let remainder = truncatingRemainder(dividingBy: divisor)
    return remainder != 0 && (remainder < 0) != (divisor < 0) ? remainder + divisor : remainder
  }

  static func load(_ tensor: Tensor) -> [Double] {
    tensor.withBytes { bytes in
      switch tensor.dtype {
      case .float32: bytes.bindMemory(to: Float.self).map { Double($0) }
      case .float64: Array(bytes.bindMemory(to: Double.self))
      case .float16: bytes.bindMemory(to: Float16.self).map { Double($0) }
      case .bfloat16: bytes.bindMemory(to: BFloat16.self).map { Double($0.float) }
      case .int8: bytes.bindMemory(to: Int8.self).map { Double($0) }
      case .int16: bytes.bindMemory(to: Int16.self).map { Double($0) }
      case .int32: bytes.bindMemory(to: Int32.self).map { Double($0) }
      case .int64: bytes.bindMemory(to: Int64.self).map { Double($0) }
      case .uint8, .bool: bytes.bindMemory(to: UInt8.self).map { Double($0) }
      case .uint16: bytes.bindMemory(to: UInt16.self).map { Double($0) }
      case .uint32: bytes.bindMemory(to: UInt32.self).map { Double($0) }
      case .uint64: bytes.bindMemory(to: UInt64.self).map { Double($0) }
      }
    }
  }

  static func store(_ values: [Double], as dtype: DType, _ shape: Shape) -> Tensor {
    switch dtype {
    case .float32: Tensor(values.map { Float($0) }, shape)
    case .float64: Tensor(values, shape)
    case .float16: Tensor(values.map { Float16($0) }, shape)
    case .bfloat16: Tensor(values.map { BFloat16(rounding: $0) }, shape)
    case .int8: Tensor(values.map { Int8(saturating: $0) }, shape)
    case .int16: Tensor(values.map { Int16(saturating: $0) }, shape)
    case .int32: Tensor(values.map { Int32(saturating: $0) }, shape)
    case .int64: Tensor(values.map { Int64(saturating: $0) }, shape)
    case .uint8: Tensor(values.map { UInt8(saturating: $0) }, shape)
    case .uint16: Tensor(values.map { UInt16(saturating: $0) }, shape)
    case .uint32: Tensor(values.map { UInt32(saturating: $0) }, shape)
    case .uint64: Tensor(values.map { UInt64(saturating: $0) }, shape)
    case .bool: Tensor(values.map { $0 != 0 }, shape)
    }
  }
}

extension BFloat16 {
  /// The nearest value, through Float as ONNX's own reference does.
  init(rounding value: Double) { self.init(Float(value)) }
}

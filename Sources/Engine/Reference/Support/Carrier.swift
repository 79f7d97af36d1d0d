import Tensors

extension DType {
  /// The type in which the reference computes elements of this type.
  ///
  /// Passing it to a generic function opens it: `try body(call, as: dtype.carrier)` with
  /// `func body<Number: ReferenceNumber>(_ call: ReferenceCall, as: Number.Type)`.
  var carrier: any ReferenceNumber.Type {
    switch self {
    case .float32, .float64, .float16, .bfloat16: Double.self
    case .int8: Int8.self
    case .int16: Int16.self
    case .int32: Int32.self
    case .int64: Int64.self
    case .uint8, .bool: UInt8.self
    case .uint16: UInt16.self
    case .uint32: UInt32.self
    case .uint64: UInt64.self
    }
  }

  /// The carrier of an integer type, `nil` for others.
  var integerCarrier: (any (ReferenceNumber & FixedWidthInteger).Type)? {
    switch self {
    case .int8: Int8.self
    case .int16: Int16.self
    case .int32: Int32.self
    case .int64: Int64.self
    case .uint8: UInt8.self
    case .uint16: UInt16.self
    case .uint32: UInt32.self
    case .uint64: UInt64.self
    case .float32, .float64, .float16, .bfloat16, .bool: nil
    }
  }
}

extension Tensor {
  /// The elements as Double, whatever the type.
  var doubles: [Double] { Double.load(self) }

  /// The elements of a bool tensor; other types count as true where they are not 0.
  var bools: [Bool] {
    dtype == .bool ? elements(of: Bool.self) : doubles.map { $0 != 0 }
  }
}

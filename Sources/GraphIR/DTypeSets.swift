package import Tensors

extension DType {
  /// Every element type.
  package static let allTypes = Set(allCases)
  /// float32, float64, float16, bfloat16.
  package static let floatingPointTypes = allTypes.filter(\.isFloatingPoint)
  /// The eight integer types.
  package static let integerTypes = allTypes.filter(\.isInteger)
  /// Floating point and integers: all but `bool`.
  package static let numericTypes = floatingPointTypes.union(integerTypes)
  /// What counts and positions are held in: int64 and int32.
  package static let indexTypes: Set<DType> = [.int64, .int32]

  /// True for types that hold negative numbers.
  package var isSigned: Bool {
    switch self {
    case .uint8, .uint16, .uint32, .uint64, .bool: false
    default: true
    }
  }

  /// The element type of a number of ONNX's `TensorProto.DataType`, `nil` for types that we do not have
  /// (string, complex, float8, int4).
  package init?(onnxCode: Int) {
    guard let match = DType.allCases.first(where: { $0.onnxCode == onnxCode }) else { return nil }
    self = match
  }

  /// The type's number in ONNX's `TensorProto.DataType`.
  package var onnxCode: Int {
    switch self {
    case .float32: 1
    case .uint8: 2
    case .int8: 3
    case .uint16: 4
    case .int16: 5
    case .int32: 6
    case .int64: 7
    case .bool: 9
    case .float16: 10
    case .float64: 11
    case .uint32: 12
    case .uint64: 13
    case .bfloat16: 16
    }
  }
}

extension Set<DType> {
  /// The types by name in a fixed order, for messages.
  package var listed: String {
    sorted { $0.rawValue < $1.rawValue }.map(\.description).joined(separator: ", ")
  }
}

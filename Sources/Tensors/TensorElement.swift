/// A Swift type that can be a tensor's element.
package protocol TensorElement: BitwiseCopyable, Sendable {
  /// The element type's name in graphs and files.
  static var dtype: DType { get }
}

extension Float: TensorElement { package static var dtype: DType { .float32 } }
extension Double: TensorElement { package static var dtype: DType { .float64 } }
extension Float16: TensorElement { package static var dtype: DType { .float16 } }
extension BFloat16: TensorElement { package static var dtype: DType { .bfloat16 } }
extension Int8: TensorElement { package static var dtype: DType { .int8 } }
extension Int16: TensorElement { package static var dtype: DType { .int16 } }
extension Int32: TensorElement { package static var dtype: DType { .int32 } }
extension Int64: TensorElement { package static var dtype: DType { .int64 } }
extension UInt8: TensorElement { package static var dtype: DType { .uint8 } }
extension UInt16: TensorElement { package static var dtype: DType { .uint16 } }
extension UInt32: TensorElement { package static var dtype: DType { .uint32 } }
extension UInt64: TensorElement { package static var dtype: DType { .uint64 } }
extension Bool: TensorElement { package static var dtype: DType { .bool } }

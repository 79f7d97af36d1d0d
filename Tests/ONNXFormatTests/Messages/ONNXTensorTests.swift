import GraphIR
import ONNXFormat
import Storage
import TestSupport
import Tensors
import Testing

@Suite struct ONNXTensorTests {
  /// A `TensorProto` with the given sizes and type; `fill` adds the data.
  private func message(
    _ dtype: Int,
    _ sizes: [Int],
    _ fill: (inout ProtobufWriter) -> Void
  ) -> [UInt8] {
    var writer = ProtobufWriter()
    for size in sizes { writer.int(1, size) }
    writer.int(2, dtype)
    fill(&writer)
    return writer.bytes
  }

  @Test(arguments: DType.allCases)
  func rawDataSurvivesARoundTrip(dtype: DType) throws {
    for shape: Shape in [[], [0], [3], [2, 2]] {
      let tensor = Tensor(dtype: dtype, shape) { target in
        for index in target.indices {
          target[index] = dtype == .bool ? UInt8(index & 1) : UInt8(index)
        }
      }
      #expect(try ONNXTensor.read(ONNXTensor.write(tensor, name: "t").bytes) == tensor)
    }
  }

  @Test func typedFieldsHoldEveryType() throws {
    func ints(_ dtype: DType, _ field: Int, _ values: [Int]) throws -> Tensor {
      let packed = message(dtype.onnxCode, [values.count]) { $0.packedInts(field, values) }
      let single = message(dtype.onnxCode, [values.count]) { writer in
        for value in values { writer.int(field, value) }
      }
      let tensor = try ONNXTensor.read(packed)
      #expect(try ONNXTensor.read(single) == tensor)
      return tensor
    }
    #expect(try ints(.int8, 5, [-128, 127]) == Tensor(vector: [-128, 127] as [Int8]))
    #expect(try ints(.int16, 5, [-1, 9]) == Tensor(vector: [-1, 9] as [Int16]))
    #expect(try ints(.int32, 5, [-1, 9]) == Tensor(vector: [-1, 9] as [Int32]))
    #expect(try ints(.uint8, 5, [255]) == Tensor(vector: [255] as [UInt8]))
    #expect(try ints(.uint16, 5, [65535]) == Tensor(vector: [65535] as [UInt16]))
    #expect(try ints(.bool, 5, [0, 1]) == Tensor(vector: [false, true]))
    #expect(try ints(.float16, 5, [0x3E00]) == Tensor(vector: [1.5] as [Float16]))
    #expect(try ints(.bfloat16, 5, [0x3FC0]) == Tensor(vector: [BFloat16(1.5)]))
    #expect(try ints(.int64, 7, [.min, .max]) == Tensor(vector: [.min, .max] as [Int64]))
    #expect(try ints(.uint32, 11, [4_294_967_295]) == Tensor(vector: [.max] as [UInt32]))
    #expect(try ints(.uint64, 11, [-1]) == Tensor(vector: [.max] as [UInt64]))
    let floats = message(1, [2]) { $0.packedFloats(4, [1, -2]) }
    #expect(try ONNXTensor.read(floats) == Tensor(vector: [1, -2] as [Float]))
    let doubles = message(11, [1]) { $0.data(10, [0, 0, 0, 0, 0, 0, 0xF8, 0x3F]) }
    #expect(try ONNXTensor.read(doubles) == Tensor(vector: [1.5] as [Double]))
  }

  @Test func sizesAndDataMustAgree() {
    let wrong = [
      message(1, [2]) { $0.packedFloats(4, [1]) },
      message(1, [2]) { $0.data(9, [0, 0, 0, 0]) },
      message(1, [1]) { $0.data(9, [0, 0, 0, 0, 0]) },
      message(1, [2]) { _ in },
      message(1, [-1]) { $0.packedFloats(4, [1]) },
      message(1, [1 << 40, 1 << 40]) { $0.packedFloats(4, [1]) },
      message(1, [Int](repeating: 1, count: 17)) { $0.packedFloats(4, [1]) },
      message(1, [1]) { $0.packedInts(5, [1]) },
      message(6, [1]) { $0.packedFloats(4, [1]) },
      message(6, [1]) { $0.packedInts(7, [1]) },
      message(3, [1]) { $0.packedInts(5, [128]) },
      message(9, [1]) { $0.packedInts(5, [2]) },
      message(9, [1]) { $0.data(9, [2]) },
      message(1, [1]) {
        $0.packedFloats(4, [1])
        $0.data(9, [0, 0, 0, 0])
      },
      message(1, [1]) { $0.data(4, [0, 0, 0]) },
    ]
    for bytes in wrong {
      #expect(throws: FormatError.self, "\(bytes)") { try ONNXTensor.read(bytes) }
    }
  }

  @Test func otherTypesAndExternalDataAreUnsupported() {
    for code in [0, 8, 14, 15, 17, 22, 99] {
      #expect(throws: ONNXUnsupported.self) { try ONNXTensor.read(message(code, [1]) { _ in }) }
    }
    let external = message(1, [1]) { $0.int(14, 1) }
    #expect(throws: ONNXUnsupported.self) { try ONNXTensor.read(external) }
  }

  @Test func twentyThousandMutationsNeverTrap() {
    var mutator = Mutator(seed: 4)
    let samples = [
      ONNXTensor.write(Tensor([1, 2, 3, 4] as [Float], [2, 2]), name: "w").bytes,
      message(6, [2, 2]) { $0.packedInts(5, [1, -1, 300, 4]) },
      message(1, [2]) { $0.packedFloats(4, [1, 2]) },
    ]
    var refused = 0
    for round in 0..<20_000 {
      let sample = mutator.mutate(samples[round % 3])
      do {
        let tensor = try ONNXTensor.read(sample)
        #expect(tensor.byteCount <= sample.count * 8)
      } catch { refused += 1 }
    }
    #expect(refused > 5_000)
  }
}

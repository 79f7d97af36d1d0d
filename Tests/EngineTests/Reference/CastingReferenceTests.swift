import GraphIR
import Tensors
import Testing

@testable import Engine

@Suite struct CastingReferenceTests {
  private func cast(_ x: Tensor, _ dtype: DType) throws -> Tensor {
    try #require(try evaluated("Cast", [x], ["to": .int(dtype.onnxCode)]).first)
  }

  @Test func floatsTruncateAndSaturate() throws {
    let x = doubles(1.9, -1.9, 1e30, -1e30, .nan)
    #expect(try cast(x, .int32) == Tensor(vector: [1, -1, .max, .min, 0] as [Int32]))
    #expect(try cast(x, .uint8) == Tensor(vector: [1, 0, 255, 0, 0] as [UInt8]))
    #expect(try cast(doubles(-0.5), .uint64) == Tensor(vector: [0] as [UInt64]))
    #expect(try cast(doubles(0x1p63, 0x1p64), .int64) == Tensor(vector: [.max, .max] as [Int64]))
  }

  @Test func integersWrapIntoNarrowerOnes() throws {
    #expect(try cast(integers(300, -1), .uint8) == Tensor(vector: [44, 255] as [UInt8]))
    #expect(try cast(integers(-1), .uint64) == Tensor(vector: [.max] as [UInt64]))
  }

  @Test func integersRoundToFloatOnce() throws {
    // 2^60 + 2^36 + 1 lies just above the middle of two floats; through Double it would fall on the middle and round down.
    let x = integers(1 << 60 + 1 << 36 + 1)
    #expect(try cast(x, .float32) == Tensor(vector: [Float(1 << 60 + 1 << 37)]))
  }

  @Test func boolIsZeroOrOne() throws {
    #expect(
      try cast(doubles(0, -0.0, 0.1, .nan), .bool) == Tensor(vector: [false, false, true, true])
    )
    #expect(
      try cast(Tensor(vector: [true, false]), .float16) == Tensor(vector: [1, 0] as [Float16])
    )
  }

  @Test func everyTypeReachesEveryOther() throws {
    for from in DType.allCases {
      let x = try cast(doubles(0, 1), from)
      for to in DType.allCases { #expect(try cast(x, to) == (try cast(doubles(0, 1), to))) }
    }
  }

  @Test func bitsAreKept() throws {
    let bits = try evaluated("BitCast", [floats(1)], ["to": .int(DType.int32.onnxCode)])
    #expect(bits == [Tensor(vector: [0x3F80_0000] as [Int32])])
    let widened = try evaluated("BitCast", [doubles(1)], ["to": .int(DType.int32.onnxCode)])
    #expect(widened == bits)
    #expect(throws: GraphError.self) {
      try evaluated("BitCast", [floats(1)], ["to": .int(DType.int8.onnxCode)])
    }
  }
}

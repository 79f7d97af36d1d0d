import CKernels
import Foundation
import Testing

extension VectorKernels {
  @Suite struct Move {
    /// Elements of one width, all different as far as the width allows.
    static func elements<T: FixedWidthInteger>(_ count: Int, _: T.Type) -> [T] {
      (0..<count).map { T(truncatingIfNeeded: $0 &* 40_503 &+ 7) }
    }

    static func expectTranspose<T: FixedWidthInteger>(
      _ dims: [Int64],
      _ permutation: [Int32],
      _ type: T.Type
    ) {
      let x = elements(Int(dims.reduce(1, *)), type)
      var strides = [Int64](repeating: 1, count: dims.count)
      for d in dims.indices.dropLast().reversed() { strides[d] = strides[d + 1] * dims[d + 1] }
      let outer = permutation.map { dims[Int($0)] }
      let offsets = Binary.offsets(outer, permutation.map { strides[Int($0)] })
      for isa in supportedISAs {
        at(isa) {
          var y = [T](repeating: 0, count: x.count)
          ck_transpose(
            Int32(MemoryLayout<T>.size),
            Int32(dims.count),
            dims,
            permutation,
            x,
            &y,
            nil
          )
          #expect(x.isEmpty || y == offsets.map { x[$0] }, "\(name(isa)) \(dims) \(permutation)")
        }
      }
    }

    static let permutations: [([Int64], [Int32])] = [
      ([], []), ([5], [0]), ([1, 1], [1, 0]), ([3, 0], [1, 0]), ([2, 3], [1, 0]),
      ([16, 16], [1, 0]),
      ([35, 67], [1, 0]), ([100, 130], [1, 0]), ([2, 20, 19], [0, 2, 1]), ([3, 4, 50], [1, 0, 2]),
      ([2, 3, 4, 5], [0, 2, 3, 1]), ([2, 8, 9, 3], [0, 3, 1, 2]), ([2, 3, 4, 5], [3, 2, 1, 0]),
      ([2, 3, 4, 5], [0, 1, 2, 3]), ([2, 3, 2, 3, 2], [4, 1, 3, 0, 2]), ([17, 1, 18], [2, 1, 0]),
    ]

    @Test func transpose() {
      for (dims, permutation) in Self.permutations {
        Self.expectTranspose(dims, permutation, UInt8.self)
        Self.expectTranspose(dims, permutation, UInt16.self)
        Self.expectTranspose(dims, permutation, UInt32.self)
        Self.expectTranspose(dims, permutation, UInt64.self)
      }
    }

    static func expectGather<T: FixedWidthInteger>(
      _ outer: Int,
      _ axis: Int,
      _ inner: Int,
      _ indices: [Int64],
      _ type: T.Type
    ) {
      let x = elements(outer * axis * inner, type)
      var y = [T](repeating: 0, count: outer * indices.count * inner)
      ck_gather(
        Int32(MemoryLayout<T>.size),
        Int64(outer),
        Int64(axis),
        Int64(inner),
        Int64(indices.count),
        indices,
        x,
        &y,
        nil
      )
      let expected = (0..<outer).flatMap { o in
        indices.flatMap { i in (0..<inner).map { x[(o * axis + Int(i)) * inner + $0] } }
      }
      #expect(y == expected)
    }

    @Test func gather() {
      for inner in [1, 2, 3, 40] {
        Self.expectGather(2, 5, inner, [4, 0, 0, 3], UInt8.self)
        Self.expectGather(2, 5, inner, [4, 0, 0, 3], UInt16.self)
        Self.expectGather(2, 5, inner, [4, 0, 0, 3], UInt32.self)
        Self.expectGather(2, 5, inner, [4, 0, 0, 3], UInt64.self)
        Self.expectGather(2, 5, inner, [], UInt32.self)
      }
    }

    @Test func scatterAdd() {
      var numbers = Numbers(20)
      let indices: [Int64] = [4, 0, 0, 3, 0]
      for inner in [1, 3, 16, 37] {
        let x = numbers.floats(2 * 5 * inner)
        let start = numbers.floats(2 * 6 * inner)
        var expected = start.map(Double.init)
        for o in 0..<2 {
          for (i, index) in indices.enumerated() {
            for j in 0..<inner {
              expected[(o * 6 + Int(index)) * inner + j] += Double(x[(o * 5 + i) * inner + j])
            }
          }
        }
        atEveryISA { level in
          var y = start
          ck_f32_scatter_add(2, 6, Int64(inner), 5, indices, x, &y, nil)
          expectClose(y, expected, level)
          return y
        }
      }
    }

    @Test func halvesAreWidenedAsTheyAreGathered() {
      let table = (0..<6 * 300).map { UInt16(truncatingIfNeeded: $0 * 37) }
      let indices: [Int64] = [5, 0, 5, 2]
      var y = [Float](repeating: -1, count: 4 * 300)
      ck_f32_gather_halves(1, 6, 300, 4, indices, table, &y, nil)
      for (place, index) in indices.enumerated() {
        for column in 0..<300 {
          let expected = Float(Float16(bitPattern: table[Int(index) * 300 + column]))
          let given = y[place * 300 + column]
          #expect(expected.isNaN ? given.isNaN : given.bitPattern == expected.bitPattern)
        }
      }
    }

    static func expectCopy<T: FixedWidthInteger>(_ type: T.Type) {
      let x = elements(400, type)
      let cases: [(dims: [Int64], x: [Int64], start: Int, y: [Int64])] = [
        ([], [], 3, []), ([7], [1], 0, [1]), ([7], [-2], 20, [3]), ([4, 5], [0, 1], 9, [8, 1]),
        ([3, 4, 5], [60, -5, 2], 30, [20, 5, 1]), ([3, 0], [1, 1], 0, [1, 1]),
        ([2, 3], [1, 2], 0, [3, 1]),
      ]
      for test in cases {
        let from = Binary.offsets(test.dims, test.x)
        let to = Binary.offsets(test.dims, test.y)
        var expected = [T](repeating: 1, count: 100)
        for (a, b) in zip(from, to) { expected[b] = x[test.start + a] }
        var y = [T](repeating: 1, count: 100)
        x.withUnsafeBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return }
          ck_copy_strided(
            Int32(MemoryLayout<T>.size),
            Int32(test.dims.count),
            test.dims,
            base + test.start,
            test.x,
            &y,
            test.y,
            nil
          )
        }
        #expect(y == expected, "\(test.dims) \(test.x)")
      }
    }

    @Test func copyStrided() {
      Self.expectCopy(UInt8.self)
      Self.expectCopy(UInt16.self)
      Self.expectCopy(UInt32.self)
      Self.expectCopy(UInt64.self)
    }
  }
}

import Foundation
import Storage
import Tensors
import TestSupport
import Testing

@Suite struct NPZTests {
  private let entries = [
    NPZ.Entry("input.x", Tensor([1, 2, 3, 4] as [Float], [2, 2])),
    NPZ.Entry("output.y", Tensor(zeros: .uint8, [300])),
    NPZ.Entry("é", Tensor(scalar: true)),
  ]

  @Test func readsWhatNumPyWrites() throws {
    for sample in [NumPyFiles.stored, NumPyFiles.packed] {
      let file = Array(try #require(Data(base64Encoded: sample)))
      #expect(
        try NPZ.read(file) == [
          NPZ.Entry("a", Tensor([0, 1, 2, 3, 4, 5] as [Float], [2, 3])),
          NPZ.Entry("b", Tensor(vector: [true, false])),
        ]
      )
    }
  }

  @Test func aRoundTripKeepsNamesOrderAndArrays() throws {
    let file = try NPZ.write(entries)
    #expect(try NPZ.read(file) == entries)
    #expect(try NPZ.write(entries) == file)
    #expect(try NPZ.read(NPZ.write([])) == [])
  }

  @Test func theLimitCountsInflatedBytes() throws {
    let bomb = try NPZ.write([NPZ.Entry("zeros", Tensor(zeros: .uint8, [1 << 20]))])
    #expect(bomb.count < 5_000)
    #expect(throws: FormatError.self) { try NPZ.read(bomb, byteCountMax: 1 << 19) }
    #expect(try NPZ.read(bomb, byteCountMax: 1 << 21).count == 1)
  }

  @Test func aClaimedSizeAboveWhatDeflateCanReachIsRefused() throws {
    var file = try NPZ.write([NPZ.Entry("a", Tensor(zeros: .uint8, [10]))])
    let directory = try #require(
      file.indices.first { file[$0...].starts(with: [0x50, 0x4B, 1, 2]) }
    )
    for index in 24..<28 { file[directory + index] = 0x7F }
    #expect(throws: FormatError.self) { try NPZ.read(file) }
  }

  @Test func changedContentFailsItsChecksum() throws {
    var file = Array(try #require(Data(base64Encoded: NumPyFiles.stored)))
    let data = try #require(file.indices.first { file[$0...].starts(with: [0x93, 0x4E]) })
    file[data + 130] ^= 1
    #expect(throws: FormatError.self) { try NPZ.read(file) }
  }

  @Test func repeatedNamesAreRefused() {
    #expect(throws: FormatError.self) { try NPZ.write([entries[0], entries[0]]) }
  }

  @Test func everyCutIsAnError() throws {
    let file = try NPZ.write(entries)
    for count in 0..<file.count {
      #expect(throws: FormatError.self) { try NPZ.read(Array(file[..<count])) }
    }
  }

  @Test func twentyThousandMutationsNeverTrap() throws {
    var mutator = Mutator(seed: 2)
    let small = [entries[0], entries[2]]
    let samples = [
      try NPZ.write(small), Array(try #require(Data(base64Encoded: NumPyFiles.packed))),
    ]
    var refused = 0
    for round in 0..<20_000 {
      do { _ = try NPZ.read(mutator.mutate(samples[round % 2]), byteCountMax: 1 << 16) } catch {
        refused += 1
      }
    }
    #expect(refused > 5_000)
  }
}

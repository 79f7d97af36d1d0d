import Datasets
import Storage
import TestSupport
import Tensors
import Testing

@Suite struct IDXTests {
  private let tensor = Tensor((0..<12).map { UInt8($0) }, [3, 2, 2])

  @Test func rawAndCompressedFilesReadTheSame() throws {
    let raw = try IDX.write(tensor)
    #expect(raw.prefix(8) == [0, 0, 8, 3, 0, 0, 0, 3])
    #expect(try IDX.read(raw) == tensor)
    #expect(try IDX.read(Deflate.deflate(raw, .gzip)) == tensor)
  }

  @Test(
    arguments: [
      [], [0, 0, 8], [1, 0, 8, 1, 0, 0, 0, 0], [0, 0, 9, 1, 0, 0, 0, 0], [0, 0, 8, 0],
      [0, 0, 8, 17], [0, 0, 8, 1, 0, 0, 0], [0, 0, 8, 1, 0, 0, 0, 2, 7],
      [0, 0, 8, 1, 0, 0, 0, 1, 7, 7],
      [0, 0, 8, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 7],
    ] as [[UInt8]]
  )
  func malformedFilesAreErrors(bytes: [UInt8]) {
    #expect(throws: FormatError.self) { try IDX.read(bytes) }
  }

  @Test func twentyThousandMutationsNeverTrap() throws {
    var mutator = Mutator(seed: 9)
    let raw = try IDX.write(tensor)
    let samples = [raw, try Deflate.deflate(raw, .gzip)]
    var refused = 0
    for round in 0..<20_000 {
      do { _ = try IDX.read(mutator.mutate(samples[round % 2])) } catch { refused += 1 }
    }
    #expect(refused > 5_000)
  }
}

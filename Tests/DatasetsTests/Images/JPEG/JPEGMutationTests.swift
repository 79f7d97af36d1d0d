import Datasets
import Glibc
import Storage
import TestSupport
import Testing

/// Damaged files are errors or pictures, never traps.
@Suite struct JPEGMutationTests {
  /// More with `MARTLET_MUTATIONS=100000`.
  private static let roundCount =
    getenv("MARTLET_MUTATIONS").flatMap { Int(String(cString: $0)) } ?? 3000

  @Test func mutatedFilesNeverTrap() throws {
    var mutator = Mutator(seed: 11)
    // Small ones: damage then hits headers and tables as often as data.
    let samples = try JPEGFixtures.all().filter { $0.pixels.count <= 900 }
    #expect(samples.count > 50)
    var refused = 0
    var pixelCountMax = 0
    for round in 0..<Self.roundCount {
      let file = mutator.mutate(samples[round % samples.count].file)
      do throws(FormatError) {
        pixelCountMax = max(pixelCountMax, try JPEG.decode(file).pixels.count)
      } catch { refused += 1 }
    }
    #expect(refused > Self.roundCount / 4 && refused < Self.roundCount)
    if Self.roundCount > 3000 {
      print("JPEG: \(Self.roundCount) files, \(refused) refused, largest \(pixelCountMax) samples")
    }
  }

  /// Any bytes as coded data, behind headers that are good.
  @Test func randomDataNeverTrap() throws {
    var mutator = Mutator(seed: 12)
    for name in ["16x16 420 progressive 30", "17x9 444 restarts 75", "16x16 422 baseline 50"] {
      let sample = try JPEGFixtures.picture(name).file
      let scan = try #require(sample.indices.first { sample[$0...].starts(with: [0xFF, 0xDA]) })
      for _ in 0..<Self.roundCount / 6 {
        var file = sample
        for _ in 0..<3 { file = Array(file[..<scan]) + mutator.mutate(Array(file[scan...])) }
        _ = try? JPEG.decode(file)
      }
    }
  }
}

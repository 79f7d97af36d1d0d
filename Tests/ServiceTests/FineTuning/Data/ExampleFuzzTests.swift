import Datasets
import TestSupport
import Tensors
import Testing

@testable import Service

/// Damaged files are refused or read, never a trap.
@Suite struct ExampleFuzzTests {
  private typealias Fixtures = ExampleFixtures

  /// Reads `rounds` damaged copies of a file with every kind of target; answers how many were refused.
  private func refused(_ sample: [UInt8], seed: UInt64, rounds: Int) throws -> Int {
    var limits = ExampleLimits()
    limits.inflatedBytes = 1 << 20
    limits.decodedBytes = 1 << 16
    limits.picturePixels = 1 << 10
    let kinds: [ExampleSchema.Targets] = [
      .classes(Fixtures.labels), .newClasses(nil), .multiLabel(Fixtures.labels), .values(1),
    ]
    let readers = try kinds.map { ExampleReader(try Fixtures.schema($0), limits: limits) }
    var mutator = Mutator(seed: seed)
    var count = 0
    for round in 0..<rounds {
      do {
        let set = try readers[round % 4].read(mutator.mutate(sample), name: "a.tar.gz")
        #expect(set.count > 0)
      } catch { count += 1 }
    }
    return count
  }

  @Test func jsonLines() throws {
    #expect(try refused(Fixtures.jsonLines(), seed: 1, rounds: 3000) > 500)
    #expect(try refused(Fixtures.mixedJSONLines(), seed: 2, rounds: 3000) > 500)
  }

  @Test func tables() throws {
    #expect(try refused(Fixtures.csv(header: true), seed: 3, rounds: 3000) > 500)
  }

  @Test func arrays() throws {
    #expect(try refused(Fixtures.npz(pixels: true), seed: 4, rounds: 3000) > 500)
    // Damage behind the checksums of the archive.
    let y = Tensor(vector: Fixtures.classes)
    var mutator = Mutator(seed: 5)
    let sample = Array(repeating: UInt8(0), count: 24) + Array("cat\ndog\nowl\n".utf8)
    let reader = ExampleReader(try Fixtures.schema())
    for _ in 0..<1000 {
      let names = Tensor(vector: mutator.mutate(sample))
      let file = try NPZ.write([
        .init("x", Tensor(zeros: .uint8, [6, 6])), .init("y", y), .init("class_names", names),
      ])
      #expect(throws: ExampleProblems.self) { try reader.read(file, name: "a") }
    }
  }

  @Test func archives() throws {
    #expect(try refused(Fixtures.folders(leading: "s/"), seed: 6, rounds: 2000) > 500)
    #expect(try refused(Fixtures.idx(compressed: false), seed: 7, rounds: 2000) > 500)
    let packed = try Deflate.deflate(Fixtures.folders(leading: ""), .gzip)
    #expect(try refused(packed, seed: 8, rounds: 1000) > 500)
  }

  @Test func inlineBodies() throws {
    var mutator = Mutator(seed: 9)
    let sample = try Fixtures.inline()
    let reader = InlineExamples(try Fixtures.schema())
    var refused = 0
    for _ in 0..<5000 {
      do {
        try mutator.mutate(sample).withUnsafeBytes { _ = try reader.read($0) }
      } catch {
        #expect(error is ExampleProblems)
        refused += 1
      }
    }
    #expect(refused > 1000)
  }
}

import Storage
import Tensors
import TestSupport
import Testing

@Suite struct DeflateTests {
  private let text = Array(String(repeating: "martlet ", count: 100).utf8)

  @Test(arguments: [Deflate.Container.raw, .zlib, .gzip])
  func aRoundTripGivesTheSameBytes(container: Deflate.Container) throws {
    for content in [[], [7], text] {
      let packed = try Deflate.deflate(content, container)
      #expect(try Deflate.inflate(packed[...], container, byteCountMax: content.count) == content)
    }
  }

  @Test func gzipMembersInARowAreOneFile() throws {
    let packed = try Deflate.deflate(text, .gzip)
    #expect(
      try Deflate.inflate((packed + packed)[...], .gzip, byteCountMax: 1 << 20) == text + text
    )
  }

  @Test func theLimitIsExact() throws {
    let packed = try Deflate.deflate(text, .zlib)
    #expect(throws: FormatError.self) {
      try Deflate.inflate(packed[...], .zlib, byteCountMax: text.count - 1)
    }
  }

  @Test func trailingBytesAndCutsAreErrors() throws {
    let packed = try Deflate.deflate(text, .zlib)
    #expect(throws: FormatError.self) {
      try Deflate.inflate((packed + [0])[...], .zlib, byteCountMax: 1 << 20)
    }
    for count in 0..<packed.count {
      #expect(throws: FormatError.self) {
        try Deflate.inflate(packed[..<count], .zlib, byteCountMax: 1 << 20)
      }
    }
  }

  @Test func checksumOfTheStandardMessage() {
    #expect(Deflate.crc32(Array("123456789".utf8)[...]) == 0xCBF4_3926)
  }

  @Test func twentyThousandMutationsNeverTrap() throws {
    var mutator = Mutator(seed: 3)
    let packed = try Deflate.deflate(text, .gzip)
    var refused = 0
    for _ in 0..<20_000 {
      do {
        let bytes = try Deflate.inflate(
          mutator.mutate(packed)[...],
          .gzip,
          byteCountMax: text.count * 2
        )
        #expect(bytes.count <= text.count * 2)
      } catch { refused += 1 }
    }
    #expect(refused > 5_000)
  }
}

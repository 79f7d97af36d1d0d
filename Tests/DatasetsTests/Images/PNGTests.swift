import Datasets
import Foundation
import Storage
import TestSupport
import Tensors
import Testing

@Suite struct PNGTests {
  private static func bytes(_ base64: String) throws -> [UInt8] {
    Array(try #require(Data(base64Encoded: base64)))
  }

  @Test(arguments: PillowFiles.all)
  func decodesWhatPillowDecodes(picture: PillowFiles.Picture) throws {
    let image = try PNG.decode(Self.bytes(picture.file))
    #expect(image.width == picture.width && image.height == picture.height)
    #expect(image.channels == picture.channels)
    #expect(image.pixels == (try Self.bytes(picture.pixels)))
  }

  @Test(arguments: 1...4)
  func encodedPicturesDecodeToTheSame(channels: Int) throws {
    var random = Philox(seed: 1)
    for (width, height) in [(1, 1), (5, 3), (16, 16)] {
      let pixels = (0..<width * height * channels).map { index in
        index % 3 == 0 ? UInt8(random.below(256)) : UInt8(index & 0xFF)
      }
      let image = try Image(width: width, height: height, channels: channels, pixels: pixels)
      #expect(try PNG.decode(PNG.encode(image)) == image)
    }
  }

  /// Gives every chunk the checksum of its content, so that damage reaches the code behind the check.
  private static func withChecksums(_ file: [UInt8]) -> [UInt8] {
    var bytes = file
    var offset = 8
    while bytes.count - offset >= 12 {
      let count = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      guard count <= bytes.count - offset - 12 else { break }
      let sum = Deflate.crc32(bytes[offset + 4..<offset + 8 + count])
      for index in 0..<4 {
        bytes[offset + 8 + count + index] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * index))
      }
      offset += 12 + count
    }
    return bytes
  }

  @Test func hugeSizesAreRefusedBeforeMemoryIsTaken() throws {
    let image = try Image(width: 2, height: 2, channels: 1, pixels: [1, 2, 3, 4])
    for size: [UInt8] in [[0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0x40, 0], [0, 0, 0, 0]] {
      var file = try PNG.encode(image)
      for index in 0..<4 { file[16 + index] = size[index] }
      let damaged = Self.withChecksums(file)
      #expect(throws: FormatError.self) { try PNG.decode(damaged) }
    }
  }

  @Test func aWrongChecksumIsAnError() throws {
    var file = try PNG.encode(Image(width: 2, height: 1, channels: 1, pixels: [1, 2]))
    file[20] ^= 1
    #expect(throws: FormatError.self) { try PNG.decode(file) }
  }

  @Test func everyCutIsAnError() throws {
    let file = try PNG.encode(Image(width: 2, height: 1, channels: 3, pixels: [1, 2, 3, 4, 5, 6]))
    for count in 0..<file.count {
      #expect(throws: FormatError.self) { try PNG.decode(Array(file[..<count])) }
    }
    #expect(throws: FormatError.self) { try PNG.decode(file + [0]) }
  }

  @Test func twentyThousandMutationsNeverTrap() throws {
    var mutator = Mutator(seed: 7)
    let samples = try PillowFiles.all.map { try Self.bytes($0.file) }
    var refused = 0
    for round in 0..<20_000 {
      let mutated = mutator.mutate(samples[round % samples.count])
      do { _ = try PNG.decode(round % 4 == 0 ? mutated : Self.withChecksums(mutated)) } catch {
        refused += 1
      }
    }
    #expect(refused > 5_000 && refused < 20_000)
  }

  /// Mutates the rows before they are compressed: filters, sample values, and headers that fit them.
  @Test func mutatedRowsNeverTrap() throws {
    var mutator = Mutator(seed: 8)
    let image = try Image(width: 4, height: 3, channels: 1, pixels: [UInt8](0..<12))
    let file = try PNG.encode(image)
    let header = Array(file[..<33])
    let rows: [UInt8] = [4, 1, 2, 3, 4, 3, 1, 2, 3, 4, 1, 1, 2, 3, 4]
    var decoded = 0
    for _ in 0..<5_000 {
      let data = try Deflate.deflate(mutator.mutate(rows), .zlib)
      var chunk: [UInt8] = [0, 0, 0, UInt8(data.count)] + Array("IDAT".utf8) + data
      chunk += [0, 0, 0, 0, 0, 0, 0, 0] + Array("IEND".utf8) + [0, 0, 0, 0]
      if (try? PNG.decode(Self.withChecksums(header + chunk))) != nil { decoded += 1 }
    }
    #expect(decoded > 500)
  }
}

extension PillowFiles.Picture: CustomTestStringConvertible {
  var testDescription: String { name }
}

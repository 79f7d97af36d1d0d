import Storage
import Glibc
import Tensors
import Testing

@testable import Datasets

@Suite struct ByteStreamTests {
  /// Hands out a few bytes at a time, so that every boundary falls somewhere.
  final class Dripping: ByteSource {
    private var rest: ArraySlice<UInt8>
    private let step: Int

    init(_ bytes: [UInt8], step: Int) {
      rest = bytes[...]
      self.step = step
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
      let count = min(step, buffer.count, rest.count)
      buffer.copyBytes(from: rest.prefix(count))
      rest = rest.dropFirst(count)
      return count
    }
  }

  private func lines(_ stream: ByteStream, max: Int = 100) throws -> [String] {
    var lines: [String] = []
    while let line = try stream.nextLine(byteCountMax: max) {
      lines.append(String(decoding: line, as: UTF8.self))
    }
    return lines
  }

  @Test(arguments: 1...9) func linesAtEveryBoundary(step: Int) throws {
    let text = Array("one\ntwo\r\n\n\nfive, the last".utf8)
    let stream = ByteStream(Dripping(text, step: step))
    #expect(try lines(stream) == ["one", "two", "", "", "five, the last"])
    #expect(stream.offset == text.count)
  }

  @Test func aLineLongerThanTheBuffer() throws {
    let long = [UInt8](repeating: 0x61, count: 3 * ByteStream.bufferByteCount)
    let stream = ByteStream(Dripping(long + [0x0A, 0x62], step: 100_000))
    #expect(try lines(stream, max: long.count).map(\.utf8.count) == [long.count, 1])
  }

  @Test func aLineAboveTheLimitIsAnError() throws {
    #expect(try lines(ByteStream(MemorySource(Array("abc\nabc".utf8))), max: 3).count == 2)
    for text in ["abcd", "abc\nabcd\n"] {
      #expect(throws: FormatError.self) {
        try lines(ByteStream(MemorySource(Array(text.utf8))), max: 3)
      }
    }
  }

  @Test func peekTakeAndRest() throws {
    let stream = ByteStream(Dripping(Array("abcdefgh".utf8), step: 3))
    #expect(try stream.peek(4).elementsEqual("abcd".utf8))
    #expect(try stream.take(2) == Array("ab".utf8))
    #expect(try stream.skip(3) == 3)
    #expect(throws: FormatError.self) { try stream.takeRest(byteCountMax: 2) }
    let other = ByteStream(Dripping(Array("abc".utf8), step: 1))
    #expect(try other.takeRest(byteCountMax: 3) == Array("abc".utf8))
    #expect(try other.take(5).isEmpty && other.peek(1).isEmpty)
  }

  @Test func gzipMembersOneAfterTheOther() throws {
    let first = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let file = try Deflate.deflate(first, .gzip) + Deflate.deflate([1, 2, 3], .gzip)
    for step in [1, 7, 1 << 20] {
      let compressed = ByteStream(Dripping(file, step: step))
      let inflated = ByteStream(try GzipSource(compressed, byteCountMax: 100_003))
      #expect(try inflated.takeRest(byteCountMax: 1 << 20) == first + [1, 2, 3])
    }
  }

  @Test func damagedGzipIsAnError() throws {
    let file = try Deflate.deflate([UInt8](repeating: 5, count: 5000), .gzip)
    var flipped = file
    flipped[file.count - 6] ^= 1
    let bad: [[UInt8]] = [Array(file.dropLast(1)), Array(file.prefix(12)), flipped, file + [9], []]
    for bytes in bad where !bytes.isEmpty {
      #expect(throws: FormatError.self) {
        let source = try GzipSource(ByteStream(MemorySource(bytes)), byteCountMax: 1 << 20)
        _ = try ByteStream(source).takeRest(byteCountMax: 1 << 20)
      }
    }
    #expect(throws: FormatError.self) {
      let source = try GzipSource(ByteStream(MemorySource(file)), byteCountMax: 4999)
      _ = try ByteStream(source).takeRest(byteCountMax: 1 << 20)
    }
  }

  @Test func filesAreReadAndBounded() throws {
    let path = "/tmp/martlet-stream-\(getpid())"
    defer { unlink(path) }
    try FileAccess.create(path, Array("line\nrest".utf8))
    #expect(try lines(ByteStream(FileSource(path, byteCountMax: 9))) == ["line", "rest"])
    #expect(throws: FormatError.self) { try FileSource(path, byteCountMax: 8) }
    #expect(throws: FormatError.self) { try FileSource("/tmp", byteCountMax: 1 << 30) }
    #expect(throws: FormatError.self) { try FileSource(path + "-none", byteCountMax: 8) }
  }
}

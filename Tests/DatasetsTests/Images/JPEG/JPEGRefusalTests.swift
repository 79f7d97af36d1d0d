import Datasets
import Storage
import Testing

/// Files that are damaged, hostile, or of a kind that is not read.
@Suite struct JPEGRefusalTests {
  /// A file taken apart.
  private struct Parts {
    /// Markers with what follows them, coded data included; without SOI and EOI.
    var segments: [(marker: UInt8, bytes: [UInt8])] = []

    init(_ file: [UInt8]) {
      var position = 2
      while file[position + 1] != 0xD9 {
        let marker = file[position + 1]
        var end = position + 2 + Int(file[position + 2]) << 8 + Int(file[position + 3])
        if marker == 0xDA {
          while file[end] != 0xFF || file[end + 1] == 0 { end += 1 }
        }
        segments.append((marker, Array(file[position..<end])))
        position = end
      }
    }

    var file: [UInt8] { [0xFF, 0xD8] + segments.flatMap(\.bytes) + [0xFF, 0xD9] }

    /// The place of the n-th segment of that marker.
    func index(_ marker: UInt8, _ n: Int = 0) throws -> Int {
      let places = segments.indices.filter { segments[$0].marker == marker }
      return try #require(places.indices.contains(n) ? places[n] : nil)
    }
  }

  private static func parts(_ name: String) throws -> Parts {
    let parts = Parts(try JPEGFixtures.picture(name).file)
    try #require(try JPEGFixtures.picture(name).file == parts.file)
    return parts
  }

  private static func problem(_ file: [UInt8]) -> String {
    do throws(FormatError) {
      _ = try JPEG.decode(file)
      return "none"
    } catch { return "\(error)" }
  }

  private static let baseline = "16x16 420 baseline 85"
  private static let progressive = "16x16 420 progressive 30"

  @Test(arguments: [baseline, progressive, "progressive with restarts", "one scan each"])
  func everyCutIsAnError(name: String) throws {
    let file = try JPEGFixtures.picture(name).file
    for count in 0..<file.count {
      #expect(throws: FormatError.self, "\(count) bytes") { try JPEG.decode(Array(file[..<count])) }
    }
  }

  @Test func aFileCutInItsDataSaysSo() throws {
    var parts = try Self.parts(Self.baseline)
    let scan = try parts.index(0xDA)
    parts.segments[scan].bytes.removeLast(20)
    #expect(Self.problem(parts.file).contains("the coded data end too early: cut short"))
    let file = try JPEGFixtures.picture(Self.baseline).file
    #expect(
      Self.problem(file.dropLast(2)).hasSuffix("the file ends before its end marker: cut short")
    )
  }

  @Test(
    arguments: [
      (0xC3, "lossless files are not read"), (0xC9, "arithmetic coding files are not read"),
      (0xCA, "arithmetic coding files are not read"), (0xC5, "hierarchical files are not read"),
    ] as [(UInt8, String)]
  )
  func otherProcessesAreRefused(marker: UInt8, text: String) throws {
    var parts = try Self.parts(Self.baseline)
    parts.segments[try parts.index(0xC0)].bytes[1] = marker
    #expect(Self.problem(parts.file).contains(text))
  }

  @Test(
    arguments: [
      (4, 12, "samples of 12 bits; 8 are read"), (6, 0, "no height"),
      (8, 0, "16 x 0"), (9, 4, "four colours (CMYK or YCCK) are not read"),
      (9, 2, "2 components; 1 (grey) and 3 (colour) are read"), (9, 1, "for 1 components"),
      (11, 0x50, "sampling 5 x 0"), (11, 0x02, "sampling 0 x 2"), (12, 4, "table 4"),
      (13, 1, "two components have the same number"), (3, 30, "a frame header of 28 bytes"),
    ] as [(Int, UInt8, String)]
  )
  func frameHeadersAreChecked(offset: Int, value: UInt8, text: String) throws {
    var parts = try Self.parts(Self.baseline)
    let frame = try parts.index(0xC0)
    parts.segments[frame].bytes[offset] = value
    if text.hasPrefix("16 x 0") { parts.segments[frame].bytes[7...8] = [0, 0] }
    let expected = text.hasPrefix("16 x 0") ? "0 x 16 pixels" : text
    #expect(Self.problem(parts.file).contains(expected), "\(Self.problem(parts.file))")
  }

  @Test(
    arguments: [
      ([0xFF, 0xFF], [0xFF, 0xFF], "65535 x 65535 pixels; sides of"),
      ([0x20, 0x00], [0x20, 0x00], "bytes cannot hold 8192 x 8192 pixels"),
      ([0x40, 0x00], [0x40, 0x00], "16384 x 16384 pixels; sides of"),
    ] as [([UInt8], [UInt8], String)]
  )
  func hugeSizesAreRefusedBeforeMemoryIsTaken(
    height: [UInt8],
    width: [UInt8],
    text: String
  ) throws {
    for name in [Self.baseline, Self.progressive] {
      var parts = try Self.parts(name)
      let frame = try parts.index(name == Self.baseline ? 0xC0 : 0xC2)
      parts.segments[frame].bytes[5..<9] = (height + width)[...]
      #expect(Self.problem(parts.file).contains(text), "\(Self.problem(parts.file))")
    }
    // With enough bytes behind it a progressive picture is refused for the memory of its coefficients.
    var parts = try Self.parts(Self.progressive)
    parts.segments[try parts.index(0xC2)].bytes[5..<9] = [0x20, 0, 0x20, 0]
    parts.segments[try parts.index(0xC2)].bytes[11] = 0x11
    let large = Self.problem(parts.file + [UInt8](repeating: 0, count: 1 << 20))
    #expect(large.contains("pixels need 805306368 bytes; at most \(JPEG.memoryByteCountMax)"))
  }

  @Test func tablesThatAreMissingAreNamed() throws {
    for (marker, text) in [
      (0xDB, "quantisation table that is missing"), (0xC4, "Huffman table that is missing"),
      (0xC0, "a scan before the frame header"),
      (0xDA, "the file ends before there is something of every component"),
    ] as [(UInt8, String)] {
      var parts = try Self.parts(Self.baseline)
      parts.segments.removeAll { $0.marker == marker }
      #expect(Self.problem(parts.file).contains(text))
    }
  }

  @Test func impossibleHuffmanTablesAreRefused() throws {
    var parts = try Self.parts(Self.baseline)
    let table = try parts.index(0xC4)
    // Three codes of one bit; then a DC symbol of 16 bits; then a table of class 2.
    for (offset, value) in [(5, 3), (21, 16), (4, 0x20)] as [(Int, UInt8)] {
      let old = parts.segments[table].bytes[offset]
      parts.segments[table].bytes[offset] = value
      #expect(Self.problem(parts.file).contains("uffman table"), "byte \(offset)")
      parts.segments[table].bytes[offset] = old
    }
  }

  @Test func scansComeOnceAndInOrder() throws {
    var twice = try Self.parts(Self.baseline)
    let scan = twice.segments[try twice.index(0xDA)]
    twice.segments.append(scan)
    #expect(Self.problem(twice.file).contains("repeats or skips bits of coefficient 0"))

    let parts = try Self.parts(Self.progressive)
    for n in 0..<parts.segments.filter({ $0.marker == 0xDA }).count {
      var repeated = parts
      repeated.segments.append(parts.segments[try parts.index(0xDA, n)])
      #expect(Self.problem(repeated.file) != "none", "scan \(n)")
    }
    var late = parts
    late.segments.append(late.segments.remove(at: try late.index(0xDA, 0)))
    #expect(Self.problem(late.file).contains("coefficients 1 to 63 come before coefficient 0"))
  }

  @Test func aProgressiveFileMayStopBeforeTheLastCorrection() throws {
    var parts = try Self.parts(Self.progressive)
    let last = try #require(parts.segments.lastIndex { $0.marker == 0xDA })
    parts.segments.remove(at: last)
    #expect(Self.problem(parts.file) == "none")
  }

  @Test func restartMarkersComeInTheirOrder() throws {
    let file = try JPEGFixtures.picture("restarts with fill bytes").file
    let places = file.indices.dropLast().filter {
      file[$0] == 0xFF && (0xD0...0xD7).contains(file[$0 + 1])
    }
    try #require(places.count > 2)
    var damaged = file
    damaged[places[1] + 1] = 0xD5
    #expect(Self.problem(damaged).contains("expected restart marker 1, got the marker 213"))
    damaged = file
    damaged.removeSubrange(places[0]..<places[1])
    #expect(Self.problem(damaged).contains("expected restart marker 0, got the marker 209"))
  }

  @Test func bytesBetweenSegmentsAreAnError() throws {
    var file = try JPEGFixtures.picture(Self.baseline).file
    let start = 2 + 2 + Int(file[4]) << 8 + Int(file[5])
    file.insert(7, at: start)
    #expect(Self.problem(file).contains("expected a marker, which starts with 255, got the byte 7"))
  }
}

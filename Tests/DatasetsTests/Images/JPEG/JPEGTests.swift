import Datasets
import Glibc
import Storage
import Testing

@Suite struct JPEGTests {
  /// The largest difference of a sample, or `nil` where the sizes differ.
  private static func difference(_ picture: JPEGFixtures.Picture) throws -> Int? {
    let image = try JPEG.decode(picture.file)
    guard image.width == picture.width, image.height == picture.height,
      image.channels == picture.channels
    else { return nil }
    return zip(image.pixels, picture.pixels).map { abs(Int($0) - Int($1)) }.max()
  }

  @Test(arguments: try JPEGFixtures.all())
  func decodesWhatLibjpegDecodes(picture: JPEGFixtures.Picture) throws {
    #expect(try Self.difference(picture) == 0)
  }

  /// `Benchmarks/jpeg_check.py` makes the file from any folder or archive of pictures.
  @Test(.enabled(if: getenv("MARTLET_JPEG_PICTURES") != nil))
  func decodesTheGivenPicturesAsLibjpegDoes() throws {
    let path = String(cString: try #require(getenv("MARTLET_JPEG_PICTURES")))
    var counts: [Int: Int] = [:]
    for picture in try JPEGFixtures(path).pictures {
      let difference = try #require(try Self.difference(picture), "\(picture.name)")
      counts[difference, default: 0] += 1
      #expect(difference <= 2, "\(picture.name)")
    }
    let lines = counts.sorted { $0.key < $1.key }.map { "\($0.value) pictures differ by \($0.key)" }
    print("JPEG:", lines.joined(separator: ", "))
  }

  @Test func whatFollowsTheEndIsIgnored() throws {
    let picture = try JPEGFixtures.picture("8x8 420 baseline 50")
    let image = try JPEG.decode(picture.file + [0xFF, 0xD8, 0xFF, 0, 1, 2])
    #expect(image.pixels == picture.pixels)
  }

  @Test func fillBytesStandBeforeMarkers() throws {
    let picture = try JPEGFixtures.picture("8x8 420 baseline 50")
    var file = picture.file
    file.insert(contentsOf: [0xFF, 0xFF, 0xFF], at: 2)
    file.insert(contentsOf: [0xFF, 0xFF], at: file.count - 2)
    #expect(try JPEG.decode(file).pixels == picture.pixels)
  }

  @Test func anExifSegmentThatIsDamagedIsIgnored() throws {
    let picture = try JPEGFixtures.picture("orientation 6 grey")
    let start = try #require(
      picture.file.indices.first { picture.file[$0...].starts(with: "Exif".utf8) }
    )
    for offset in 0..<32 {
      var file = picture.file
      file[start + offset] = 0xFF
      let image = try JPEG.decode(file)
      #expect(image.pixels.count == picture.pixels.count, "byte \(offset)")
    }
  }

  @Test func picturesAreToldByTheirFirstBytes() throws {
    let picture = try JPEGFixtures.picture("8x8 420 baseline 50")
    #expect(try ImageDecoder.decode(picture.file).pixels == picture.pixels)
    let grey = try Image(width: 2, height: 1, channels: 1, pixels: [3, 4])
    #expect(try ImageDecoder.decode(PNG.encode(grey)) == grey)
    for bytes in [[], [0xFF], Array("GIF89a".utf8)] as [[UInt8]] {
      let error = #expect(throws: FormatError.self) { try ImageDecoder.decode(bytes) }
      #expect(error?.detail.contains("PNG or JPEG") == true)
    }
  }

  @Test func pixelsAreCountedWithoutDecoding() throws {
    func count(_ bytes: [UInt8]) -> Int { bytes.withUnsafeBytes(ImageDecoder.pixelCount) }
    for name in ["24x33 422 restarts 30", "orientation 6", "67x53 420 progressive 75"] {
      let picture = try #require(
        try JPEGFixtures.all().first { $0.name.hasPrefix(name) },
        "\(name)"
      )
      #expect(count(picture.file) == picture.width * picture.height)
      for end in [0, 1, 3, 20, 160] { #expect(count(Array(picture.file[..<end])) == 0) }
    }
    let image = try Image(width: 3, height: 2, channels: 1, pixels: [1, 2, 3, 4, 5, 6])
    let file = try PNG.encode(image)
    #expect(count(file) == 6)
    #expect(count(Array(file[..<20])) == 0)
    #expect(count(Array("no picture at all, but long enough".utf8)) == 0)
  }
}

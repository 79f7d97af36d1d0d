import Datasets
import Storage
import TestSupport
import Tensors
import Testing

@Suite struct CaptionedImagesTests {
  private static func image(_ seed: UInt64, width: Int = 4, channels: Int = 3) throws -> Image {
    var random = Philox(seed: seed)
    let pixels = (0..<width * 3 * channels).map { _ in UInt8(random.below(256)) }
    return try Image(width: width, height: 3, channels: channels, pixels: pixels)
  }

  private static func pictures(_ images: [Image]) throws(FormatError) -> CaptionedImages {
    try CaptionedImages(count: images.count) { (images[$0], ["picture \($0)", "another"]) }
  }

  @Test func picturesComeBackWithTheirCaptions() throws {
    let images = try [1, 2, 3].map { try Self.image($0) }
    let pictures = try Self.pictures(images)
    #expect(pictures.pixels.shape == [3, 3, 3, 4])
    for (index, image) in images.enumerated() { #expect(try pictures.image(index) == image) }
    #expect(pictures.captions[2] == ["picture 2", "another"])
  }

  /// A model must see in training what it sees when it is served.
  @Test(arguments: [1, 3], [false, true])
  func batchesAreWhatServingMakes(channels: Int, invert: Bool) throws {
    let images = try (0..<5).map { try Self.image($0, channels: channels) }
    let preprocessing = ImagePreprocessing(
      channels: channels,
      height: 3,
      width: 4,
      mean: [0.3, 0.4, 0.5].suffix(channels),
      deviation: [0.2, 0.3, 0.7].suffix(channels),
      invert: invert
    )
    let pictures = try Self.pictures(images)
    let rows = [4, 0, 4]
    let batch = try Tensor([3, channels, 3, 4]) { (target: UnsafeMutableBufferPointer<Float>) in
      try pictures.copy(rows, preprocessing, to: UnsafeMutableRawBufferPointer(target))
    }
    let expected = try rows.flatMap {
      try preprocessing.tensor(from: images[$0]).elements(of: Float.self)
    }
    #expect(batch.elements(of: Float.self) == expected)
  }

  @Test func picturesOfOtherSizesAreRefused() throws {
    let images = try [Self.image(1), Self.image(2, width: 5)]
    let error = #expect(throws: FormatError.self) { try Self.pictures(images) }
    #expect(error?.detail == "picture 1 is 5 x 3 of 3 channels; expected 4 x 3 of 3")
    let transparent = try [Self.image(1, channels: 4)]
    #expect(throws: FormatError.self) { try Self.pictures(transparent) }
    #expect(throws: FormatError.self) { try Self.pictures([]) }
    let alone = try Self.image(1)
    #expect(throws: FormatError.self) { try CaptionedImages(count: 1) { _ in (alone, []) } }
    let pictures = try Self.pictures([Self.image(1)])
    var floats = [Float](repeating: 0, count: 36)
    let small = ImagePreprocessing(channels: 3, height: 3, width: 3)
    let fitting = ImagePreprocessing(channels: 3, height: 3, width: 4)
    floats.withUnsafeMutableBytes { target in
      #expect(throws: FormatError.self) { try pictures.copy([0], small, to: target) }
      #expect(throws: FormatError.self) { try pictures.copy([0, 0], fitting, to: target) }
    }
  }

  @Test func flickr8kIsDecoded() throws {
    let picture = try JPEGFixtures.picture("8x8 420 baseline 50")
    func corpus(_ image: [UInt8]) throws -> Flickr8k {
      let folder = try TemporaryFolder()
      let archive = try ZipWriter.write([
        ZipFile(name: "a.jpg", bytes: picture.file), ZipFile(name: "b.jpg", bytes: image),
      ])
      let captions = "image,caption\na.jpg,on a.jpg\nb.jpg,on b.jpg\nb.jpg,also b.jpg\n"
      let split = "a.jpg\ttrain\nb.jpg\ttrain\n"
      try FileAccess.create("\(folder.path)/images_64x64_jpeg.zip", archive)
      try FileAccess.create("\(folder.path)/captions.csv", Array(captions.utf8))
      try FileAccess.create("\(folder.path)/split_by_sha1.tsv", Array(split.utf8))
      return try Flickr8k(in: folder.path)
    }
    let training = try CaptionedImages(corpus(picture.file), .training)
    #expect(training.count == 2 && training.captions[1] == ["on b.jpg", "also b.jpg"])
    #expect(try training.image(1).pixels == picture.pixels)
    #expect(try CaptionedImages(corpus(picture.file), .training, countMax: 1).count == 1)
    let cut = try corpus(picture.file.dropLast(9))
    let error = #expect(throws: FormatError.self) { try CaptionedImages(cut, .training) }
    #expect(error?.detail.hasPrefix("b.jpg: jpeg, byte") == true)
    #expect(throws: FormatError.self) { try CaptionedImages(cut, .test) }
  }
}

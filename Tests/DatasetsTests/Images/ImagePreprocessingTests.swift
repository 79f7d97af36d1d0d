import Datasets
import Storage
import Tensors
import Testing

@Suite struct ImagePreprocessingTests {
  private func values(_ preprocessing: ImagePreprocessing, _ image: Image) throws -> [Float] {
    try preprocessing.tensor(from: image).elements(of: Float.self)
  }

  @Test func scalesThenNormalises() throws {
    let image = try Image(width: 2, height: 1, channels: 1, pixels: [0, 255])
    let preprocessing = ImagePreprocessing(
      channels: 1,
      height: 1,
      width: 2,
      mean: [0.5],
      deviation: [0.25]
    )
    #expect(try values(preprocessing, image) == [-2, 2])
    #expect(try preprocessing.tensor(from: image).shape == [1, 1, 2])
  }

  @Test func coloursBecomeLumaAndGreyIsRepeated() throws {
    let colours = try Image(
      width: 3,
      height: 1,
      channels: 3,
      pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255]
    )
    let grey = try values(ImagePreprocessing(channels: 1, height: 1, width: 3, scale: 1), colours)
    for (found, share) in zip(grey, [0.299, 0.587, 0.114] as [Float]) {
      #expect(abs(found - 255 * share) < 1e-3)
    }
    let one = try Image(width: 1, height: 1, channels: 1, pixels: [7])
    #expect(
      try values(ImagePreprocessing(channels: 3, height: 1, width: 1, scale: 1), one) == [7, 7, 7]
    )
  }

  @Test func transparencyShowsBlackOrWhereInvertedWhite() throws {
    let image = try Image(width: 2, height: 1, channels: 2, pixels: [100, 0, 100, 255])
    var preprocessing = ImagePreprocessing(channels: 1, height: 1, width: 2, scale: 1)
    #expect(try values(preprocessing, image) == [0, 100])
    preprocessing.invert = true
    #expect(try values(preprocessing, image) == [0, 155])
  }

  @Test func shrinkingAveragesByArea() throws {
    let image = try Image(
      width: 4,
      height: 2,
      channels: 1,
      pixels: [0, 10, 20, 30, 40, 50, 60, 70]
    )
    let half = ImagePreprocessing(channels: 1, height: 1, width: 2, scale: 1)
    #expect(try values(half, image) == [25, 45])
    let row = try Image(width: 3, height: 1, channels: 1, pixels: [0, 30, 90])
    let two = try values(ImagePreprocessing(channels: 1, height: 1, width: 2, scale: 1), row)
    #expect(abs(two[0] - 10) < 1e-4 && abs(two[1] - 70) < 1e-4)
  }

  @Test func growingInterpolatesBetweenPixelCentres() throws {
    let image = try Image(width: 2, height: 1, channels: 1, pixels: [0, 100])
    let four = ImagePreprocessing(channels: 1, height: 1, width: 4, scale: 1)
    #expect(try values(four, image) == [0, 25, 75, 100])
  }

  @Test func numbersThatCannotBeUsedAreErrors() {
    var bad = [ImagePreprocessing](
      repeating: ImagePreprocessing(channels: 1, height: 2, width: 2),
      count: 6
    )
    bad[0].channels = 2
    bad[1].height = 0
    bad[2].width = 1 << 40
    bad[3].mean = []
    bad[4].deviation = [0]
    bad[5].scale = .infinity
    for preprocessing in bad {
      #expect(throws: FormatError.self) { try preprocessing.validate() }
    }
  }
}

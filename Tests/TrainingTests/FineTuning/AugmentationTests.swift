import Datasets
import Tensors
import Testing

@testable import Training

@Suite struct AugmentationTests {
  /// One picture [1, 3, 3] with the numbers 1 to 9, many times.
  private static func pictures(_ count: Int, shape: [Int] = [1, 3, 3]) -> Dataset {
    let one = (1...9).map { Float($0) }
    return Dataset(
      features: Tensor((0..<count).flatMap { _ in one }, Shape([count] + shape)),
      labels: Tensor(zeros: .int64, [count])
    )
  }

  private static func rows(
    _ examples: AugmentedExamples,
    _ indices: [Int],
    pass: Int
  ) throws -> [[Float]] {
    let size = examples.columns[0].rowShape.elementCount
    let tensor = try Tensor(dtype: .float32, [indices.count, size]) {
      try examples.copy(indices[...], column: 0, pass: pass, to: $0)
    }
    let numbers = tensor.elements(of: Float.self)
    return indices.indices.map { Array(numbers[$0 * size..<($0 + 1) * size]) }
  }

  @Test func aPictureDependsOnSeedPassAndPositionAlone() throws {
    let all = ImageAugmentation(shift: 1, flipsHorizontally: true, rotation: 20, noise: 0.1)
    let examples = try AugmentedExamples(Self.pictures(20), all, seed: 7)
    let together = try Self.rows(examples, Array(0..<20), pass: 3)
    let turned = try Self.rows(examples, [19, 4], pass: 3)
    #expect(turned == [together[19], together[4]])
    #expect(try Self.rows(examples, Array(0..<20), pass: 4) != together)
    let other = try AugmentedExamples(Self.pictures(20), all, seed: 8)
    #expect(try Self.rows(other, Array(0..<20), pass: 3) != together)
    #expect(Set(together).count == 20)
  }

  @Test func shiftsMoveWholePixelsAndFillWithZeros() throws {
    let examples = try AugmentedExamples(
      Self.pictures(200),
      ImageAugmentation(shift: 1),
      seed: 1
    )
    var expected: Set<[Float]> = []
    for down in -1...1 {
      for right in -1...1 {
        var picture = [Float](repeating: 0, count: 9)
        for y in 0..<3 {
          for x in 0..<3 where (0..<3).contains(y - down) && (0..<3).contains(x - right) {
            picture[y * 3 + x] = Float((y - down) * 3 + x - right + 1)
          }
        }
        expected.insert(picture)
      }
    }
    #expect(Set(try Self.rows(examples, Array(0..<200), pass: 0)) == expected)
  }

  @Test func halfOfThePicturesAreMirrored() throws {
    let examples = try AugmentedExamples(
      Self.pictures(200),
      ImageAugmentation(flipsHorizontally: true),
      seed: 1
    )
    let rows = try Self.rows(examples, Array(0..<200), pass: 0)
    let mirrored = rows.filter { $0 == [3, 2, 1, 6, 5, 4, 9, 8, 7] }.count
    #expect(rows.allSatisfy { $0[4] == 5 })
    #expect((60...140).contains(mirrored))
    #expect(rows.filter { $0 == (1...9).map { Float($0) } }.count == 200 - mirrored)
  }

  @Test func turningKeepsTheCentreAndTheMiddleOfTheRange() throws {
    let examples = try AugmentedExamples(
      Self.pictures(50),
      ImageAugmentation(rotation: 30),
      seed: 1
    )
    for row in try Self.rows(examples, Array(0..<50), pass: 0) {
      #expect(abs(row[4] - 5) < 1e-5)
      // Neighbours of the centre lie on a linear picture: 4 and 6 turned by angle a are 5 -+ (cos a - 3 sin a).
      #expect(abs((row[3] + row[5]) / 2 - 5) < 1e-4)
    }
  }

  @Test func channelsMayComeLast() throws {
    let numbers = (0..<12).map { Float($0) }
    let data = Dataset(
      features: Tensor((0..<40).flatMap { _ in numbers }, [40, 2, 2, 3]),
      labels: Tensor(zeros: .int64, [40])
    )
    let examples = try AugmentedExamples(
      data,
      ImageAugmentation(flipsHorizontally: true),
      seed: 1
    )
    let rows = Set(try Self.rows(examples, Array(0..<40), pass: 0))
    #expect(rows == [numbers, [3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8]])
  }

  @Test func rowsThatAreNoPicturesAreRefused() {
    #expect {
      try AugmentedExamples(
        Dataset(
          features: Tensor(zeros: .float32, [2, 784]),
          labels: Tensor(zeros: .int64, [2])
        ),
        ImageAugmentation(shift: 1),
        seed: 1
      )
    } throws: { "\($0)".contains("a row of features is [784]") }
  }
}

import Glibc
import NN
import Tensors

/// Examples whose pictures are changed at random: how is a function of seed, pass and position of the example alone, so that a resumed
/// training sees the same ones.
struct AugmentedExamples: ExampleSource {
  let base: any ExampleSource
  let augmentation: ImageAugmentation
  let seed: UInt64
  private let layout: ImageAugmentation.Layout

  /// Philox streams of augmentation start here; those of batch orders and random nodes are others.
  private static let stream: UInt64 = 0x00A6_0000_0000_0000
  /// Random words that one example may use.
  private static let wordsPerExampleShift: UInt64 = 28

  /// - Throws: `FineTuningError.option` for numbers out of range, or features that are no pictures.
  init(
    _ base: any ExampleSource,
    _ augmentation: ImageAugmentation,
    seed: UInt64
  ) throws(FineTuningError) {
    try augmentation.validate()
    self.base = base
    self.augmentation = augmentation
    self.seed = seed
    layout = try ImageAugmentation.Layout(base.columns[0].rowShape)
  }

  var count: Int { base.count }
  var columns: [ExampleColumn] { base.columns }

  func copy(
    _ indices: ArraySlice<Int>,
    column: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws {
    try base.copy(indices, column: column, to: destination)
  }

  func copy(
    _ indices: ArraySlice<Int>,
    column: Int,
    pass: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws {
    try base.copy(indices, column: column, pass: pass, to: destination)
    guard column == 0 else { return }
    let pixels = destination.assumingMemoryBound(to: Float.self)
    let size = columns[0].rowShape.elementCount
    var original = [Float](repeating: 0, count: size)
    for (position, index) in indices.enumerated() {
      var random = Philox(
        seed: seed,
        stream: Self.stream &+ UInt64(truncatingIfNeeded: pass),
        position: UInt64(truncatingIfNeeded: index) << Self.wordsPerExampleShift
      )
      let row = UnsafeMutableBufferPointer(
        rebasing: pixels[position * size..<(position + 1) * size]
      )
      for place in 0..<size { original[place] = row[place] }
      move(original, to: row, &random)
      if augmentation.noise > 0 {
        var normal = NormalDistribution()
        for place in 0..<size {
          row[place] += augmentation.noise * Float(normal.next(&random))
        }
      }
    }
  }

  /// Shifts, mirrors and turns one picture; what comes from outside is 0.
  private func move(
    _ source: [Float],
    to row: UnsafeMutableBufferPointer<Float>,
    _ random: inout Philox
  ) {
    // Always drawn, so that one setting does not change what another draws.
    let span = 2 * augmentation.shift + 1
    let down = random.below(span) - augmentation.shift
    let right = random.below(span) - augmentation.shift
    let isMirrored = random.nextWord() & 1 == 1 && augmentation.flipsHorizontally
    let angle = (2 * random.uniform() - 1) * augmentation.rotation * .pi / 180
    let (sine, cosine) = augmentation.rotation > 0 ? (sinf(angle), cosf(angle)) : (0, 1)
    let middleY = Float(layout.height - 1) / 2
    let middleX = Float(layout.width - 1) / 2
    for y in 0..<layout.height {
      for x in 0..<layout.width {
        // Where this pixel comes from: the changes backwards.
        let (fromY, movedX) = (y - down, x - right)
        let fromX = isMirrored ? layout.width - 1 - movedX : movedX
        let target = y * layout.rowStride + x * layout.columnStride
        if augmentation.rotation == 0 {
          for channel in 0..<layout.channels {
            let offset = channel * layout.channelStride
            row[target + offset] = pixel(source, fromY, fromX, offset)
          }
          continue
        }
        let (dy, dx) = (Float(fromY) - middleY, Float(fromX) - middleX)
        let exactY = middleY + cosine * dy - sine * dx
        let exactX = middleX + sine * dy + cosine * dx
        let (lowY, lowX) = (exactY.rounded(.down), exactX.rounded(.down))
        let (partY, partX) = (exactY - lowY, exactX - lowX)
        for channel in 0..<layout.channels {
          let offset = channel * layout.channelStride
          let (i, j) = (Int(lowY), Int(lowX))
          let upper =
            pixel(source, i, j, offset) * (1 - partX) + pixel(source, i, j + 1, offset) * partX
          let lower =
            pixel(source, i + 1, j, offset) * (1 - partX)
            + pixel(source, i + 1, j + 1, offset) * partX
          row[target + offset] = upper * (1 - partY) + lower * partY
        }
      }
    }
  }

  private func pixel(_ source: [Float], _ y: Int, _ x: Int, _ offset: Int) -> Float {
    guard y >= 0, y < layout.height, x >= 0, x < layout.width else { return 0 }
    return source[y * layout.rowStride + x * layout.columnStride + offset]
  }
}

/// Brings the rows of one component to the size of the picture.
///
/// Where a side is halved, samples stand between those of the picture, and each new one is 3/4 of the nearer and 1/4 of the farther
/// (libjpeg's "fancy" upsampling, with its roundings, which alternate); at other ratios samples are repeated.
struct JPEGUpsampling {
  /// What happens to a side of the component.
  private enum Side {
    case whole
    case halved
    /// Repeated: this many samples of the component for that many of the picture.
    case repeated(Int, of: Int)
  }

  private let component: JPEGFrame.Component
  private let across: Side
  private let down: Side
  /// Samples of the picture's rows.
  private let width: Int
  /// One row after mixing two rows: times 4 where the height is halved.
  private var sums: [UInt16]
  /// The row that was made last, `width` samples and perhaps one more.
  private(set) var row: [UInt8]

  init(_ component: JPEGFrame.Component, in frame: JPEGFrame) {
    self.component = component
    width = frame.width
    sums = [UInt16](repeating: 0, count: component.width)
    row = [UInt8](repeating: 0, count: frame.width + 1)
    let (horizontal, vertical) = (component.horizontal, component.vertical)
    let isHalvedAcross = 2 * horizontal == frame.horizontalMax
    let isHalvedDown = 2 * vertical == frame.verticalMax
    let isWholeAcross = horizontal == frame.horizontalMax
    // As in libjpeg: both sides mixed, or none; and never across two samples or one.
    let isMixed =
      isHalvedAcross && component.width > 2 && (isHalvedDown || vertical == frame.verticalMax)
      || isWholeAcross && isHalvedDown
    if isMixed {
      across = isHalvedAcross ? .halved : .whole
      down = isHalvedDown ? .halved : .whole
    } else {
      across = isWholeAcross ? .whole : .repeated(horizontal, of: frame.horizontalMax)
      down =
        vertical == frame.verticalMax ? .whole : .repeated(vertical, of: frame.verticalMax)
    }
  }

  /// Makes row `y` of the picture from the component's samples.
  mutating func makeRow(_ y: Int, from samples: [UInt8]) {
    switch down {
    case .whole: makeRow(samples, near: y, far: nil, isUpper: true)
    case .repeated(let count, let total):
      makeRow(samples, near: y * count / total, far: nil, isUpper: true)
    case .halved:
      let near = y / 2
      let isUpper = y % 2 == 0
      let far = isUpper ? max(near - 1, 0) : min(near + 1, component.height - 1)
      makeRow(samples, near: near, far: far, isUpper: isUpper)
    }
  }

  private mutating func makeRow(_ samples: [UInt8], near: Int, far: Int?, isUpper: Bool) {
    let start = near * component.stride
    let other = far.map { $0 * component.stride }
    switch across {
    case .whole:
      guard let other else {
        for x in 0..<width { row[x] = samples[start + x] }
        return
      }
      let rounding: UInt16 = isUpper ? 1 : 2
      for x in 0..<width {
        let sum = 3 * UInt16(samples[start + x]) + UInt16(samples[other + x])
        row[x] = UInt8(truncatingIfNeeded: (sum + rounding) >> 2)
      }
    case .repeated(let count, let total):
      for x in 0..<width { row[x] = samples[start + x * count / total] }
    case .halved:
      if let other {
        for x in 0..<component.width {
          sums[x] = 3 * UInt16(samples[start + x]) + UInt16(samples[other + x])
        }
        mixAcross(shift: 4, left: 8, right: 7)
      } else {
        for x in 0..<component.width { sums[x] = UInt16(samples[start + x]) }
        mixAcross(shift: 2, left: 1, right: 2)
      }
    }
  }

  /// Two samples from each of `sums` and its neighbours; `left` and `right` are the roundings.
  private mutating func mixAcross(shift: UInt16, left: UInt16, right: UInt16) {
    let count = sums.count
    var before = sums[0]
    var present = sums[0]
    for x in 0..<count {
      let after = x + 1 < count ? sums[x + 1] : present
      let near = 3 * present
      row[2 * x] = UInt8(truncatingIfNeeded: (near + before + left) &>> shift)
      // An odd width has one sample more than the picture; the row has room for it.
      row[2 * x + 1] = UInt8(truncatingIfNeeded: (near + after + right) &>> shift)
      before = present
      present = after
    }
  }
}

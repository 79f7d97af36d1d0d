import GraphIR
import Tensors

extension ReferenceOperators {
  static let imaging: [OperatorName: ReferenceFunction] = [
    "Resize": resize,
    "GridSample": gridSample,
    "AffineGrid": affineGrid,
    "Col2Im": columnsToImage,
  ]

  @Sendable private static func gridSample(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let grid = try call.input(1)
    guard (3...5).contains(x.shape.rank), grid.shape.rank == x.shape.rank,
      grid.shape[0] == x.shape[0], grid.shape.dimensions.last == x.shape.rank - 2
    else { throw call.error("X is \(x.shape), the grid \(grid.shape)") }
    let sampler = try GridSampler(call, sizes: Array(x.shape.dimensions[2...]))
    let places = Array(grid.shape.dimensions.dropFirst().dropLast())
    let shape = try call.shape(x.shape.dimensions[..<2] + places)
    let placeCount = places.reduce(1, *)
    let (axes, channels) = (x.shape.rank - 2, x.shape[1])
    let cellCount = x.shape.dimensions[2...].reduce(1, *)
    let (values, coordinates) = (x.doubles, grid.doubles)
    var y = [Double](repeating: 0, count: shape.elementCount)
    for n in 0..<x.shape[0] {
      for place in 0..<placeCount {
        let start = (n * placeCount + place) * axes
        // The grid names the last axis first.
        let cells = try sampler.cells(at: coordinates[start..<start + axes].reversed())
        for c in 0..<channels {
          let plane = (n * channels + c) * cellCount
          y[(n * channels + c) * placeCount + place] = cells.reduce(0.0) {
            $0 + values[plane + $1.cell] * $1.weight
          }
        }
      }
    }
    return [Double.store(y, as: x.dtype, shape)]
  }

  @Sendable private static func affineGrid(_ call: ReferenceCall) throws -> [Tensor?] {
    let theta = try call.input(0)
    let size = try call.shape(call.integers(1))
    let axes = size.rank - 2
    guard axes == 2 || axes == 3, theta.shape == [size[0], axes, axes + 1] else {
      throw call.error("theta is \(theta.shape), size \(size)")
    }
    let alignsCorners = try call.node.flag("align_corners", default: false)
    func coordinate(_ index: Int, _ size: Int) -> Double {
      if alignsCorners { return size == 1 ? 0 : 2 * Double(index) / Double(size - 1) - 1 }
      return (2 * Double(index) + 1) / Double(size) - 1
    }
    let spatial = Array(size.dimensions[2...])
    let matrix = theta.doubles
    let shape = try call.shape([size[0]] + spatial + [axes])
    var result: [Double] = []
    result.reserveCapacity(shape.elementCount)
    try call.shape([size[0]] + spatial).forEachIndex { index in
      let place = zip(index.dropFirst(), spatial).map(coordinate).reversed() + [1]
      for row in 0..<axes {
        let start = (index[0] * axes + row) * (axes + 1)
        result.append(zip(matrix[start..<start + axes + 1], place).reduce(0) { $0 + $1.0 * $1.1 })
      }
    }
    return [Double.store(result, as: theta.dtype, shape)]
  }

  @Sendable private static func columnsToImage(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let image = try call.integers(1)
    let windows = try WindowAttributes(call.node, kernel: try call.integers(2))
      .windows(over: try call.shape(image).dimensions, of: call.node)
    guard x.shape.rank == 3, windows.kernelCount > 0, x.shape[1] % windows.kernelCount == 0,
      x.shape[2] == windows.outputCount
    else { throw call.error("input is \(x.shape) for blocks \(windows.kernel) of \(image)") }
    let channels = x.shape[1] / windows.kernelCount
    let shape = try call.shape([x.shape[0], channels] + image)
    let values = x.doubles
    var y = [Double](repeating: 0, count: shape.elementCount)
    for output in 0..<windows.outputCount {
      let cells = windows.taps(at: output).cells
      for plane in 0..<x.shape[0] * channels {
        for cell in cells {
          let row = plane * windows.kernelCount + cell.kernel
          y[plane * windows.inputCount + cell.input] += values[row * windows.outputCount + output]
        }
      }
    }
    return [Double.store(y, as: x.dtype, shape)]
  }
}

/// Reads an image between its cells, as GridSample does.
private struct GridSampler {
  let sizes: [Int]
  private let mode: String
  private let padding: String
  private let alignsCorners: Bool
  private let call: ReferenceCall

  init(_ call: ReferenceCall, sizes: [Int]) throws {
    self.call = call
    self.sizes = sizes
    mode = try call.node.string("mode", default: "linear")
    padding = try call.node.string("padding_mode", default: "zeros")
    alignsCorners = try call.node.flag("align_corners", default: false)
    guard ["zeros", "border", "reflection"].contains(padding) else {
      throw call.error("padding_mode is \(padding), expected zeros, border or reflection")
    }
  }

  /// The cells and weights for normalised coordinates, one for each spatial axis.
  func cells(at coordinates: [Double]) throws -> [(cell: Int, weight: Double)] {
    var result: [(cell: Int, weight: Double)] = [(0, 1)]
    for (axis, coordinate) in coordinates.enumerated() {
      let taps = try taps(axis: axis, coordinate)
      result = result.flatMap { cell in
        zip(taps.cells, taps.weights).compactMap { tap, weight in
          inside(tap, axis).map { (cell.cell * sizes[axis] + $0, cell.weight * weight) }
        }
      }
    }
    return result
  }

  private func taps(axis: Int, _ coordinate: Double) throws -> InterpolationTaps {
    let size = Double(sizes[axis])
    let place =
      alignsCorners ? (coordinate + 1) / 2 * (size - 1) : ((coordinate + 1) * size - 1) / 2
    // What is no number lies outside; so does what is too large to be a cell.
    var x = place.isNaN ? -1e9 : min(max(place, -1e9), 1e9)
    if mode == "nearest" { x = x.rounded(.toNearestOrEven) }
    let (low, high) = bounds(axis)
    if x < low || x > high {
      if padding == "border" { x = min(max(x, 0), size - 1) }
      if padding == "reflection" { x = reflected(x, low, high) }
    }
    switch mode {
    case "nearest": return InterpolationTaps(cell: Int(x.rounded(.toNearestOrEven)))
    case "linear", "bilinear": return InterpolationTaps(linearAt: x)
    case "cubic", "bicubic": return InterpolationTaps(cubicAt: x, coefficient: -0.75)
    default: throw call.error("mode is \(mode), expected nearest, linear or cubic")
    }
  }

  /// The cell that stands for a place outside of the image; `nil` for zeros.
  private func inside(_ cell: Int, _ axis: Int) -> Int? {
    if (0..<sizes[axis]).contains(cell) { return cell }
    guard sizes[axis] > 0, padding != "zeros" else { return nil }
    if padding == "border" { return min(max(cell, 0), sizes[axis] - 1) }
    let (low, high) = bounds(axis)
    return min(max(Int(reflected(Double(cell), low, high)), 0), sizes[axis] - 1)
  }

  private func bounds(_ axis: Int) -> (low: Double, high: Double) {
    let size = Double(sizes[axis])
    return alignsCorners ? (0, size - 1) : (-0.5, size - 0.5)
  }

  /// `x` folded into `low...high` by mirrors at both ends.
  private func reflected(_ x: Double, _ low: Double, _ high: Double) -> Double {
    let span = high - low
    guard span > 0 else { return low }
    let distance = abs(x - low)
    let turns = (distance / span).rounded(.down)
    let rest = distance - turns * span
    return turns.truncatingRemainder(dividingBy: 2) == 0 ? low + rest : high - rest
  }
}

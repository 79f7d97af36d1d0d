import GraphIR
import Tensors

extension ReferenceOperators {
  /// Resize axis by axis: every output cell of an axis is a weighted sum of input cells.
  @Sendable static func resize(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let sizes = try call.optionalIntegers(3)
    let plan = try ResizePlan(
      call.node,
      inputSizes: x.shape.dimensions,
      scales: sizes == nil ? call.optionalInput(2)?.floats : nil,
      sizes: sizes
    )
    let shape = try call.shape(plan.outputSizes)
    let rules = try ResizeRules(call, plan)
    var values = x.doubles
    var present = x.shape.dimensions
    guard x.shape.elementCount > 0 else {
      guard shape.elementCount == 0 else { throw call.error("\(x.shape) has no cells to resize") }
      return [Tensor(zeros: x.dtype, shape)]
    }
    var outside = [[Bool]](repeating: [], count: x.shape.rank)
    for axis in present.indices {
      let taps = try (0..<shape[axis]).map { try rules.taps(axis: axis, output: $0) }
      outside[axis] = taps.map { $0 == nil }
      // An axis that keeps its cells costs nothing.
      let keeps = taps.enumerated().allSatisfy { $1?.cells == [$0] }
      if keeps && taps.count == present[axis] { continue }
      let layout = AxisLayout(try call.shape(present), axis: axis)
      present[axis] = shape[axis]
      var next = [Double](repeating: 0, count: layout.outer * shape[axis] * layout.inner)
      for outer in 0..<layout.outer {
        for (output, tap) in taps.enumerated() {
          guard let tap else { continue }
          for inner in 0..<layout.inner {
            next[(outer * shape[axis] + output) * layout.inner + inner] = zip(
              tap.cells,
              tap.weights
            ).reduce(0.0) { sum, part in
              let cell = min(max(part.0, 0), layout.length - 1)
              return sum + part.1 * values[(outer * layout.length + cell) * layout.inner + inner]
            }
          }
        }
      }
      values = next
    }
    var position = 0
    shape.forEachIndex { index in
      if zip(index, outside).contains(where: { !$1.isEmpty && $1[$0] }) {
        values[position] = rules.extrapolation
      }
      position += 1
    }
    return [Double.store(values, as: x.dtype, shape)]
  }
}

/// The attributes of a Resize.
private struct ResizeRules {
  let plan: ResizePlan
  let extrapolation: Double
  private let mode: String
  private let coordinates: String
  private let nearest: String
  private let cubicCoefficient: Double
  private let excludesOutside: Bool
  private let antialiases: Bool
  /// First and last place of the region by axis of the data, as parts of the axis.
  private var region: [(start: Double, end: Double)]
  private let call: ReferenceCall

  init(_ call: ReferenceCall, _ plan: ResizePlan) throws {
    self.call = call
    self.plan = plan
    let node = call.node
    mode = try node.string("mode", default: "nearest")
    coordinates = try node.string("coordinate_transformation_mode", default: "half_pixel")
    nearest = try node.string("nearest_mode", default: "round_prefer_floor")
    cubicCoefficient = Double(try node.float("cubic_coeff_a", default: -0.75))
    excludesOutside = try node.flag("exclude_outside", default: false)
    antialiases = try node.flag("antialias", default: false)
    extrapolation = Double(try node.float("extrapolation_value", default: 0))
    region = plan.inputSizes.map { _ in (0, 1) }
    guard coordinates == "tf_crop_and_resize" else { return }
    let bounds = call.optionalInput(1)?.doubles ?? []
    guard bounds.count == 2 * plan.axes.count, bounds.allSatisfy(\.isFinite) else {
      throw call.error("roi has \(bounds.count) elements, expected \(2 * plan.axes.count)")
    }
    for (position, axis) in plan.axes.enumerated() {
      region[axis] = (bounds[position], bounds[position + plan.axes.count])
    }
  }

  /// The input cells of an output cell along an axis, `nil` where it lies outside of the data and is extrapolated.
  func taps(axis: Int, output: Int) throws -> InterpolationTaps? {
    let size = plan.inputSizes[axis]
    guard plan.axes.contains(axis) else { return InterpolationTaps(cell: output) }
    let place = try position(axis: axis, output: Double(output))
    if coordinates == "tf_crop_and_resize", place < 0 || place > Double(size - 1) { return nil }
    // Places far outside read the edge like those just outside; this keeps them representable.
    let x = min(max(place, -1e9), 1e9)
    var taps: InterpolationTaps
    let stretch = antialiases ? plan.scales[axis] : 1
    switch mode {
    case "nearest": taps = InterpolationTaps(cell: try nearestCell(x))
    case "linear": taps = InterpolationTaps(linearAt: x, stretch: stretch)
    case "cubic":
      taps = InterpolationTaps(cubicAt: x, coefficient: cubicCoefficient, stretch: stretch)
    default: throw call.error("mode is \(mode), expected nearest, linear or cubic")
    }
    if excludesOutside { taps.excludeOutside(of: size) }
    return taps
  }

  private func nearestCell(_ x: Double) throws -> Int {
    switch nearest {
    case "round_prefer_floor": Int((x - 0.5).rounded(.up))
    case "round_prefer_ceil": Int((x + 0.5).rounded(.down))
    case "floor": Int(x.rounded(.down))
    case "ceil": Int(x.rounded(.up))
    default: throw call.error("nearest_mode is \(nearest)")
    }
  }

  /// Where an output cell lies on the input's axis, by `coordinate_transformation_mode`.
  private func position(axis: Int, output: Double) throws -> Double {
    let scale = plan.scales[axis]
    let size = Double(plan.inputSizes[axis])
    let length = Double(plan.outputSizes[axis])
    // ONNX measures the output by the scale given, which need not be whole.
    let exactLength = scale * size
    let halfPixel = (output + 0.5) / scale - 0.5
    switch coordinates {
    case "half_pixel": return halfPixel
    case "half_pixel_symmetric": return size / 2 * (1 - length / exactLength) + halfPixel
    case "pytorch_half_pixel": return length > 1 ? halfPixel : 0
    case "align_corners":
      return exactLength == 1 ? 0 : output * (size - 1) / (exactLength - 1)
    case "asymmetric": return output / scale
    case "tf_half_pixel_for_nn": return (output + 0.5) / scale
    case "tf_crop_and_resize":
      let (start, end) = region[axis]
      if length <= 1 { return (start + end) / 2 * (size - 1) }
      return start * (size - 1) + output * (end - start) * (size - 1) / (length - 1)
    default: throw call.error("coordinate_transformation_mode is \(coordinates)")
    }
  }
}

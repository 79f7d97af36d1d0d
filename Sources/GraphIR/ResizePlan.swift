package import Tensors

/// Sizes and scales of a Resize by axis of its data.
package struct ResizePlan: Sendable {
  package let inputSizes: [Int]
  package let outputSizes: [Int]
  /// Output size over input size; where scales are given exactly those, which the rounded sizes only approximate.
  package let scales: [Double]
  /// The axes that are resized, in the order of the operands.
  package let axes: [Int]

  /// Plans from `scales`, or from `sizes` adapted by `keep_aspect_ratio_policy`; one number for each axis of the node.
  ///
  /// - Throws: `GraphError.operands` for numbers that do not fit the axes, and scales that are not positive.
  package init(
    _ node: Node,
    inputSizes: [Int],
    scales: [Double]?,
    sizes: [Int]?
  ) throws(GraphError) {
    let rank = inputSizes.count
    axes = try node.normalizedAxes(node.ints("axes") ?? Array(0..<rank), rank: rank)
    self.inputSizes = inputSizes
    var outputs = inputSizes
    var factors = [Double](repeating: 1, count: rank)
    func failure(_ detail: String) -> GraphError {
      .operands(node: node.name, op: node.op, detail: detail)
    }
    if let sizes {
      let limits = 0...Shape.elementCountMax
      guard sizes.count == axes.count, sizes.allSatisfy(limits.contains) else {
        throw failure("sizes is \(sizes) for \(axes.count) axes")
      }
      let policy = try node.string("keep_aspect_ratio_policy", default: "stretch")
      let ratios = zip(axes, sizes).map { Double($1) / Double(max(inputSizes[$0], 1)) }
      let common: Double?
      switch policy {
      case "stretch": common = nil
      case "not_larger": common = ratios.min()
      case "not_smaller": common = ratios.max()
      default: throw failure("keep_aspect_ratio_policy is \(policy)")
      }
      for (position, axis) in axes.enumerated() {
        guard let common else {
          outputs[axis] = sizes[position]
          factors[axis] = ratios[position]
          continue
        }
        factors[axis] = common
        outputs[axis] = try Self.size(inputSizes[axis], common, .toNearestOrAwayFromZero, failure)
      }
    } else if let scales {
      guard scales.count == axes.count, scales.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw failure("scales is \(scales) for \(axes.count) axes")
      }
      for (axis, scale) in zip(axes, scales) {
        factors[axis] = scale
        outputs[axis] = try Self.size(inputSizes[axis], scale, .down, failure)
      }
    } else {
      throw failure("one of scales and sizes must be there")
    }
    outputSizes = outputs
    self.scales = factors
  }

  private static func size(
    _ size: Int,
    _ scale: Double,
    _ rule: FloatingPointRoundingRule,
    _ failure: (String) -> GraphError
  ) throws(GraphError) -> Int {
    let result = (Double(size) * scale).rounded(rule)
    guard result >= 0, result <= Double(Shape.elementCountMax) else {
      throw failure("\(size) cells times \(scale) are too many")
    }
    return Int(result)
  }
}

extension Tensor {
  /// The elements of a float32 or float64 tensor as Double, `nil` for another type.
  package var floats: [Double]? {
    switch dtype {
    case .float32: elements(of: Float.self).map { Double($0) }
    case .float64: elements(of: Double.self)
    default: nil
    }
  }
}

import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  static let reductions: [OperatorName: ReferenceFunction] = [
    "ReduceSum": reduced(.sum),
    "ReduceMean": reduced(.mean),
    "ReduceMax": reduced(.maximum),
    "ReduceMin": reduced(.minimum),
    "ReduceProd": reduced(.product),
    "ReduceSumSquare": reduced(.sumOfSquares),
    "ReduceL1": reduced(.sumOfMagnitudes),
    "ReduceL2": reduced(.euclideanNorm),
    "ReduceLogSum": reduced(.logarithmOfSum),
    "ReduceLogSumExp": reduced(.logarithmOfSumOfExponentials),
    "ArgMax": position(largest: true),
    "ArgMin": position(largest: false),
  ]

  private static func reduced(_ reduction: Reduction) -> ReferenceFunction {
    { call in
      let x = try call.input(0)
      let axes = try call.node.reducedAxes(
        try call.optionalIntegers(1),
        rank: x.shape.rank
      )
      let groups = ReducedGroups(
        x.shape,
        axes: axes,
        keep: try call.node.flag("keepdims", default: true)
      )
      let result =
        x.dtype.isFloatingPoint
        ? reduction.reduced(x, groups, as: Double.self)
        : reduction.reduced(x, groups, as: x.dtype.carrier)
      return [result]
    }
  }

  private static func position(largest: Bool) -> ReferenceFunction {
    { call in try position(call, largest: largest, as: try call.input(0).dtype.carrier) }
  }

  /// The position of the best element of each line; NaN is better than any number, as in NumPy.
  private static func position<Number: ReferenceNumber>(
    _ call: ReferenceCall,
    largest: Bool,
    as carrier: Number.Type
  ) throws -> [Tensor?] {
    let x = try call.input(0)
    let axis = try call.node.normalizedAxis(
      try call.node.int("axis", default: 0),
      rank: x.shape.rank
    )
    let last = try call.node.flag("select_last_index", default: false)
    let groups = ReducedGroups(
      x.shape,
      axes: [axis],
      keep: try call.node.flag("keepdims", default: true)
    )
    guard x.shape[axis] > 0 || groups.shape.elementCount == 0 else {
      throw call.error("axis \(axis) of shape \(x.shape) has no elements to choose from")
    }
    let elements = Number.load(x)
    func isBetter(_ a: Number, _ b: Number) -> Bool {
      if a.isNotANumber || b.isNotANumber { return a.isNotANumber && (last || !b.isNotANumber) }
      return a == b ? last : largest ? a > b : a < b
    }
    let positions = groups.bases.map { base -> Int64 in
      var best = 0
      for candidate in groups.members.indices.dropFirst()
      where isBetter(
        elements[base + groups.members[candidate]],
        elements[base + groups.members[best]]
      ) {
        best = candidate
      }
      return Int64(best)
    }
    return [Tensor(positions, groups.shape)]
  }
}

/// How the elements of a tensor fall into groups that are reduced to one element each.
struct ReducedGroups {
  /// The shape of the result.
  let shape: Shape
  /// The position of the first element of each group, in the order of the result.
  let bases: [Int]
  /// The distance of each member of a group from its first.
  let members: [Int]

  /// - Precondition: `axes` are different dimensions of `source`.
  init(_ source: Shape, axes: [Int], keep: Bool) {
    let strides = source.strides
    let kept = source.dimensions.indices.filter { !axes.contains($0) }
    bases = Shape(kept.map { source[$0] }).offsets(strides: kept.map { strides[$0] })
    members = Shape(axes.map { source[$0] }).offsets(strides: axes.map { strides[$0] })
    shape = Shape(
      source.dimensions.indices.compactMap { axes.contains($0) ? (keep ? 1 : nil) : source[$0] }
    )
  }
}

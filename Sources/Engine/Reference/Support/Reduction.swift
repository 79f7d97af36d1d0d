import Glibc
import Tensors

/// What makes one number of many.
enum Reduction {
  case sum, mean, maximum, minimum, product, sumOfSquares, sumOfMagnitudes, euclideanNorm
  case logarithmOfSum, logarithmOfSumOfExponentials

  func reduced<Number: ReferenceNumber>(
    _ tensor: Tensor,
    _ groups: ReducedGroups,
    as carrier: Number.Type
  ) -> Tensor {
    let elements = Number.load(tensor)
    // The extremes of bool are its own, not those of the byte that carries it.
    let highest = tensor.dtype == .bool ? Number.one : Number.highest
    let lowest = tensor.dtype == .bool ? Number.zero : Number.lowest
    func sum(_ group: some Sequence<Number>) -> Number { group.reduce(.zero) { $0.adding($1) } }
    let result = groups.bases.map { base -> Number in
      let group = groups.members.lazy.map { elements[base + $0] }
      return switch self {
      case .sum: sum(group)
      case .product: group.reduce(.one) { $0.multiplied(by: $1) }
      case .maximum: group.reduce(lowest) { $0.isNotANumber || $0 > $1 ? $0 : $1 }
      case .minimum: group.reduce(highest) { $0.isNotANumber || $0 < $1 ? $0 : $1 }
      case .sumOfSquares: group.reduce(.zero) { $0.adding($1.multiplied(by: $1)) }
      case .sumOfMagnitudes:
        group.reduce(.zero) { $1 < .zero ? $0.subtracting($1) : $0.adding($1) }
      case .mean: sum(group).divided(by: Number(saturating: Double(groups.members.count)))
      case .euclideanNorm:
        Number(saturating: group.reduce(0) { $0 + $1.double * $1.double }.squareRoot())
      case .logarithmOfSum:
        Number(saturating: log(group.reduce(0) { $0 + $1.double }))
      case .logarithmOfSumOfExponentials:
        Number(saturating: Self.logarithmOfSumOfExponentials(group.map(\.double)))
      }
    }
    return Number.store(result, as: tensor.dtype, groups.shape)
  }

  /// log(sum of exp(x)) with the largest x taken out, so that nothing overflows; minus infinity for no elements.
  static func logarithmOfSumOfExponentials(_ values: some Collection<Double>) -> Double {
    let largest = values.reduce(-.infinity) { $0.isNaN || $0 > $1 ? $0 : $1 }
    guard largest.isFinite else { return largest }
    return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
  }
}

import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  /// Pow: the exponent may be of another type; the result has the type of the base.
  static let power: ReferenceFunction = { call in
    let (base, exponent) = (try call.input(0), try call.input(1))
    let shape = try call.broadcastShape(of: [base, exponent])
    if let carrier = base.dtype.integerCarrier, let other = exponent.dtype.integerCarrier {
      let exponents = broadcast(
        clampedIntegers(exponent, as: other),
        exponent.shape,
        to: shape
      )
      return [integerPower(base, exponents, shape, as: carrier)]
    }
    let a = broadcast(base.doubles, base.shape, to: shape)
    let b = broadcast(exponent.doubles, exponent.shape, to: shape)
    return [Double.store(a.indices.map { pow(a[$0], b[$0]) }, as: base.dtype, shape)]
  }

  private static func clampedIntegers<Integer: ReferenceNumber & FixedWidthInteger>(
    _ tensor: Tensor,
    as carrier: Integer.Type
  ) -> [Int64] {
    Integer.load(tensor).map { Int64(clamping: $0) }
  }

  private static func integerPower<Integer: ReferenceNumber & FixedWidthInteger>(
    _ base: Tensor,
    _ exponents: [Int64],
    _ shape: Shape,
    as carrier: Integer.Type
  ) -> Tensor {
    let bases = broadcast(Integer.load(base), base.shape, to: shape)
    let result = bases.indices.map { integerPower(bases[$0], exponents[$0]) }
    return Integer.store(result, as: base.dtype, shape)
  }

  /// Square and multiply, wrapping; a negative exponent gives the reciprocal truncated, and 0 for base 0.
  private static func integerPower<Integer: ReferenceNumber & FixedWidthInteger>(
    _ base: Integer,
    _ exponent: Int64
  ) -> Integer {
    if exponent < 0 {
      let isUnit = base == 1 || (Integer.isSigned && base.adding(.one) == 0)
      return isUnit ? integerPower(base, exponent & 1) : 0
    }
    var result = Integer.one
    var square = base
    var remaining = exponent
    while remaining > 0 {
      if remaining & 1 == 1 { result = result &* square }
      square = square &* square
      remaining >>= 1
    }
    return result
  }
}

import Glibc
package import Tensors

/// Standard normal numbers by the Box-Muller transform, two at a time, in double precision.
package struct NormalDistribution {
  private var spare: Double?

  package init() {}

  /// The next number.
  package mutating func next(_ random: inout Philox) -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    // 1 - u is in (0, 1], so the logarithm is finite.
    let radius = (-2 * log(1 - Self.uniform(&random))).squareRoot()
    let angle = 2 * Double.pi * Self.uniform(&random)
    spare = radius * sin(angle)
    return radius * cos(angle)
  }

  /// The next number within two deviations.
  package mutating func nextTruncated(_ random: inout Philox) -> Double {
    while true {
      let value = next(&random)
      if abs(value) <= 2 { return value }
    }
  }

  /// Uniform in [0, 1) with 53 random bits.
  private static func uniform(_ random: inout Philox) -> Double {
    Double(random.next() >> 11) * 0x1p-53
  }
}

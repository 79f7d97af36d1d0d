import CKernels
import Foundation
import Testing

/// The tests of the vector kernels, one after the other: they take all of a core, at the instruction set of their own thread.
@Suite(.serialized) struct VectorKernels {}

/// The instruction sets that this CPU runs.
let supportedISAs: [ck_isa] = (0..<CK_ISA_COUNT.rawValue).map { ck_isa($0) }
  .filter { ck_isa_supported($0) }

/// Those with a fused multiply-add, which must agree to the last bit.
let fusedISAs = supportedISAs.filter {
  $0 == CK_ISA_AVX2 || $0 == CK_ISA_AVX512 || $0 == CK_ISA_NEON
}

/// The level's name, for messages.
func name(_ isa: ck_isa) -> String { String(cString: ck_isa_name(isa)) }

/// Runs `body` at `isa`, then goes back to the level that was in use.
func at<Result>(_ isa: ck_isa, _ body: () throws -> Result) rethrows -> Result {
  let before = ck_isa_current()
  #expect(ck_isa_force(isa))
  defer { _ = ck_isa_force(before) }
  return try body()
}

/// Runs `body` at every supported level; expects equal bits from the levels with a fused multiply-add.
func atEveryISA(
  _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: (String) throws -> [Float]
) rethrows {
  var fused: [UInt32]?
  for isa in supportedISAs {
    let bits = try at(isa) { try body("\(name(isa)) \(comment)") }
      .map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
    guard fusedISAs.contains(isa) else { continue }
    #expect(
      fused == nil || fused == bits,
      "\(comment): bits differ",
      sourceLocation: sourceLocation
    )
    fused = bits
  }
}

/// A small seeded generator (SplitMix64), so that every run tests the same numbers.
struct Numbers: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// `count` numbers in `range`.
  mutating func floats(_ count: Int, _ range: ClosedRange<Float> = -2...2) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}

/// Expects `actual` within `tolerance` of `expected`, relative to the larger of 1 and the expected magnitude; NaN and infinities
/// must match.
func expectClose(
  _ actual: [Float],
  _ expected: [Double],
  tolerance: Double = 2e-6,
  _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, sourceLocation: sourceLocation)
  for (index, (a, e)) in zip(actual, expected).enumerated() {
    let close =
      e.isNaN
      ? a.isNaN
      : e.isInfinite ? Double(a) == e : abs(Double(a) - e) <= tolerance * max(1, abs(e))
    if !close {
      Issue.record("\(comment) [\(index)]: \(a), expected \(e)", sourceLocation: sourceLocation)
      return
    }
  }
}

/// The error of `actual` in units of the last place of a float as large as `expected`.
func ulpError(_ actual: Float, _ expected: Double) -> Double {
  if expected.isNaN { return actual.isNaN ? 0 : .infinity }
  let limit = Double(Float.greatestFiniteMagnitude) * (1 + 0x1p-25)
  if abs(expected) >= limit {
    return actual.isInfinite && (actual > 0) == (expected > 0) ? 0 : .infinity
  }
  if !actual.isFinite { return .infinity }
  if expected == 0 && actual == 0 { return actual.sign == expected.sign ? 0 : .infinity }
  let unit = Swift.max(scalbn(1.0, expected.exponentIfAny - 23), 0x1p-149)
  return abs(Double(actual) - expected) / unit
}

extension Double {
  fileprivate var exponentIfAny: Int { self == 0 ? -149 : Int(exponent) }
}

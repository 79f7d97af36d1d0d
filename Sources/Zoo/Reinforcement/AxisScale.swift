import Glibc

/// The numbers along an axis: round ones, a step of 1, 2 or 5 times a power of ten apart, that enclose what is shown.
struct AxisScale {
  let low: Double
  let high: Double
  private let step: Double

  /// Steps that fit between the ends, about.
  private static let stepsMax = 8.0

  /// An axis for finite values; 0 to 1 for none.
  init(covering values: [Double]) {
    let least = values.min() ?? 0
    var span = (values.max() ?? 1) - least
    if !span.isFinite || span <= 0 { span = max(abs(least), 1) }
    let raw = span / Self.stepsMax
    let magnitude = pow(10, floor(log10(raw)))
    step = ([1, 2, 5].first { $0 * magnitude >= raw } ?? 10) * magnitude
    low = floor(least / step) * step
    high = max(ceil((values.max() ?? 1) / step) * step, low + step)
  }

  /// From the lower end to the upper.
  var ticks: [Double] {
    (0...Int(((high - low) / step).rounded())).map { low + Double($0) * step }
  }

  /// Where a value lies: 0 at the lower end, 1 at the upper.
  func share(_ value: Double) -> Double { (value - low) / (high - low) }

  /// A tick's number, without digits that the step has not; thousands as k, millions as M.
  func text(_ tick: Double) -> String {
    for (unit, suffix) in [(1e6, "M"), (1e3, "k")] where max(abs(low), abs(high)) >= 10 * unit {
      return tick == 0 ? "0" : Self.plain(tick / unit, step: step / unit) + suffix
    }
    return Self.plain(tick, step: step)
  }

  private static func plain(_ value: Double, step: Double) -> String {
    let digits = max(0, Int(-floor(log10(step * 1.000_001))))
    guard digits > 0 else { return Int(exactly: value.rounded()).map(String.init) ?? "\(value)" }
    let scale = pow(10, Double(min(digits, 12)))
    return "\((value * scale).rounded() / scale)"
  }
}

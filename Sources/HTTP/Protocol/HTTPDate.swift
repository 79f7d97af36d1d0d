/// The `Date` line (RFC 9110 §5.6.7 IMF-fixdate), rendered at most once a second.
struct HTTPDate {
  private(set) var line: [UInt8] = []
  private var second: Int = .min

  /// Renders the line for this Unix time if the second has changed.
  mutating func update(unixSeconds: Int) {
    guard unixSeconds != second else { return }
    second = unixSeconds
    line.removeAll(keepingCapacity: true)
    line.append(contentsOf: "Date: ".utf8)
    Self.append(unixSeconds, to: &line)
    line.append(contentsOf: "\r\n".utf8)
  }

  /// Appends `Sun, 06 Nov 1994 08:49:37 GMT`.
  static func append(_ unixSeconds: Int, to output: inout [UInt8]) {
    let clamped = max(0, min(unixSeconds, 253_402_300_799))
    let (days, rest) = clamped.quotientAndRemainder(dividingBy: 86_400)
    let (year, month, day) = civil(days)
    output.append(contentsOf: name("ThuFriSatSunMonTueWed", days % 7))
    output.append(contentsOf: ", ".utf8)
    append(day, digits: 2, to: &output)
    output.append(ASCII.space)
    output.append(contentsOf: name("JanFebMarAprMayJunJulAugSepOctNovDec", month - 1))
    output.append(ASCII.space)
    append(year, digits: 4, to: &output)
    for (separator, value) in zip(" ::".utf8, [rest / 3600, rest / 60 % 60, rest % 60]) {
      output.append(separator)
      append(value, digits: 2, to: &output)
    }
    output.append(contentsOf: " GMT".utf8)
  }

  /// The civil date of a day counted from 1970-01-01, by 400-year eras that begin on 1 March.
  private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
      dayOfYear - (153 * marchMonth + 2) / 5 + 1
    )
  }

  private static func name(_ names: String, _ index: Int) -> Substring.UTF8View {
    names.dropFirst(index * 3).prefix(3).utf8
  }

  private static func append(_ value: Int, digits: Int, to output: inout [UInt8]) {
    var divisor = digits == 4 ? 1000 : 10
    while divisor > 0 {
      output.append(UInt8(truncatingIfNeeded: 0x30 + value / divisor % 10))
      divisor /= 10
    }
  }
}

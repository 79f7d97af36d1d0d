import Tensors

/// A day as people write it, and as ISO 8601 does.
package struct DateSentence: Sendable, Equatable {
  package let written: String
  /// YYYY-MM-DD.
  package let iso: String
}

/// Draws days of the years 1900 to 2099 in the ways that English writes them.
package struct DateSentences: Sendable {
  package static let years = 1900...2099

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
  private static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]

  private var random: Philox

  package init(seed: UInt64, stream: UInt64) {
    random = Philox(seed: seed, stream: stream)
  }

  /// A day of the calendar.
  private struct Day {
    let year: Int
    let month: Int
    let day: Int

    var iso: String { "\(year)-\(twoDigits(month))-\(twoDigits(day))" }

    /// 0 for Sunday (Zeller's congruence, Gregorian).
    var weekday: Int {
      let (y, m) = month < 3 ? (year - 1, month + 12) : (year, month)
      return (day + 13 * (m + 1) / 5 + y + y / 4 - y / 100 + y / 400 + 6) % 7
    }

    /// Whether no training may see the day: one in ten, by a hash of it.
    var isHeldOut: Bool {
      let number = UInt64(year * 10_000 + month * 100 + day)
      return ((number &* 0x9E37_79B9_7F4A_7C15) >> 32) % 10 == 0
    }
  }

  /// The next sentence of a day that is held out, or of one that is not.
  package mutating func next(heldOut: Bool) -> DateSentence {
    while true {
      let year = Self.years.lowerBound + random.below(Self.years.count)
      let month = 1 + random.below(12)
      let day = Day(year: year, month: month, day: 1 + random.below(Self.dayCount(year, month)))
      guard day.isHeldOut == heldOut else { continue }
      return DateSentence(written: write(day), iso: day.iso)
    }
  }

  private static func dayCount(_ year: Int, _ month: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private mutating func write(_ day: Day) -> String {
    let name = Self.months[day.month - 1]
    let month = random.below(2) == 0 ? name : String(name.prefix(3))
    let ordinal = "\(day.day)\(Self.ordinalEnding(day.day))"
    let weekday = Self.weekdays[day.weekday]
    let text =
      switch random.below(10) {
      case 0: "\(ordinal) of \(name) \(day.year)"
      case 1: "\(month) \(day.day), \(day.year)"
      case 2: "\(day.day) \(month) \(day.year)"
      case 3: "\(month) \(ordinal), \(day.year)"
      case 4: "\(weekday), \(month) \(day.day), \(day.year)"
      case 5: "\(weekday), \(day.day) \(month) \(day.year)"
      case 6: "the \(ordinal) of \(name), \(day.year)"
      case 7: "\(day.year)/\(twoDigits(day.month))/\(twoDigits(day.day))"
      case 8: "\(day.day).\(day.month).\(day.year)"
      default: "\(weekday.prefix(3)) \(ordinal) \(month) \(day.year)"
      }
    switch random.below(4) {
    case 0: return text.lowercased()
    case 1: return text.uppercased()
    default: return text
    }
  }

  private static func ordinalEnding(_ day: Int) -> String {
    if (11...13).contains(day) { return "th" }
    return switch day % 10 {
    case 1: "st"
    case 2: "nd"
    case 3: "rd"
    default: "th"
    }
  }
}

private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

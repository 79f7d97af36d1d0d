/// The names of jobs and events.
package enum JobIdentifier {
  /// Before a job's random part.
  package static let jobPrefix = "ftjob-"
  /// Before an event's random part, which is that of its job.
  package static let eventPrefix = "ftevent-"
  /// Letters and digits behind the prefix: 24 of 62, which is 142 bits.
  package static let randomCharacterCount = 24

  private static let alphabet = Array(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8
  )

  /// A new job's id.
  static func make(using random: inout some RandomNumberGenerator) -> String {
    let random = (0..<randomCharacterCount).map { _ in
      alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
    }
    return jobPrefix + String(decoding: random, as: UTF8.self)
  }

  /// True for the form that jobs' ids have, which is safe as the name of a folder.
  package static func isJob(_ id: String) -> Bool {
    guard id.hasPrefix(jobPrefix) else { return false }
    let random = id.utf8.dropFirst(jobPrefix.utf8.count)
    return random.count == randomCharacterCount && random.allSatisfy(alphabet.contains)
  }
}

import Testing

@testable import HTTP

@Suite struct SpinnerTests {
  /// How many of `count` sleeps at `now` were preceded by polling that met nothing.
  private func polls(_ spinner: inout Spinner, _ count: Int, now: Nanoseconds) -> Int {
    (0..<count).count { _ in
      guard spinner.begin(now) else { return false }
      spinner.failed()
      return true
    }
  }

  @Test func neverPollsWithoutTrafficOrSpan() {
    var idle = Spinner(microseconds: 50)
    idle.noteActivity(0)
    #expect(polls(&idle, 100, now: 2_000_000) == 0)
    var off = Spinner(microseconds: 0)
    off.noteActivity(0)
    #expect(polls(&off, 100, now: 1) == 0)
  }

  @Test func probesRarelyAndGoesOnWhenItPays() {
    var spinner = Spinner(microseconds: 50)
    spinner.noteActivity(0)
    #expect(polls(&spinner, 160, now: 10) == 10)
    while !spinner.begin(10) {}
    for _ in 0..<20 { spinner.succeeded() }
    #expect(polls(&spinner, 8, now: 10) == 8)
    #expect(polls(&spinner, 15, now: 10) == 0)
  }

  @Test func pollsNoLongerThanItsSpan() {
    var spinner = Spinner(microseconds: 50)
    spinner.noteActivity(0)
    while !spinner.begin(10) {}
    #expect(spinner.goesOn(50_009))
    #expect(!spinner.goesOn(50_010))
  }
}

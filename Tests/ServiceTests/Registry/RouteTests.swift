import HTTP
import Testing

@testable import Service

@Suite struct RouteTests {
  static func host(_ version: Int) throws -> ModelHost {
    try ModelHost(
      "m",
      version: version,
      LoadedModel(FakeModel()),
      limits: ServiceLimits(),
      load: ServingLoad()
    )
  }

  static func route(_ percent: Double, alias: String = "stable") throws -> Route {
    Route(
      host: try host(1),
      canary: .init(try host(2), percent: percent, model: "m", alias: alias)
    )
  }

  static func sides(_ route: Route, _ values: some Sequence<Int>) -> [Int] {
    values.map { value in
      Array("user-\(value)".utf8).withUnsafeBytes {
        route.pick(sticky: BorrowedBytes($0), CanaryDraw(seed: 0)).version
      }
    }
  }

  @Test(arguments: [0, 0.01, 1, 10, 50, 99, 100])
  func theShareIsTheShare(_ percent: Double) throws {
    let route = try Self.route(percent)
    let count = 100_000
    // Four standard deviations of a binomial distribution.
    let share = percent / 100
    let tolerance = 4 * (Double(count) * share * (1 - share)).squareRoot()
    for seed in 0..<2 {
      let draw = CanaryDraw(seed: UInt64(seed))
      let taken = (0..<count).count { _ in route.pick(sticky: nil, draw).version == 2 }
      #expect(abs(Double(taken) - share * Double(count)) <= tolerance)
    }
    let sticky = Self.sides(route, 0..<count).count { $0 == 2 }
    #expect(abs(Double(sticky) - share * Double(count)) <= tolerance)
  }

  @Test func aValueStaysOnItsSideAndAGrowingShareKeepsItsOwn() throws {
    let ten = Self.sides(try Self.route(10), 0..<1000)
    #expect(ten == Self.sides(try Self.route(10), 0..<1000))
    let fifty = Self.sides(try Self.route(50), 0..<1000)
    for (before, after) in zip(ten, fifty) where before == 2 { #expect(after == 2) }
    // Another alias splits in another way.
    #expect(ten != Self.sides(try Self.route(10, alias: "next"), 0..<1000))
  }

  @Test func twoLoopsDrawDifferently() {
    let first = CanaryDraw(seed: 0)
    let second = CanaryDraw(seed: 1)
    #expect((0..<10).map { _ in first.next() } != (0..<10).map { _ in second.next() })
  }

  @Test func withoutACanaryEverythingGoesToTheVersion() throws {
    let route = Route(host: try Self.host(1), canary: nil)
    #expect(Set(Self.sides(route, 0..<100)) == [1])
    #expect(route.pick(sticky: nil, CanaryDraw(seed: 3)).version == 1)
  }
}

/// The environments that come with Martlet, by name.
package enum Environments {
  /// A name under which an environment is known, and how to make one.
  package struct Entry: Sendable {
    /// As its specification says, which is Gymnasium's where that has it.
    package let name: String
    /// Easier to type.
    package let shortName: String
    fileprivate let make: @Sendable () throws(ReinforcementError) -> any Environment
  }

  /// All of them.
  package static let all: [Entry] = [
    Entry(name: "FrozenLake-v1", shortName: "frozen-lake") { () throws(ReinforcementError) in
      try FrozenLake.environment()
    },
    Entry(name: "FrozenLakeNotSlippery-v1", shortName: "frozen-lake-not-slippery") {
      () throws(ReinforcementError) in try FrozenLake.environment(isSlippery: false)
    },
    Entry(name: "FrozenLake8x8-v1", shortName: "frozen-lake-8x8") {
      () throws(ReinforcementError) in try FrozenLake.environment(isLarge: true)
    },
    Entry(name: "FrozenLake8x8NotSlippery-v1", shortName: "frozen-lake-8x8-not-slippery") {
      () throws(ReinforcementError) in try FrozenLake.environment(isLarge: true, isSlippery: false)
    },
    Entry(name: "Taxi-v3", shortName: "taxi") { () throws(ReinforcementError) in
      try Taxi.environment()
    },
    Entry(name: "CartPole-v1", shortName: "cartpole") { () throws(ReinforcementError) in CartPole()
    },
    Entry(name: "MountainCar-v0", shortName: "mountain-car") { () throws(ReinforcementError) in
      MountainCar()
    },
    Entry(name: "Acrobot-v1", shortName: "acrobot") { () throws(ReinforcementError) in Acrobot() },
    Entry(name: "Catch-v1", shortName: "catch") { () throws(ReinforcementError) in Catch() },
    Entry(name: "CatchSmall-v1", shortName: "catch-small") { () throws(ReinforcementError) in
      Catch(isSmall: true)
    },
  ]

  /// A fresh environment.
  ///
  /// - Parameter name: an entry's name or short name.
  /// - Returns: One that draws as seeded with 0 until it is reset with a seed.
  /// - Throws: `ReinforcementError.environment` listing the names where there is none of this.
  package static func named(_ name: String) throws(ReinforcementError) -> any Environment {
    guard let entry = all.first(where: { $0.name == name || $0.shortName == name }) else {
      let names = all.map(\.shortName).joined(separator: ", ")
      throw .environment("there is none named '\(name)'; there are \(names)")
    }
    return try entry.make()
  }
}

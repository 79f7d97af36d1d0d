import Reinforcement
import Testing

@testable import martlet

@Suite struct EnvironmentPictureTests {
  private func lines(_ name: String, _ observation: [Float]) throws -> [String] {
    EnvironmentPicture(specification: try Environments.named(name).specification)
      .lines(observation)
  }

  @Test func aCartStandsWhereItIsAndItsPoleLeansToItsSide() throws {
    let upright = try lines("CartPole-v1", [0, 0, 0, 0])
    #expect(upright.last == String(repeating: "=", count: 61))
    #expect(upright[6] == String(repeating: " ", count: 28) + "[ooo]")
    #expect((0...5).allSatisfy { upright[$0] == String(repeating: " ", count: 30) + "|" })
    let leaning = try lines("CartPole-v1", [2.4, 0, 0.2, 0])
    #expect(leaning[6].hasSuffix("[oo") && leaning[6].count == 61)
    let left = try lines("CartPole-v1", [0, 0, -0.2, 0])
    #expect(try #require(left[0].firstIndex(of: "|")) < left[5].endIndex)
    #expect(left[0].count < left[5].count)
  }

  @Test func aLakeShowsTheFieldOfTheAgent() throws {
    #expect(
      try lines("FrozenLake-v1", [5]) == [
        " S  .  .  . ", " . [H] .  H ", " .  .  .  H ", " H  .  .  G ",
      ]
    )
    #expect(try lines("FrozenLake8x8-v1", [63]).last?.hasSuffix("[G]") == true)
  }

  /// State 328 of Gymnasium's documentation: taxi in row 3, column 1, passenger at Y, destination R.
  @Test func aTaxiShowsPassengerAndDestination() throws {
    let waiting = try lines("Taxi-v3", [328])
    #expect(waiting[1] == "|D: | : :G|")
    #expect(waiting[4] == "| |t: | : |")
    #expect(waiting[5] == "|p| : |B: |")
    let riding = try lines("Taxi-v3", [336])
    #expect(riding[4] == "| |T: | : |" && riding[5] == "|Y| : |B: |")
  }

  @Test func acrobotHangsBelowItsJoint() throws {
    let hanging = try lines("Acrobot-v1", [1, 0, 1, 0, 0, 0])
    #expect(hanging.count == 18)
    #expect(hanging[4] == String(repeating: "-", count: 37))
    #expect(hanging[17] == String(repeating: " ", count: 18) + "*")
  }

  @Test func aCarIsOnTheHill() throws {
    let valley = try lines("MountainCar-v0", [-0.5236, 0])
    let row = try #require(valley.firstIndex { $0.contains("o") })
    #expect(row == 10 && valley.contains { $0.contains("|>") })
    let top = try lines("MountainCar-v0", [0.5, 0])
    #expect(try #require(top.firstIndex { $0.contains("o") }) < row)
  }

  @Test func aBallIsOneCell() throws {
    var stack = [Float](repeating: 0, count: 4 * 21 * 21)
    stack[3 * 21 * 21 + 21 * 2 + 5] = 255
    let picture = try lines("CatchSmall-v1", stack)
    #expect(picture.count == 21)
    #expect(
      picture[2] == String(repeating: " .", count: 5) + "##" + String(repeating: " .", count: 15)
    )
    #expect(picture.joined().filter { $0 == "#" }.count == 2)
  }

  /// Numbers come from a server: whatever they are, something is shown.
  @Test(arguments: Environments.all.map(\.name))
  func oddNumbersDrawSomething(_ name: String) throws {
    let environment = try Environments.named(name)
    let count = environment.specification.observation.count
    for number: Float in [Float.infinity, -Float.infinity, -1, 1e30] {
      let picture = EnvironmentPicture(specification: environment.specification)
      #expect(!picture.lines([Float](repeating: number, count: count)).isEmpty)
    }
    #expect(!(try lines(name, environment.observation)).isEmpty)
  }
}

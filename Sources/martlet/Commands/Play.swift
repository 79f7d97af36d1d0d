import CommandLineTool
import HTTP
import Reinforcement
import Service
import Tensors

/// `martlet play`: plays an environment by asking a running server for every step.
struct Play: Command {
  let specification = CommandSpecification(
    "play",
    "play an environment by asking a running server's policy for every step",
    positionals: [
      .init("ENVIRONMENT", "cartpole, mountain-car, acrobot, frozen-lake, taxi, catch, ...")
    ],
    flags: [
      .init("url", value: "URL", "the server", default: defaultURL),
      .init("model", value: "NAME", "the policy (default: ENVIRONMENT-dqn or ENVIRONMENT)"),
      .init("episodes", value: "COUNT", "episodes to play", default: "1"),
      .init(
        "seed",
        value: "SEED",
        "of the first episode; the others go on from there",
        default: "0"
      ),
      .init("delay", value: "MS", "how long a step is shown on a terminal", default: "30"),
    ],
    notes: """
      On a terminal the episode is drawn as it is played; elsewhere there is a line for each episode. The names of environments are
      ours or Gymnasium's (CartPole-v1); the same seed gives the same episodes as there.
      """
  )

  private static let defaultURL = "http://127.0.0.1:8080"

  func run(_ arguments: Arguments) throws -> Int32 {
    let entry = try Self.environment(arguments.positional(0) ?? "")
    let environment = try Environments.named(entry.name)
    let address: ServerAddress
    do throws(ServerAddress.Invalid) {
      address = try ServerAddress(arguments.string("url") ?? Self.defaultURL)
    } catch { throw UsageError("--url: \(error)") }
    let episodes = try arguments.integer("episodes", in: 1...1_000_000) ?? 1
    let seed = try arguments.integer("seed", in: 0...Int.max) ?? 0
    let delay = try arguments.number("delay", in: 0...10_000) ?? 30
    do throws(ClientProblem) {
      let model: String
      if let given = arguments.string("model") {
        model = given
      } else {
        model = try Self.model(for: entry, address)
      }
      var game = Game(
        environment: environment,
        client: try QValueClient(address, model: model),
        screen: PlayScreen(environment.specification, secondsPerStep: delay / 1000)
      )
      try game.play(episodes: episodes, seed: UInt64(seed))
      return 0
    } catch {
      Terminal.error.write("\(error.description.printable)\n")
      return 1
    }
  }

  /// The environment of a name; hyphens may be left out.
  private static func environment(_ name: String) throws(UsageError) -> Environments.Entry {
    func plain(_ name: String) -> String { name.lowercased().filter { $0 != "-" && $0 != "_" } }
    let entry = Environments.all.first {
      $0.name == name || plain($0.shortName) == plain(name) || plain($0.name) == plain(name)
    }
    guard let entry else {
      let names = Environments.all.map(\.shortName).joined(separator: ", ")
      throw UsageError("there is no environment '\(name)'; there are \(names)")
    }
    return entry
  }

  /// The server's policy for an environment, by its usual name.
  private static func model(
    for entry: Environments.Entry,
    _ address: ServerAddress
  ) throws(ClientProblem) -> String {
    let models = try QValueClient.models(of: address)
    // The small form of an environment is what the model of its name was trained on.
    let size = "-small"
    let name = entry.shortName
    let short = name.hasSuffix(size) ? String(name.dropLast(size.count)) : name
    let usual = ["\(entry.shortName)-dqn", entry.shortName, "\(short)-dqn"]
    guard let model = usual.first(where: models.contains) else {
      let known = models.isEmpty ? "none" : models.joined(separator: ", ")
      throw ClientProblem(
        "\(address) has no model \(usual.joined(separator: " or ")); it has \(known): choose with --model"
      )
    }
    return model
  }
}

/// Episodes that a policy behind a server plays.
private struct Game {
  var environment: any Environment
  let client: QValueClient
  var screen: PlayScreen

  mutating func play(episodes: Int, seed: UInt64) throws(ClientProblem) {
    let specification = environment.specification
    var returns: [Double] = []
    var roundTrips: [Double] = []
    let clock = ContinuousClock()
    for episode in 1...episodes {
      environment.reset(seed: episode == 1 ? seed : nil)
      var sum = 0.0
      var step = 0
      var result: StepResult
      repeat {
        let observation = environment.observation
        let start = clock.now
        let answer = try client.ask(observation, sizes: sizes)
        roundTrips.append((clock.now - start) / .milliseconds(1))
        guard answer.actions.count == specification.actions.count else {
          throw ClientProblem(
            "model '\(client.model)' does not fit \(specification.name): it has the actions \(answer.actions.joined(separator: ", ")), not \(specification.actions.joined(separator: ", "))"
          )
        }
        screen.show(observation, answer, episode: episode, step: step, reward: sum)
        result = environment.step(answer.action)
        sum += result.reward
        step += 1
      } while !result.isEnd
      returns.append(sum)
      let end = result.isTerminated ? "terminated" : "truncated"
      screen.end("episode \(episode): return \(PlayScreen.short(sum)), \(step) steps, \(end)")
    }
    let mean = returns.reduce(0, +) / Double(returns.count)
    let median = roundTrips.sorted()[roundTrips.count / 2]
    screen.end(
      "mean return \(PlayScreen.short(mean)) over \(returns.count) episodes of \(specification.name) by \(client.model), median round trip \(PlayScreen.short(median)) ms"
    )
  }

  /// The shape of an observation; empty for the number of a state.
  private var sizes: [Int] {
    switch environment.specification.observation {
    case .box(let shape, _, _, _): shape.dimensions
    case .discrete: []
    }
  }
}

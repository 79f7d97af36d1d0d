import GraphIR
import Jobs
import ONNXFormat
import Reinforcement
import Storage
import Tensors
import Testing
import Training

@testable import Service

/// Fine-tuning jobs with `"method": {"type": "reinforcement"}`.
@Suite struct ReinforcementJobTests {
  /// A corridor of numbers: action 1 earns 1 and ends where the observation is above 0, action 0 earns 1 where it is below.
  private static func transitions(_ count: Int, seed: UInt64 = 3) -> [String] {
    var random = Philox(seed: seed)
    return (0..<count).map { _ in
      let x = random.uniform() * 2 - 1
      let action = random.below(2)
      let reward = (x > 0) == (action == 1) ? 1 : 0
      return "{\"observation\":[\(x),1],\"action\":\(action),\"reward\":\(reward),"
        + "\"next_observation\":[0,0],\"terminated\":true}"
    }
  }

  private static func body(_ rows: [String]) -> String { TransitionTests.body(rows) }

  private static func order(
    _ model: String = "walker",
    _ members: String = "",
    hyperparameters: String = #""n_epochs": 30, "batch_size": 32, "learning_rate": 0.01"#
  ) -> String {
    #"{"model": "\#(model)", "seed": 1, "method": {"type": "reinforcement", "reinforcement": {"hyperparameters": {\#(hyperparameters)}}}\#(members)}"#
  }

  /// A folder whose model `walker` is a small network with random weights, `balancer` one for CartPole.
  static func folder() throws -> TemporaryFolder {
    let folder = try SmallAgents.folder()
    let root = "\(folder.path)/models"
    try SmallAgents.write(
      "walker",
      QNetworkArchitecture.dense(observation: 2, actions: 2, hidden: [16]).graph(seed: 1)
        .frozen(weights: [:]),
      ["back", "on"],
      root
    )
    try SmallAgents.write(
      "balancer",
      QNetworkArchitecture.dense(observation: 4, actions: 2, hidden: [8]).graph(seed: 1)
        .frozen(weights: [:]),
      ["left", "right"],
      environment: "CartPole-v1",
      root
    )
    return folder
  }

  private static func create(_ server: TuningServer, _ order: String) throws -> String {
    try #require(try server.ask("POST", TuningServer.jobs, order)["id"]?.text)
  }

  @Test func aPolicyLearnsFromStoredTransitionsAndIsPromoted() throws {
    let server = try TuningServer(in: Self.folder())
    _ = try server.ask(
      "POST",
      "/v1/models/walker:transitions",
      Self.body(Self.transitions(300))
    )
    let id = try Self.create(server, Self.order())
    let job = try server.wait(id)
    #expect(job["status"]?.text == "succeeded", "\(job)")
    #expect(job["method"]?["type"]?.text == "reinforcement")
    #expect(job["objective"]?.text == "reinforcement")
    #expect(job["gate"]?["metric"]?.text == "td_error")
    #expect(job["promotion"]?["promoted"] == .bool(true), "\(job)")
    #expect(try server.alias(of: "walker") == 2)
    let answer = try server.ask(
      "POST",
      "/v1/models/walker:qvalues",
      #"{"instances": [[0.7, 1], [-0.7, 1]]}"#
    )
    let names = answer["predictions"]?.elements.compactMap { $0["action_name"]?.text }
    #expect(names == ["on", "back"])
    let manifest = try ModelFolder.open("\(server.repository.root)/walker/2").manifest
    #expect(manifest.isQValueModel && manifest.labels == ["back", "on"])
    #expect(manifest.lineage.parent == "walker/1" && manifest.training?.recipe == "fine-tuning")
    #expect(try server.messages(id).contains { $0.contains("270 examples to train on, 30 held") })
  }

  @Test func inAKnownEnvironmentEpisodesDecide() throws {
    let server = try TuningServer(in: Self.folder())
    // Rewards for falling to the left teach nothing good.
    let row =
      #"{"observation":[0,0,0.1,0],"action":0,"reward":1,"next_observation":[0,0,0.2,0],"terminated":false}"#
    _ = try server.ask(
      "POST",
      "/v1/models/balancer:transitions",
      Self.body(Array(repeating: row, count: 64))
    )
    let job = try server.wait(
      Self.create(
        server,
        Self.order("balancer", hyperparameters: #""n_epochs": 20, "evaluation_episodes": 5"#)
      )
    )
    #expect(job["gate"]?["metric"]?.text == "mean_return")
    let new = try #require(job["metrics"]?["mean_return"]?.double)
    let present = try #require(job["parent_metrics"]?["mean_return"]?.double)
    #expect(new >= 8 && present >= 8)
    #expect(job["promotion"]?["promoted"] == .bool(new >= present), "\(job)")
    let reason = try #require(job["promotion"]?["reason"]?.text)
    #expect(reason.contains("5 episodes of CartPole-v1 with the same seeds"), "\(reason)")
  }

  @Test func anUploadedFileOfLinesWillDo() throws {
    let server = try TuningServer(in: Self.folder())
    let file = try server.upload(Self.transitions(100).joined(separator: "\n"))
    let job = try server.wait(
      Self.create(server, Self.order("walker", ",\"training_file\": \"\(file)\""))
    )
    #expect(job["status"]?.text == "succeeded", "\(job)")
    let bad = try server.upload(Self.transitions(3).joined(separator: "\n") + "\n{\"action\":1}\n")
    let failed = try server.wait(
      Self.create(server, Self.order("walker", ",\"training_file\": \"\(bad)\""))
    )
    #expect(failed["status"]?.text == "failed")
    #expect(failed["error"]?["code"]?.text == "invalid_training_file")
    #expect(failed["error"]?["message"]?.text?.contains("line 4.observation") == true, "\(failed)")
  }

  @Test func aTrainingThatIsInterruptedEndsWithTheSameBits() throws {
    func train(interrupting: Bool) throws -> [UInt8] {
      let folder = try Self.folder()
      let server = try TuningServer(in: folder, isWorking: false, tellsSteps: true)
      _ = try server.ask(
        "POST",
        "/v1/models/walker:transitions",
        Self.body(Self.transitions(200))
      )
      let id = try Self.create(server, Self.order())
      if interrupting {
        server.atEvent(of: id) {
          $0.content.message.contains("Step 40/")
        } _: { queue in
          _ = try? queue.pause(id)
        }
      }
      try server.tuning.start()
      if interrupting {
        try server.wait(id, for: [.paused])
        _ = try server.ask("POST", "\(TuningServer.jobs)/\(id)/resume")
      }
      let job = try server.wait(id)
      #expect(job["status"]?.text == "succeeded", "\(job)")
      return try server.graph("walker", 2)
    }
    #expect(try train(interrupting: true) == train(interrupting: false))
  }

  @Test func aTableLearnsToo() throws {
    let server = try TuningServer(in: Self.folder())
    let rows = (0..<60).map { index in
      let action = index % 3
      return "{\"observation\":2,\"action\":\(action),\"reward\":\(action == 0 ? 50 : 0),"
        + "\"next_observation\":0,\"terminated\":true}"
    }
    _ = try server.ask("POST", "/v1/models/maze:transitions", Self.body(rows))
    let job = try server.wait(
      Self.create(
        server,
        Self.order("maze", hyperparameters: #""n_epochs": 200, "learning_rate": 0.5"#)
      )
    )
    #expect(job["promotion"]?["promoted"] == .bool(true), "\(job)")
    let answer = try server.ask("POST", "/v1/models/maze:qvalues", #"{"instances": [2]}"#)
    #expect(answer["predictions"]?.elements.first?["action_name"]?.text == "left")
  }

  // MARK: - Refusals

  static let refusals: [(order: String, parameter: String, says: String)] = [
    (order(), "training_file", "POST them to /v1/models/walker:transitions"),
    (order("colour"), "method.type", "task q-values, which 'colour' is not"),
    (#"{"model": "walker", "training_file": "f"}"#, "method.type", "\"type\": \"reinforcement\""),
    (#"{"model": "walker", "method": {"type": "dpo"}}"#, "method.type", "'supervised'"),
    (order(hyperparameters: #""discount": 1.5"#), hyper("discount"), "0.0 to 1.0"),
    (order(hyperparameters: #""n_epoch": 1"#), hyper("n_epoch"), "known are n_epochs"),
    (order(hyperparameters: #""target_updates": 0"#), hyper("target_updates"), "from 1"),
    (order(hyperparameters: #""double": 1"#), hyper("double"), "true or false"),
    (order("walker", #","head": "replace""#), "head", "keeps its head"),
    (order("walker", #","objective": "regression""#), "objective", "'reinforcement'"),
    (order("walker", #","gate": {"metric": "accuracy"}"#), "gate.metric", "'td_error'"),
    (order("walker", #","gate": {"metric": "mean_return"}"#), "gate.metric", "an environment"),
    (order("walker", #","data": {"feedback": true}"#), "data", "learns from transitions"),
    (order("walker", #","training_file": "file-no""#), "training_file", "file-no"),
    (order("walker", #","hyperparameters": {"n_epochs": 1}"#), "hyperparameters", "supervised"),
  ]

  private static func hyper(_ name: String) -> String {
    "method.reinforcement.hyperparameters.\(name)"
  }

  @Test func ordersThatCannotBeRightAreRefused() throws {
    let server = try TuningServer(in: Self.folder())
    for entry in Self.refusals {
      let refused = try server.refusal("POST", TuningServer.jobs, entry.order)
      #expect(refused.status == 400 || refused.status == 404, "\(entry.order)")
      #expect(refused.parameter == entry.parameter, "\(entry.order): \(refused.message)")
      #expect(refused.message.contains(entry.says), "\(entry.order): \(refused.message)")
    }
    let policies = try server.refusal(
      "POST",
      TuningServer.jobs,
      #"{"model": "colour", "data": {"feedback": true}, "gate": {"metric": "mean_return"}}"#
    )
    #expect(policies.parameter == "gate.metric")
    #expect(try server.ask("GET", TuningServer.jobs)["data"]?.elements.isEmpty == true)
  }
}

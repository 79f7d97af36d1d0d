import HTTP
import Storage
import TestSupport
import Tensors
import Testing

@testable import Service

/// `:transitions`: what is accepted, kept, told and lost.
@Suite struct TransitionTests {
  static let row =
    #"{"observation": [1,2,3,4], "action": "right", "reward": 1.5, "next_observation": [2,3,4,5], "terminated": false, "truncated": true}"#

  static func body(_ rows: [String]) -> String {
    "{\"transitions\": [\(rows.joined(separator: ","))]}"
  }

  private static func count(_ server: TuningServer, _ model: String = "pole") throws -> Int? {
    try server.ask("GET", "/v1/models/\(model)/transitions")["count"]?.whole
  }

  @Test func transitionsAreCountedAndSummed() throws {
    let server = try TuningServer(in: SmallAgents.folder())
    let named =
      #"{"observation": {"x":1,"dx":2,"angle":3,"dangle":4}, "action": 0, "reward": 0.5, "#
      + #""next_observation": [1,2,3,4.5], "terminated": true}"#
    let answer = try server.ask(
      "POST",
      "/v1/models/pole:transitions",
      Self.body([Self.row, named, Self.row])
    )
    #expect(answer["accepted"]?.whole == 3 && answer["count"]?.whole == 3)
    let told = try server.ask("GET", "/v1/models/pole/transitions")
    #expect(told["count"]?.whole == 3 && told["total"]?.whole == 3)
    #expect(told["mean_reward"] == .number(3.5 / 3))
    #expect(told["episodes"]?.whole == 3 && told["terminated"]?.whole == 1)
    #expect(told["truncated"]?.whole == 2)
    #expect(told["actions"]?["left"]?.whole == 1 && told["actions"]?["right"]?.whole == 2)
    #expect(told["limits"]?["transitions"]?.whole == 1_000_000)
    #expect((told["bytes"]?.whole ?? 0) > 100)
  }

  @Test func statesAndPixelsAreKeptAsTheyAre() throws {
    let server = try TuningServer(in: SmallAgents.folder())
    let maze =
      #"{"observation": 0, "action": "down", "reward": 0, "next_observation": 3, "terminated": false}"#
    _ = try server.ask("POST", "/v1/models/maze:transitions", Self.body([maze]))
    let frame = "[[[0,255],[1,2]],[[3,4],[5,6]]]"
    let eyes =
      "{\"observation\": \(frame), \"action\": 1, \"reward\": -1, \"next_observation\": \(frame), \"terminated\": true}"
    _ = try server.ask("POST", "/v1/models/eyes:transitions", Self.body([eyes]))
    var kept: [TransitionBatch] = []
    for model in ["maze", "eyes"] {
      try server.transitions.memory(of: model)?.read { memory throws(FormatError) in
        try memory.forEach(newest: 10) { batch, _ in kept.append(batch) }
      }
    }
    #expect(kept.map(\.elements) == [.int64, .bytes])
    #expect(kept[0].observation(0, isNext: true) == [3] && kept[0].actions == [1])
    #expect(kept[1].observation(0) == [0, 255, 1, 2, 3, 4, 5, 6])
  }

  @Test func bothRoutesNeedTheToken() throws {
    let server = try TuningServer(in: SmallAgents.folder())
    let client = HTTPClient(port: server.port, timeoutSeconds: 20)
    for (method, path) in [
      ("POST", "/v1/models/pole:transitions"), ("GET", "/v1/models/pole/transitions"),
      ("GET", "/v1/models/pole/%74ransitions"), ("POST", "/v1/models/%70ole:transitions"),
    ] {
      let answer = try client.send(method, path, body: method == "GET" ? nil : Array("{}".utf8))
      #expect(answer.status == 401, "\(path): \(answer.text)")
    }
    #expect(try Self.count(server) == 0)
  }

  // MARK: - Bad input

  private static func changed(_ old: String, _ new: String) -> String {
    row.replacing(old, with: new)
  }

  /// A second row, the member it is refused for, and what is said.
  static let badRows: [(row: String, parameter: String, says: String)] = [
    ("7", "transitions[1]", "expected an object"),
    (changed("[1,2,3,4]", "[1,2,3]"), "transitions[1].observation", "4 numbers (x, dx, angle"),
    (changed("[1,2,3,4]", "[1,2,NaN,4]"), "transitions[1].observation", "[2] (angle) is not"),
    (changed("[2,3,4,5]", "{\"x\":1}"), "transitions[1].next_observation", "lacks the field 'dx'"),
    (changed("[2,3,4,5]", "null"), "transitions[1].next_observation", "a list of 4 numbers"),
    (changed("\"right\"", "\"jump\""), "transitions[1].action", "no action 'jump'"),
    (changed("\"right\"", "2"), "transitions[1].action", "0 to 1"),
    (changed("\"right\"", "-1"), "transitions[1].action", "is no action"),
    (changed("\"right\"", "0.5"), "transitions[1].action", "is no action"),
    (changed("1.5", "NaN"), "transitions[1].reward", "not a finite"),
    (changed("1.5", "1e39"), "transitions[1].reward", "not a finite"),
    (changed("1.5", "\"1\""), "transitions[1].reward", ""),
    (changed("false", "0"), "transitions[1].terminated", "true or false"),
    (changed("\"reward\": 1.5,", ""), "transitions[1].reward", "missing"),
    (changed("\"terminated\": false,", ""), "transitions[1].terminated", "missing"),
    (changed("\"action\": \"right\",", ""), "transitions[1].action", "missing"),
    (changed("\"observation\": [1,2,3,4],", ""), "transitions[1].observation", "missing"),
    (changed("\"reward\"", "\"rewrad\""), "transitions[1].rewrad", "known are observation"),
    (changed("\"reward\": 1.5", "\"reward\": 1, \"reward\": 2"), "transitions[1]", "twice"),
  ]

  @Test func oneBadRowRefusesAllAndLosesNothing() throws {
    let server = try TuningServer(in: SmallAgents.folder())
    _ = try server.ask("POST", "/v1/models/pole:transitions", Self.body([Self.row]))
    for bad in Self.badRows {
      let refused = try server.refusal(
        "POST",
        "/v1/models/pole:transitions",
        Self.body([Self.row, bad.row])
      )
      #expect(refused.status == 400, "\(bad.row)")
      #expect(refused.parameter == bad.parameter, "\(bad.row): \(refused.message)")
      #expect(refused.message.contains(bad.parameter), "\(refused.message)")
      #expect(refused.message.contains(bad.says), "\(refused.message)")
    }
    #expect(try Self.count(server) == 1)
  }

  @Test func badBodiesAndModelsAreRefused() throws {
    let server = try TuningServer(in: SmallAgents.folder()) { $0.transitionsPerRequest = 2 }
    let path = "/v1/models/pole:transitions"
    #expect(try server.refusal("POST", path, "[]").status == 400)
    #expect(try server.refusal("POST", path, "{}").message.contains("'transitions' is missing"))
    #expect(try server.refusal("POST", path, #"{"transitions": []}"#).message.contains("empty"))
    #expect(try server.refusal("POST", path, #"{"transition": []}"#).parameter == "transition")
    let many = try server.refusal("POST", path, Self.body(Array(repeating: Self.row, count: 3)))
    #expect(many.status == 413 && many.message.contains("more than 2 rows"))
    let other = try server.refusal("POST", "/v1/models/colour:transitions", Self.body([Self.row]))
    #expect(other.status == 409 && other.message.contains("classification"))
    #expect(try server.refusal("POST", "/v1/models/no:transitions", "{}").status == 404)
    #expect(try Self.count(server) == 0)
  }

  @Test func mutatedBodiesNeverTrap() throws {
    let folder = try SmallAgents.folder()
    let host = try ModelHost(
      "pole",
      version: 1,
      CheckpointLoader().load("\(folder.path)/models/pole/1"),
      limits: ServiceLimits(),
      load: ServingLoad()
    )
    let observations = try #require(host.qValues?.observations)
    let request = TransitionRequest(observations: observations, limits: ServiceLimits())
    let text = Array(Self.body([Self.row, Self.row]).utf8)
    var mutator = Mutator(seed: 9)
    var refused = 0
    for _ in 0..<5000 {
      let bytes = mutator.mutate(text)
      let batch = try? bytes.withUnsafeBytes { try request.read($0, time: 0) }
      guard let batch else {
        refused += 1
        continue
      }
      #expect(try TransitionBatch(batch.encoded) == batch)
      // A damaged record is an error as well.
      _ = try? TransitionBatch(mutator.mutate(batch.encoded))
    }
    #expect(refused > 1000)
  }

  // MARK: - Durability

  private static func batch(_ numbers: Range<Int>) -> TransitionBatch {
    let values: [Float] = numbers.reduce(into: []) { $0 += [Float($1), 0.5] }
    return values.withUnsafeBytes { bytes in
      TransitionBatch(
        time: 7,
        elements: .float32,
        width: 2,
        actions: numbers.map { UInt32($0 % 2) },
        rewards: numbers.map { Float($0) },
        ends: numbers.map { $0 % 10 == 9 ? .terminated : [] },
        observations: Array(bytes),
        nextObservations: Array(bytes)
      )
    }
  }

  private static func rewards(_ memory: TransitionMemory, newest: Int = 1 << 20) throws -> [Float] {
    var rewards: [Float] = []
    try memory.forEach(newest: newest) { batch, rows in rewards += batch.rewards[rows] }
    return rewards
  }

  private static func limits(_ count: Int, bytes: Int = 1 << 30) -> ServiceLimits {
    var limits = ServiceLimits()
    limits.transitionsPerModel = count
    limits.transitionBytesPerModel = bytes
    return limits
  }

  @Test func theyAreThereAfterARestart() throws {
    let folder = TemporaryFolder()
    let first = try TransitionMemory("\(folder.path)/m", limits: Self.limits(1000))
    for start in stride(from: 0, to: 100, by: 10) {
      try first.append(Self.batch(start..<start + 10))
    }
    // Nothing is closed or flushed: as after kill -9.
    let second = try TransitionMemory("\(folder.path)/m", limits: Self.limits(1000))
    #expect(second.statistics == first.statistics && second.totalCount == 100)
    #expect(second.statistics.episodeCount == 10)
    #expect(try Self.rewards(second) == (0..<100).map { Float($0) })
    #expect(try Self.rewards(second, newest: 25) == (75..<100).map { Float($0) })
    #expect(try Self.rewards(second, newest: 0) == [])
  }

  @Test func aTornBatchIsGoneAsAWhole() throws {
    let folder = TemporaryFolder()
    let path = "\(folder.path)/m"
    let memory = try TransitionMemory(path, limits: Self.limits(1000))
    try memory.append(Self.batch(0..<10))
    try memory.append(Self.batch(10..<30))
    let file = try #require(try FileAccess.names(in: path).first { $0.hasSuffix(".log") })
    let whole = try FileAccess.read("\(path)/\(file)", byteCountMax: 1 << 20)
    let record = Self.batch(10..<30).encoded.count
    for missing in [1, record / 2, record] {
      let torn = TemporaryFolder()
      try FileAccess.createFolder("\(torn.path)/m")
      try FileAccess.create("\(torn.path)/m/\(file)", Array(whole.dropLast(missing)))
      let reopened = try TransitionMemory("\(torn.path)/m", limits: Self.limits(1000))
      #expect(try Self.rewards(reopened) == (0..<10).map { Float($0) })
      #expect(reopened.problems.count == 1)
    }
  }

  @Test func theOldestGo() throws {
    let folder = TemporaryFolder()
    let memory = try TransitionMemory("\(folder.path)/m", limits: Self.limits(160))
    for start in stride(from: 0, to: 1000, by: 5) {
      try memory.append(Self.batch(start..<start + 5))
    }
    let count = memory.statistics.count
    #expect(count <= 160 && count > 140)
    #expect(memory.totalCount == 1000)
    #expect(try Self.rewards(memory) == (1000 - count..<1000).map { Float($0) })
    let again = try TransitionMemory("\(folder.path)/m", limits: Self.limits(160))
    #expect(again.totalCount == 1000 && again.statistics.count == count)
  }

  @Test func theBytesAreBounded() throws {
    let folder = TemporaryFolder()
    let memory = try TransitionMemory(
      "\(folder.path)/m",
      limits: Self.limits(1 << 20, bytes: 20_000)
    )
    for start in stride(from: 0, to: 5000, by: 10) {
      try memory.append(Self.batch(start..<start + 10))
    }
    #expect(memory.byteCount <= 20_000 && memory.byteCount > 15_000)
    #expect(try Self.rewards(memory).last == 4999)
  }
}

import GraphIR
import ONNXFormat
import Storage
import Tensors

/// Models of Q-values whose answers are seen at a glance.
enum SmallAgents {
  static let moves = ["left", "down", "right"]

  /// Writes all of them below `root`, which is made.
  static func write(_ root: String) throws {
    try FileAccess.createFolder(root)
    try write("pole", try pole(), ["left", "right"], fields: ["x", "dx", "angle", "dangle"], root)
    try write("dueling", try dueling(), ["left", "right"], root)
    try write("maze", try maze(), moves, root)
    try write("eyes", try eyes(), ["left", "right"], root)
    try SmallModels.write(
      "colour",
      task: "classification",
      SmallModels.graph(outputs: 3),
      labels: SmallModels.colours,
      in: root
    )
  }

  /// A folder with a `models` in it, for a server.
  static func folder() throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    try write("\(folder.path)/models")
    return folder
  }

  /// Writes `<root>/<name>/1`.
  static func write(
    _ name: String,
    _ graph: Graph,
    _ actions: [String],
    fields: [String]? = nil,
    environment: String? = nil,
    _ root: String
  ) throws {
    try FileAccess.createFolder("\(root)/\(name)")
    let outputs = graph.outputs.map { graph[$0].name }
    let manifest = ModelManifest(
      name: name,
      version: 1,
      task: ModelManifest.qValueTask,
      signature: .init(of: graph),
      roles: Dictionary(uniqueKeysWithValues: outputs.map { ($0, $0) }),
      labels: actions,
      reinforcement: .init(environment: environment, fields: fields)
    )
    try ModelFolder.write(to: "\(root)/\(name)/1", manifest, graphs: ["main": graph])
  }

  /// Q(s, left) = s[0] and Q(s, right) = s[1], of four numbers.
  private static func pole() throws -> Graph {
    var graph = Graph(name: "pole")
    let observation = try graph.placeholder("observation", .float32, ["N", 4])
    let weights = try graph.constant(
      Tensor([1, 0, 0, 1, 0, 0, 0, 0] as [Float], [4, 2]),
      name: "weights"
    )
    graph.outputs = [try graph.apply1("MatMul", [observation, weights], name: "q_values")]
    return graph
  }

  /// V(s) = s[0], A(s, a) = s[a], Q = V + A, of two numbers.
  private static func dueling() throws -> Graph {
    var graph = Graph(name: "dueling")
    let observation = try graph.placeholder("observation", .float32, ["N", 2])
    let first = try graph.constant(Tensor([1, 0] as [Float], [2, 1]), name: "first")
    let value = try graph.apply1("MatMul", [observation, first], name: "state_value")
    let advantage = try graph.apply1("Identity", [observation], name: "advantage")
    let values = try graph.apply1("Add", [value, advantage], name: "q_values")
    graph.outputs = [values, value, advantage]
    return graph
  }

  /// Four states of three moves: Q(s, a) = 10 s + a.
  private static func maze() throws -> Graph {
    var graph = Graph(name: "maze")
    let observation = try graph.placeholder("observation", .int64, ["N"])
    let numbers = (0..<12).map { Float($0 / 3 * 10 + $0 % 3) }
    let table = try graph.constant(Tensor(numbers, [4, 3]), name: "table")
    graph.outputs = [try graph.apply1("Gather", [table, observation], name: "q_values")]
    return graph
  }

  /// Two frames of 2x2 pixels: the Q-values are the means of the frames.
  private static func eyes() throws -> Graph {
    var graph = Graph(name: "eyes")
    let observation = try graph.placeholder("observation", .float32, ["N", 2, 2, 2])
    let axes = try graph.constant(Tensor([2, 3] as [Int64], [2]), name: "axes")
    graph.outputs = [
      try graph.apply1(
        "ReduceMean",
        [observation, axes],
        ["keepdims": .int(0)],
        name: "q_values"
      )
    ]
    return graph
  }
}

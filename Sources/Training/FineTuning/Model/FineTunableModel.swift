package import GraphIR
package import Tensors

/// A served graph as the start of a training: what its input, logits, head and layers are.
///
/// The graph's weights are variables (`ONNXReader` reads them so on request).
package struct FineTunableModel: Sendable {
  /// The graph as it is served and written back.
  package let graph: Graph
  /// The one input, of `graph`.
  package let input: ValueID
  /// Where the logits are, in `graph`.
  package let tail: ModelTail
  /// The name that was given for the logits.
  let logitsName: String?
  /// Logits of one example: classes, labels or regression targets.
  package let classCount: Int
  /// The layers that training may change, in the order of the graph.
  package let layers: [ModelLayer]
  /// The same graph for any number of rows; values have the same names.
  let network: Graph

  /// Looks a graph over.
  ///
  /// - Parameters:
  ///   - graph: with variables for weights.
  ///   - logits: the name of the value that holds the logits; found as `ModelTail` says when `nil`.
  /// - Throws: `FineTuningError.model` for a graph that training cannot start from.
  package init(_ graph: Graph, logits: String? = nil) throws {
    guard graph.inputs.count == 1, let input = graph.inputs.first else {
      let names = graph.inputs.map { graph[$0].name }.joined(separator: ", ")
      throw FineTuningError.model("it has \(graph.inputs.count) inputs (\(names)), expected one")
    }
    guard graph[input].type.dtype == .float32, (graph[input].type.shape.rank ?? 0) >= 1 else {
      throw FineTuningError.model(
        "its input \(graph[input].name) is \(graph[input].type), expected float32 with a row dimension"
      )
    }
    self.graph = graph
    self.input = input
    logitsName = logits
    tail = try ModelTail(of: graph, logits: logits)
    layers = ModelLayer.layers(of: graph, computing: tail.logits)
    guard !layers.isEmpty else {
      throw FineTuningError.model("nothing that computes \(graph[tail.logits].name) is a weight")
    }
    for variable in graph.trainableVariables where graph[variable].type.dtype != .float32 {
      throw FineTuningError.model(
        "its weights \(graph[variable].name) are \(graph[variable].type.dtype); only float32 is trained"
      )
    }
    network = try BatchDimension.freed(graph, input: input)
    classCount = try Self.classCount(graph[tail.logits].name, in: network)
  }

  /// The model for a task: another head or another function behind the logits where the task needs it.
  ///
  /// - Parameters:
  ///   - count: replaces the head by one of so many classes, labels or targets; keeps it when `nil`.
  ///   - task: what the outputs mean.
  ///   - seed: of the new head's weights.
  /// - Returns: the changed model; its graph has the names of this one.
  /// - Throws: `FineTuningError` where the head cannot be replaced or the old one does not fit the task.
  package func adapted(
    classCount count: Int?,
    task: FineTuningTask,
    seed: UInt64
  ) throws -> FineTunableModel {
    let change = HeadReplacement(classCount: count, task: task, seed: seed)
    let changed = try FineTunableModel(change.applied(to: graph, tail: tail), logits: logitsName)
    if let count, changed.classCount != count {
      throw FineTuningError.head(
        "\(graph[tail.logits].name) would have \(changed.classCount) numbers for \(count) classes"
      )
    }
    if task == .classification, changed.classCount < 2 {
      throw FineTuningError.head(
        "a classification needs 2 classes or more, \(graph[tail.logits].name) has \(changed.classCount); "
          + "replace the head, or train it as multi-label with one label"
      )
    }
    return changed
  }

  /// The head that can be replaced.
  ///
  /// - Throws: `FineTuningError.head` saying why there is none.
  package func head() throws(FineTuningError) -> ModelHead {
    try ModelHead(of: graph, logits: tail.logits)
  }

  /// The shape of one example.
  package var rowShape: PartialShape {
    PartialShape(graph[input].type.shape.dimensions.map { Array($0.dropFirst()) })
  }

  /// The graph with trained weights as constants, ready to be written and served: the names, nodes and outputs of `graph`.
  ///
  /// - Parameter weights: by name of variable; others keep their values.
  /// - Returns: the graph, without variables.
  /// - Throws: `GraphError.invalid` for a tensor of another type or shape.
  package func servingGraph(weights: [String: Tensor]) throws(GraphError) -> Graph {
    try graph.frozen(weights: weights)
  }

  /// The name of what a task's loss compares with the labels: the logits, or for a regression with a kept tail what the tail makes of them.
  func predictionName(for task: FineTuningTask) -> String {
    if task == .regression, logitsName == nil, let node = tail.node,
      case .some(let output)? = graph[node].outputs.first
    {
      return graph[output].name
    }
    return graph[tail.logits].name
  }

  private static func classCount(_ name: String, in network: Graph) throws(FineTuningError) -> Int {
    guard let logits = network.value(named: name) else {
      throw .model("no output depends on \(name)")
    }
    let type = network[logits].type
    guard type.dtype == .float32, let dimensions = type.shape.dimensions, !dimensions.isEmpty else {
      throw .model("\(name) is \(type), expected float32 [N, K]")
    }
    var count = 1
    for dimension in dimensions.dropFirst() {
      guard let size = dimension.size, size >= 1 else {
        throw .model("\(name) is \(type); the number of classes must be known")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= HeadReplacement.classCountMax * 100 else {
        throw .model("\(name) is \(type), too many numbers for one example")
      }
      count = product
    }
    return count
  }
}

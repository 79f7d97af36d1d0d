import GraphIR
import Tensors

/// The part of a network before everything that training changes, cut off: its results are the same in every epoch.
///
/// The frontier is every value that depends on the input, on no trained variable, no random node and no batch statistics, and that
/// something which does reads. A frozen part is taken to compute each row by itself, as all served models do.
struct FrozenPrefix {
  /// Names of the values at which the network is cut.
  let frontier: [String]

  /// Why a network has no prefix to cut off.
  struct Absent: Error { let reason: String }

  /// Finds the frontier.
  ///
  /// - Parameters:
  ///   - form: in training mode.
  ///   - trained: names of the variables that training changes.
  /// - Throws: `Absent` where there is nothing worth cutting off.
  init(of form: TrainingForm, trained: Set<String>) throws(Absent) {
    let graph = form.graph
    let moving = Self.movingValues(form, trained)
    let needed = graph.nodesNeeded(for: graph.outputs)
    let fromInput = graph.values(dependingOn: Set(graph.inputs), for: graph.outputs)
    var found: [ValueID] = []
    for (index, node) in graph.nodes.enumerated() where needed.contains(NodeID(index)) {
      guard node.outputs.contains(where: { $0.map(moving.contains) ?? false }) else { continue }
      for case .some(let input) in node.inputs
      where !moving.contains(input) && fromInput.contains(input) && !found.contains(input) {
        found.append(input)
      }
    }
    if found.isEmpty || found.allSatisfy(graph.inputs.contains) {
      throw Absent(reason: "no layer before the first trained one is frozen")
    }
    frontier = found.map { graph[$0].name }
  }

  /// The values that differ between steps for the same row.
  private static func movingValues(_ form: TrainingForm, _ trained: Set<String>) -> Set<ValueID> {
    let graph = form.graph
    var moving = Set(graph.variables.filter { trained.contains(graph[$0].name) })
    let statistics = Set(form.updates.map(\.value))
    for node in graph.nodes {
      let outputs = node.outputs.compactMap { $0 }
      let isMoving =
        node.inputs.contains { $0.map(moving.contains) ?? false } || isRandom(node, graph)
        || outputs.contains(where: statistics.contains)
      if isMoving { moving.formUnion(outputs) }
    }
    return moving
  }

  private static func isRandom(_ node: Node, _ graph: Graph) -> Bool {
    guard node.isRandom else { return false }
    guard node.op == "Dropout" else { return true }
    guard node.inputs.count > 2, let mode = node.inputs[2] else { return false }
    return graph.constant(mode)?.elements(of: Bool.self).first != false
  }
}

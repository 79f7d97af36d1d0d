import GraphIR
import Tensors

/// A layer as users see it: the variables whose names begin alike.
///
/// The layer of `conv1/weight` and `conv1/bias` is `conv1`, that of `features.0.weight` is `features.0`; a variable without `/` and `.` is
/// its own layer.
package struct ModelLayer: Sendable, Equatable {
  package let name: String
  /// Names of the trainable variables.
  package private(set) var variables: [String]
  /// Numbers in them.
  package private(set) var parameterCount: Int

  /// The layers that compute `value`, in the order in which the graph uses them.
  static func layers(of graph: Graph, computing value: ValueID) -> [ModelLayer] {
    var positions: [String: Int] = [:]
    var seen: Set<ValueID> = []
    var result: [ModelLayer] = []
    let needed = graph.nodesNeeded(for: [value])
    // Weights that are arranged first, at the head of the file, belong where they are multiplied.
    let nodes = graph.nodes.indices.filter { needed.contains(NodeID($0)) }
      .map { graph.nodes[$0] }
    for node in nodes {
      for case .some(let input) in node.inputs {
        guard let variable = graph.parameter(behind: input), graph.isTrainable(variable),
          !node.outputs.contains(where: { $0.flatMap(graph.parameter(behind:)) != nil }),
          seen.insert(variable).inserted
        else { continue }
        let name = layerName(of: graph[variable].name)
        let position = positions[name] ?? result.count
        if position == result.count {
          positions[name] = position
          result.append(ModelLayer(name: name, variables: [], parameterCount: 0))
        }
        result[position].variables.append(graph[variable].name)
        result[position].parameterCount += graph[variable].type.shape.concrete?.elementCount ?? 0
      }
    }
    return result
  }

  /// The part of a variable's name before its last `/` or `.`, all of it where there is none.
  static func layerName(of variable: String) -> String {
    guard let end = variable.lastIndex(where: { $0 == "/" || $0 == "." }),
      end != variable.startIndex
    else { return variable }
    return String(variable[..<end])
  }

  /// The variables that patterns name, by layer or by variable.
  ///
  /// - Throws: `FineTuningError.freeze` for a pattern that matches nothing, listing the layers.
  static func variables(
    matching patterns: [String],
    in layers: [ModelLayer]
  ) throws(FineTuningError) -> Set<String> {
    var result: Set<String> = []
    for pattern in patterns {
      let glob = GlobPattern(pattern)
      var matches: [String] = []
      for layer in layers {
        matches += glob.matches(layer.name) ? layer.variables : layer.variables.filter(glob.matches)
      }
      guard !matches.isEmpty else {
        throw .freeze(pattern: pattern, layers: layers.map(\.name))
      }
      result.formUnion(matches)
    }
    return result
  }
}

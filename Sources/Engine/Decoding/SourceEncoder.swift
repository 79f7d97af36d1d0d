import GraphIR
package import Tensors

/// Reads the source of a stream: the encoder of a model that has one.
///
/// A source runs alone and has the same shape every time, so that its result never depends on the load. Used by one thread at a time.
package final class SourceEncoder {
  private let session: Session

  /// - Parameter session: Of the encoder's graph; nobody else may use it.
  package init(_ session: Session) { self.session = session }

  /// What the encoder makes of a source, by output's name; also the source itself, by input's name.
  ///
  /// A decoder's context may be either, as a source's lengths are.
  ///
  /// - Throws: `DecodingError.request` for an input that is missing or not the encoder's, and what the engine says.
  package func encode(_ source: [String: Tensor]) throws -> [String: Tensor] {
    let graph = session.graph
    var feeds: [ValueID: Tensor] = [:]
    for id in graph.inputs {
      let name = graph[id].name
      guard let tensor = source[name] else {
        throw DecodingError.request(field: "source", detail: "'\(name)' is missing")
      }
      feeds[id] = tensor
    }
    guard feeds.count == source.count else {
      throw DecodingError.request(
        field: "source",
        detail:
          "the encoder reads \(graph.inputs.map { graph[$0].name }), given are \(source.keys.sorted())"
      )
    }
    var result = source
    for (id, tensor) in zip(graph.outputs, try session.run(graph.outputs, feeds: feeds)) {
      result[graph[id].name] = tensor
    }
    return result
  }
}

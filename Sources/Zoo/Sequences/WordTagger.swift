import Datasets
import Engine
import GraphIR
import Tensors

/// A trained network that labels words, run sentence by sentence: to measure what it answers.
struct WordTagger {
  private let session: Session
  private let labels: [String]
  private let vocabulary: Vocabulary

  /// - Parameters:
  ///   - graph: As `TextLabeller.servingGraph` makes it.
  ///   - labels: Of its logits.
  ///   - vocabulary: Of its tokens.
  ///   - threads: That the engine may use.
  /// - Throws: `GraphError` for a graph that cannot run.
  init(_ graph: Graph, labels: [String], vocabulary: Vocabulary, threads: Int) throws {
    session = try Session(graph, options: SessionOptions(threads: threads))
    self.labels = labels
    self.vocabulary = vocabulary
  }

  /// The most likely label of each word, the first of equals.
  func labels(of words: [String]) throws -> [String] {
    let pieces = WordPieces(words, vocabulary)
    guard !pieces.ids.isEmpty else { return [] }
    let graph = session.graph
    let tokens = Tensor(pieces.ids.map(Int64.init), [1, pieces.ids.count])
    let lengths = Tensor(vector: [Int32(pieces.ids.count)])
    let logits = try session.run(
      graph.outputs,
      feeds: Dictionary(uniqueKeysWithValues: zip(graph.inputs, [tokens, lengths]))
    )[0].elements(of: Float.self)
    return pieces.starts.map { start in
      let row = logits[start * labels.count..<(start + 1) * labels.count]
      var best = row.startIndex
      for index in row.indices where row[index] > row[best] { best = index }
      return labels[best - row.startIndex]
    }
  }
}

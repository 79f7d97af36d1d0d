/// Precision, recall and F1 of labelled chunks, as the CoNLL shared tasks count them (the script conlleval; Tjong Kim Sang and
/// Buchholz 2000).
///
/// Labels are `O`, `B-X` or `I-X`. A chunk begins at B, and at an I whose type differs from the label before it; it is right where its
/// type, start and end are.
package struct ChunkScore: Sendable, Equatable {
  /// Chunks of one type.
  package struct Counts: Sendable, Equatable {
    /// Chunks of the truth.
    package fileprivate(set) var expected = 0
    /// Chunks of the prediction.
    package fileprivate(set) var predicted = 0
    /// Chunks that are in both.
    package fileprivate(set) var correct = 0

    /// 0 without predictions.
    package var precision: Double { predicted == 0 ? 0 : Double(correct) / Double(predicted) }
    /// 0 where nothing was to be found.
    package var recall: Double { expected == 0 ? 0 : Double(correct) / Double(expected) }
    /// 2 P R / (P + R); 0 where both are.
    package var f1: Double {
      expected + predicted == 0 ? 0 : 2 * Double(correct) / Double(expected + predicted)
    }
  }

  /// By type of chunk.
  package private(set) var types: [String: Counts] = [:]
  /// Labels that are right, and all.
  package private(set) var correctLabels = 0
  package private(set) var labelCount = 0

  package init() {}

  /// Counts one sentence; labels beyond the shorter of the two are ignored.
  package mutating func add(truth: [String], prediction: [String]) {
    let count = min(truth.count, prediction.count)
    let expected = Self.chunks(truth.prefix(count))
    let predicted = Self.chunks(prediction.prefix(count))
    for chunk in expected { types[chunk.type, default: Counts()].expected += 1 }
    for chunk in predicted { types[chunk.type, default: Counts()].predicted += 1 }
    for chunk in expected.intersection(predicted) {
      types[chunk.type, default: Counts()].correct += 1
    }
    labelCount += count
    correctLabels += zip(truth, prediction).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
  }

  /// All types together.
  package var overall: Counts {
    types.values.reduce(into: Counts()) { sum, counts in
      sum.expected += counts.expected
      sum.predicted += counts.predicted
      sum.correct += counts.correct
    }
  }

  /// Share of labels that are right.
  package var accuracy: Double {
    labelCount == 0 ? 0 : Double(correctLabels) / Double(labelCount)
  }

  struct Chunk: Hashable {
    let type: String
    let range: Range<Int>
  }

  static func chunks(_ labels: some Sequence<String>) -> Set<Chunk> {
    var chunks: Set<Chunk> = []
    var type: Substring?
    var start = 0
    var position = 0
    func close() {
      if let type { chunks.insert(Chunk(type: String(type), range: start..<position)) }
    }
    for label in labels {
      let isInside = label.hasPrefix("I-")
      let next = isInside || label.hasPrefix("B-") ? label.dropFirst(2) : nil
      if !isInside || next != type {
        close()
        type = next
        start = position
      }
      position += 1
    }
    close()
    return chunks
  }
}

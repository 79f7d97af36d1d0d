import Datasets
import Engine
import GraphIR
import HTTP
import ONNXFormat
import Synchronization
import Tensors

/// Labels texts, or their tokens: one run for the texts of a similar length that wait.
///
/// Rows are padded to a multiple of `lengthStep` and say their length, so that few plans serve all texts and no text's answer depends
/// on the others.
///
/// `@unchecked Sendable`: one piece of work runs at a time, and only it touches the session.
final class TokenLabeller: @unchecked Sendable {
  /// Tokens by which padded lengths differ.
  static let lengthStep = 16
  /// Texts of one run; a power of two.
  static let rowsMax = 32

  /// A part of a text that has a label of its own.
  struct Part: Sendable {
    /// As it stands in the text.
    let text: String
    /// The token whose label it gets: of a word's tokens the first.
    let position: Int
  }

  /// A text that waits.
  private struct Job: Sendable {
    let tokens: [Int]
    let parts: [Part]
    let sink: any SequenceSink
  }

  private struct State {
    var waiting: [Job] = []
    var isRunning = false
  }

  private let session: Session
  private let tokens: ValueID
  private let lengths: ValueID
  private let logits: ValueID
  private let labels: [String]
  private let isPerToken: Bool
  private let lengthMax: Int
  /// Rows that the graph insists on.
  private let fixedRows: Int?
  private let fixedLength: Int?
  private let load: LoadReference
  private let state = Mutex(State())

  /// - Parameters:
  ///   - session: Nobody else may use it.
  ///   - manifest: Of a labelling task.
  ///   - format: Of the manifest.
  ///   - load: What is told of every run.
  /// - Throws: `ServiceError` where the graph has not the inputs and outputs that the manifest names.
  init(
    _ session: sending Session,
    _ manifest: ModelManifest,
    _ format: ModelManifest.SequenceFormat,
    load: LoadReference
  ) throws(ServiceError) {
    let graph = session.graph
    func value(_ name: String?, _ ids: [ValueID]) throws(ServiceError) -> ValueID {
      guard let id = ids.first(where: { graph[$0].name == name }) else {
        throw .invalid("the graph has no '\(name ?? "")'")
      }
      return id
    }
    tokens = try value(format.tokens, graph.inputs)
    lengths = try value(format.lengths, graph.inputs)
    logits = try value(manifest.roles["logits"], graph.outputs)
    let labels = manifest.labels ?? []
    self.labels = labels
    isPerToken = manifest.sequenceTask == .tokenClassification
    lengthMax = format.lengthMax
    let shape = graph[tokens].type.shape.dimensions
    fixedRows = shape?.first?.size
    fixedLength = shape?.last?.size
    let type = graph[logits].type
    let rank = isPerToken ? 3 : 2
    guard type.dtype == .float32, type.shape.dimensions.map({ $0.count == rank }) ?? true,
      type.shape.dimensions?.last?.size.map({ $0 == labels.count }) ?? true
    else {
      throw .invalid(
        "output '\(graph[logits].name)' is \(type), model.json has \(labels.count) labels"
      )
    }
    self.session = session
    self.load = load
  }

  /// Lets a text wait for the next run.
  func submit(_ tokens: [Int], parts: [Part], _ sink: any SequenceSink) {
    guard (1...min(lengthMax, fixedLength ?? lengthMax)).contains(tokens.count) else {
      sink.fail(.invalid("\(tokens.count) tokens, the model takes 1 to \(lengthMax)"))
      return
    }
    let starts = state.withLock { state in
      state.waiting.append(Job(tokens: tokens, parts: parts, sink: sink))
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if starts { ModelThreads.run { self.runWaiting() } }
  }

  /// Labels all texts that wait.
  ///
  /// - Returns: Whether there were any; where not, the next text begins anew.
  private func runWaiting() -> Bool {
    let jobs = state.withLock { state in
      defer { state.waiting = [] }
      state.isRunning = !state.waiting.isEmpty
      return state.waiting
    }
    var groups: [Int: [Job]] = [:]
    for job in jobs {
      if job.sink.isCancelled {
        job.sink.fail(ServiceError(.clientClosedRequest, "nobody waits for the answer"))
      } else {
        groups[paddedLength(job.tokens.count), default: []].append(job)
      }
    }
    for (length, group) in groups.sorted(by: { $0.key < $1.key }) {
      var rest = group[...]
      while !rest.isEmpty {
        let batch = rest.prefix(rowCount(rest.count))
        rest = rest.dropFirst(batch.count)
        run(Array(batch), length: length)
      }
    }
    return !jobs.isEmpty
  }

  private func paddedLength(_ count: Int) -> Int {
    fixedLength ?? (count + Self.lengthStep - 1) / Self.lengthStep * Self.lengthStep
  }

  /// Texts of the next run: powers of two, so that there are few plans.
  private func rowCount(_ waiting: Int) -> Int {
    if let fixedRows { return max(1, min(fixedRows, waiting)) }
    var rows = 1
    while rows * 2 <= min(waiting, Self.rowsMax) { rows *= 2 }
    return rows
  }

  private func run(_ jobs: [Job], length: Int) {
    load.batchBegins()
    defer { load.batchEnds() }
    do {
      let rows = fixedRows ?? jobs.count
      let run = try session.prepare(
        [logits],
        inputShapes: [tokens: [rows, length], lengths: [rows]]
      )
      let ids = run.input(tokens).bindMemory(to: Int64.self)
      let counts = run.input(lengths).bindMemory(to: Int32.self)
      for row in 0..<rows {
        let given = row < jobs.count ? jobs[row].tokens : [Vocabulary.unknown]
        for index in 0..<length {
          ids[row * length + index] =
            Int64(index < given.count ? given[index] : Vocabulary.padding)
        }
        if !counts.isEmpty { counts[row] = Int32(given.count) }
      }
      try run.execute()
      let scores = run.output(0).bindMemory(to: Float.self)
      let rowCount = isPerToken ? rows * length : rows
      guard scores.count == rowCount * labels.count else {
        throw ServiceError(
          .internalServerError,
          "the logits have shape \(run.outputShapes[0]), model.json has \(labels.count) labels"
        )
      }
      for (row, job) in jobs.enumerated() {
        job.sink.finish(
          isPerToken
            ? .labels(tokenLabels(job, scores, firstRow: row * length))
            : label(scores, row: row)
        )
      }
    } catch { for job in jobs { job.sink.fail(ServiceError(decoding: error)) } }
  }

  private func probabilities(_ scores: UnsafeBufferPointer<Float>, row: Int) -> [Float] {
    var values = Array(scores[row * labels.count..<(row + 1) * labels.count])
    values.withUnsafeMutableBufferPointer { Softmax.apply(to: $0) }
    return values
  }

  /// The first of the most likely labels.
  private func best(_ probabilities: [Float]) -> Int {
    var best = 0
    for index in probabilities.indices where probabilities[index] > probabilities[best] {
      best = index
    }
    return best
  }

  private func label(_ scores: UnsafeBufferPointer<Float>, row: Int) -> SequenceAnswer {
    let probabilities = probabilities(scores, row: row)
    return .label(
      labels[best(probabilities)],
      probabilities: zip(labels, probabilities).map { LabelProbability($0, $1) }
    )
  }

  private func tokenLabels(
    _ job: Job,
    _ scores: UnsafeBufferPointer<Float>,
    firstRow: Int
  ) -> [TokenLabel] {
    job.parts.map { part in
      let probabilities = probabilities(scores, row: firstRow + part.position)
      let best = best(probabilities)
      return TokenLabel(part.text, labels[best], probabilities[best])
    }
  }
}

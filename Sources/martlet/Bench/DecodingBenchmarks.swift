import Dispatch
import Engine
import GraphIR
import Tensors

/// Times the decode loop: steps of a character model and of one with many words, for growing numbers of streams.
struct DecodingBenchmarks {
  let threads: Int
  /// Threads that step streams side by side, as the server's lanes do.
  let lanes: Int
  /// Streams that step together.
  let streamCounts: [Int]

  /// A language model to time: an embedding, LSTM layers, scores.
  private struct Network {
    let name: String
    let vocabularySize: Int
    let embeddingSize: Int
    let width: Int
    let layers: Int
    let samplings: [(name: String, sampling: Sampling)]
  }

  private static let networks = [
    Network(
      name: "lstm 1x128, 96 characters",
      vocabularySize: 96,
      embeddingSize: 64,
      width: 128,
      layers: 1,
      samplings: [("drawn", Sampling(temperature: 0.8))]
    ),
    // The size of `char-lm`.
    Network(
      name: "lstm 1x512, 69 characters",
      vocabularySize: 69,
      embeddingSize: 64,
      width: 512,
      layers: 1,
      samplings: [("drawn", Sampling(temperature: 0.8))]
    ),
    Network(
      name: "lstm 2x512, 96 characters",
      vocabularySize: 96,
      embeddingSize: 64,
      width: 512,
      layers: 2,
      samplings: [("drawn", Sampling(temperature: 0.8))]
    ),
    Network(
      name: "lstm 1x128, 32000 words",
      vocabularySize: 32_000,
      embeddingSize: 64,
      width: 128,
      layers: 1,
      samplings: [
        ("greedy", Sampling()), ("drawn", Sampling(temperature: 0.8)),
        ("top 40", Sampling(temperature: 0.8, topK: 40)),
        ("top 0.9", Sampling(temperature: 0.8, topP: 0.9)),
      ]
    ),
  ]

  /// One row for each network, way of drawing and number of streams.
  func run() throws -> [BenchmarkResult] {
    var rows: [BenchmarkResult] = []
    for network in Self.networks {
      let (graph, format) = try graph(network)
      for (name, sampling) in network.samplings {
        for count in streamCounts {
          let seconds = try seconds(graph, format, sampling, streams: count)
          rows.append(
            .tokens(
              "\(network.name), \(name), \(count) streams",
              seconds: seconds,
              count: count
            )
          )
        }
      }
    }
    return rows
  }

  /// Seconds in which every stream gets a token.
  private func seconds(
    _ graph: Graph,
    _ format: DecoderFormat,
    _ sampling: Sampling,
    streams: Int
  ) throws -> Double {
    let weights = SharedWeights()
    let count = min(lanes, streams)
    let loops = try (0..<count).map { lane in
      try loop(graph, format, sampling, weights, streams: lane..<streams, by: count)
    }
    guard loops.count > 1 else { return Stopwatch.median { _ = loops[0].step() } }
    // Each loop is used by one thread at a time, and they share nothing that changes.
    nonisolated(unsafe) let shared = loops
    let seconds = Stopwatch.median {
      DispatchQueue.concurrentPerform(iterations: shared.count) { lane in
        for _ in 0..<Self.stepsTogether { _ = shared[lane].step() }
      }
    }
    return seconds / Double(Self.stepsTogether)
  }

  /// Steps of each lane between two times that all wait for the last one.
  private static let stepsTogether = 100

  private func loop(
    _ graph: Graph,
    _ format: DecoderFormat,
    _ sampling: Sampling,
    _ weights: SharedWeights,
    streams: Range<Int>,
    by stride: Int
  ) throws -> DecodingLoop {
    var limits = DecodingLimits()
    limits.rows = streams.count
    let session = try Session(graph, options: SessionOptions(threads: threads), weights: weights)
    let loop = DecodingLoop(try Decoder(session, format, limits: limits), limits: limits)
    for stream in Swift.stride(from: streams.lowerBound, to: streams.upperBound, by: stride) {
      var sampling = sampling
      sampling.seed = UInt64(stream)
      let request = DecodingRequest(
        .tokens([stream % 10]),
        strategy: .sampling(sampling),
        lengthMax: DecodingLimits.lengthLimit
      )
      try loop.add(request, Listener())
    }
    return loop
  }

  private func graph(_ network: Network) throws -> (Graph, DecoderFormat) {
    let (width, count) = (network.width, network.vocabularySize)
    var graph = Graph(name: network.name)
    var seed: UInt64 = 0
    func weights(_ shape: Shape) throws -> ValueID {
      seed += 1
      var random = Philox(seed: seed)
      return try graph.constant(
        Tensor(shape) { (target: UnsafeMutableBufferPointer<Float>) in
          for index in target.indices { target[index] = random.uniform() * 0.2 - 0.1 }
        }
      )
    }
    var format = DecoderFormat(input: "tokens", output: "logits")
    let tokens = try graph.placeholder("tokens", .int64, ["N", "T"])
    let first = try graph.constant(Tensor(vector: [0] as [Int64]))
    let second = try graph.constant(Tensor(vector: [1] as [Int64]))
    var steps = try graph.apply1(
      "Transpose",
      [graph.apply1("Gather", [weights([count, network.embeddingSize]), tokens])],
      ["perm": .ints([1, 0, 2])]
    )
    var outputs: [ValueID] = []
    for layer in 0..<network.layers {
      var states: [ValueID] = []
      for part in ["h", "c"] {
        let state = try graph.placeholder("\(part)\(layer)", .float32, ["N", .known(width)])
        states.append(try graph.apply1("Unsqueeze", [state, first]))
      }
      let inputs = layer == 0 ? network.embeddingSize : width
      let results = try graph.apply(
        "LSTM",
        [
          steps, weights([1, 4 * width, inputs]), weights([1, 4 * width, width]), nil, nil,
          states[0], states[1],
        ],
        ["hidden_size": .int(width)],
        outputCount: 3
      )
      for (part, result) in zip(["h", "c"], results.dropFirst()) {
        outputs.append(
          try graph.apply1("Squeeze", [result, first], name: "new_\(part)\(layer)")
        )
        format.states.append(("\(part)\(layer)", "new_\(part)\(layer)"))
      }
      steps = try graph.apply1("Squeeze", [results[0], second])
    }
    let rows = try graph.apply1("Transpose", [steps], ["perm": .ints([1, 0, 2])])
    let logits = try graph.apply1("MatMul", [rows, weights([width, count])], name: "logits")
    graph.outputs = [logits] + outputs
    return (graph, format)
  }
}

/// Takes tokens and does nothing with them.
private final class Listener: DecodingObserver {
  var isCancelled: Bool { false }
  func produced(_ token: DecodedToken) -> Bool { true }
  func finished(_ result: DecodingResult) {}
  func failed(_ error: any Error) {}
}

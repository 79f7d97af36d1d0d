import CKernels
import Engine
import GraphIR
import ONNXFormat
import Tensors

/// Times whole models on the engine: a plan of each batch size, inputs already in place, as the server runs them.
struct InferenceBenchmarks {
  let threads: Int
  let batchSizes: [Int]
  /// Length of sequences.
  let steps: Int

  /// One row for each model and batch size, in the order given.
  func run(_ models: [(name: String, graph: Graph)]) throws -> [BenchmarkResult] {
    let peak = ck_measure_peak_flops(ck_isa_current()) * Double(threads)
    var rows: [BenchmarkResult] = []
    for (name, graph) in models {
      let session = try Session(graph, options: SessionOptions(threads: threads))
      for batch in batchSizes {
        guard let sizes = Sizes(graph, batch: batch, steps: steps),
          let shapes = sizes.inputShapes(graph)
        else { continue }
        let run = try session.prepare(graph.outputs, inputShapes: shapes)
        for (id, shape) in shapes { Self.fill(run.input(id), shape, id, graph) }
        var failure: (any Error)?
        let seconds = Stopwatch.median {
          do { try run.execute() } catch { failure = error }
        }
        if let failure { throw failure }
        let work = Self.work(graph, sizes)
        rows.append(
          .flops(
            "infer \(name) batch \(batch)\(steps > 1 ? " steps \(steps)" : "")",
            seconds: seconds,
            work: work,
            peak: peak
          )
        )
      }
    }
    return rows
  }

  /// Time of every step of one plan, for finding out where it goes.
  func profile(_ graph: Graph, batch: Int) throws -> [(step: String, microseconds: Double)] {
    let session = try Session(graph, options: SessionOptions(threads: threads))
    guard let sizes = Sizes(graph, batch: batch, steps: steps),
      let shapes = sizes.inputShapes(graph)
    else { return [] }
    let run = try session.prepare(graph.outputs, inputShapes: shapes)
    for (id, shape) in shapes { Self.fill(run.input(id), shape, id, graph) }
    for _ in 0..<20 { try run.execute() }
    var times = [Int](repeating: 0, count: run.stepNames.count)
    let repeats = 200
    for _ in 0..<repeats { try run.executeProfiled(addingTo: &times) }
    return zip(run.stepNames, times).map { ($0, Double($1) / Double(repeats) / 1000) }
  }

  /// The sizes that the symbols of a graph's shapes stand for.
  private struct Sizes {
    /// The symbol that is the first dimension of the first input; `nil` where that is a number.
    private let batchSymbol: Dimension?
    private let batch: Int
    private let steps: Int

    /// `nil` where the graph's batch is another number.
    init?(_ graph: Graph, batch: Int, steps: Int) {
      guard let input = graph.inputs.first,
        let first = graph[input].type.shape.dimensions?.first,
        first.size == nil || first.size == batch
      else { return nil }
      batchSymbol = first.size == nil ? first : nil
      (self.batch, self.steps) = (batch, steps)
    }

    /// Symbols other than the batch's are numbers of steps.
    func size(_ dimension: Dimension) -> Int? {
      if let size = dimension.size { return size }
      if dimension == batchSymbol { return batch }
      return dimension == .unknown ? nil : steps
    }

    func shape(_ value: Value) -> Shape? {
      let sizes = value.type.shape.dimensions?.map(size)
      guard let sizes, sizes.allSatisfy({ $0 != nil }) else { return nil }
      return Shape(sizes.compactMap { $0 })
    }

    /// Concrete shapes of all inputs; `nil` where one has a dimension that nothing is known about.
    func inputShapes(_ graph: Graph) -> [ValueID: Shape]? {
      var shapes: [ValueID: Shape] = [:]
      for id in graph.inputs {
        guard let shape = shape(graph[id]) else { return nil }
        shapes[id] = shape
      }
      return shapes
    }
  }

  /// Uniform numbers, or tokens that a lookup has rows for.
  private static func fill(
    _ buffer: UnsafeMutableRawBufferPointer,
    _ shape: Shape,
    _ id: ValueID,
    _ graph: Graph
  ) {
    switch graph[id].type.dtype {
    case .float32:
      guard let base = buffer.baseAddress else { return }
      let floats = base.assumingMemoryBound(to: Float.self)
      ck_f32_uniform(7, 0, 0, Int64(shape.elementCount), 0, 1, floats, nil)
    case .int64:
      let lookup = graph.nodes.first { $0.op == "Gather" && $0.inputs.last == id }
      let table = lookup?.inputs[0].flatMap { graph[$0].type.shape.dimensions?.first?.size }
      let tokens = buffer.bindMemory(to: Int64.self)
      for index in tokens.indices { tokens[index] = Int64(index * 31 % max(table ?? 1, 1)) }
    default: break
    }
  }

  /// Multiplications and additions of the products, convolutions and recurrent cells, counted from the shapes.
  private static func work(_ graph: Graph, _ sizes: Sizes) -> Double {
    var total = 0.0
    for node in graph.nodes {
      guard node.inputs.count > 1, let data = node.inputs[0], let weights = node.inputs[1],
        let output = node.outputs[0], let weightShape = graph[weights].type.shape.concrete
      else { continue }
      let rows = sizes.shape(graph[output])?.dimensions ?? [0]
      switch node.op {
      case "Gemm", "MatMul":
        total += 2 * Double(rows.dropLast().reduce(1, *)) * Double(weightShape.elementCount)
      case "Conv":
        let pixels = rows.reduce(1, *)
        total += 2 * Double(pixels) * Double(weightShape.elementCount / max(weightShape[0], 1))
      case "RNN", "GRU", "LSTM":
        guard let x = sizes.shape(graph[data]), let recurrent = node.inputs[2],
          let recurrentShape = graph[recurrent].type.shape.concrete
        else { continue }
        let each = weightShape.elementCount + recurrentShape.elementCount
        total += 2 * Double(x[0] * x[1]) * Double(each)
      default: break
      }
    }
    return total
  }
}

import CKernels
import Engine
import GraphIR
import ONNXFormat
import Tensors

/// Times whole models on the engine: a plan of each batch size, inputs already in place, as the server runs them.
struct InferenceBenchmarks {
  let threads: Int
  let batchSizes: [Int]

  /// One row for each model and batch size, in the order given.
  func run(_ models: [(name: String, graph: Graph)]) throws -> [BenchmarkResult] {
    let peak = ck_measure_peak_flops(ck_isa_current()) * Double(threads)
    var rows: [BenchmarkResult] = []
    for (name, graph) in models {
      let session = try Session(graph, options: SessionOptions(threads: threads))
      for batch in batchSizes {
        guard let shapes = Self.inputShapes(graph, batch: batch) else { continue }
        let run = try session.prepare(graph.outputs, inputShapes: shapes)
        for (id, shape) in shapes { Self.fill(run.input(id), shape, graph[id].type.dtype) }
        var failure: (any Error)?
        let seconds = Stopwatch.median {
          do { try run.execute() } catch { failure = error }
        }
        if let failure { throw failure }
        let work = Self.work(graph, shapes) ?? 0
        rows.append(
          .flops("infer \(name) batch \(batch)", seconds: seconds, work: work, peak: peak)
        )
      }
    }
    return rows
  }

  /// Time of every step of one plan, for finding out where it goes.
  func profile(_ graph: Graph, batch: Int) throws -> [(step: String, microseconds: Double)] {
    let session = try Session(graph, options: SessionOptions(threads: threads))
    guard let shapes = Self.inputShapes(graph, batch: batch) else { return [] }
    let run = try session.prepare(graph.outputs, inputShapes: shapes)
    for (id, shape) in shapes { Self.fill(run.input(id), shape, graph[id].type.dtype) }
    for _ in 0..<20 { try run.execute() }
    var times = [Int](repeating: 0, count: run.stepNames.count)
    let repeats = 200
    for _ in 0..<repeats { try run.executeProfiled(addingTo: &times) }
    return zip(run.stepNames, times).map { ($0, Double($1) / Double(repeats) / 1000) }
  }

  /// Concrete shapes with the first dimension as the batch; `nil` where another dimension is unknown or the batch is fixed.
  private static func inputShapes(_ graph: Graph, batch: Int) -> [ValueID: Shape]? {
    var shapes: [ValueID: Shape] = [:]
    for id in graph.inputs {
      guard let dimensions = graph[id].type.shape.dimensions, !dimensions.isEmpty else {
        return nil
      }
      var sizes: [Int] = []
      for (index, dimension) in dimensions.enumerated() {
        if index == 0 {
          guard dimension.size == nil || dimension.size == batch else { return nil }
          sizes.append(batch)
        } else if let size = dimension.size {
          sizes.append(size)
        } else {
          return nil
        }
      }
      shapes[id] = Shape(sizes)
    }
    return shapes
  }

  private static func fill(_ buffer: UnsafeMutableRawBufferPointer, _ shape: Shape, _ dtype: DType)
  {
    guard dtype == .float32, let base = buffer.baseAddress else { return }
    ck_f32_uniform(
      7,
      0,
      0,
      Int64(shape.elementCount),
      0,
      1,
      base.assumingMemoryBound(to: Float.self),
      nil
    )
  }

  /// Multiplications and additions of the products and convolutions, counted from the shapes.
  private static func work(_ graph: Graph, _ shapes: [ValueID: Shape]) -> Double? {
    guard let batch = shapes.values.first?.dimensions.first else { return nil }
    var total = 0.0
    for node in graph.nodes {
      guard node.inputs.count > 1, let weights = node.inputs[1], let output = node.outputs[0],
        let weightShape = graph[weights].type.shape.concrete,
        let outputDimensions = graph[output].type.shape.dimensions
      else { continue }
      let rows = outputDimensions.enumerated().map { $0.offset == 0 ? batch : $0.element.size ?? 1 }
      switch node.op {
      case "Gemm", "MatMul":
        total += 2 * Double(rows.dropLast().reduce(1, *)) * Double(weightShape.elementCount)
      case "Conv":
        let pixels = rows.reduce(1, *)
        total += 2 * Double(pixels) * Double(weightShape.elementCount / max(weightShape[0], 1))
      default: break
      }
    }
    return total
  }
}

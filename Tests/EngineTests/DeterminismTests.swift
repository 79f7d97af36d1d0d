import GraphIR
import Tensors
import TestSupport
import Testing

@testable import Engine

/// What stays equal to the last bit: a row's result whatever batch it is in, and every result for any number of threads.
@Suite struct DeterminismTests {
  /// A small network with every kind of product the server runs: convolutions, pooling, dense layers, softmax.
  private func network() throws -> (graph: Graph, input: ValueID, outputs: [ValueID]) {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 1, 28, 28])
    func constant(_ shape: Shape, _ seed: UInt64) throws -> ValueID {
      try graph.constant(.random(shape, seed: seed, in: -0.3...0.3))
    }
    let window: [String: Attribute] = ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]
    let c1 = try graph.apply1(
      "Conv",
      [x, constant([6, 1, 5, 5], 1), constant([6], 2)],
      ["pads": .ints([2, 2, 2, 2])]
    )
    let p1 = try graph.apply1("MaxPool", [graph.apply1("Relu", [c1])], window)
    let c2 = try graph.apply1("Conv", [p1, constant([16, 6, 5, 5], 3), constant([16], 4)])
    let p2 = try graph.apply1("MaxPool", [graph.apply1("Tanh", [c2])], window)
    let flat = try graph.apply1("Flatten", [p2])
    let hidden = try graph.apply1("Gemm", [flat, constant([400, 120], 5), constant([120], 6)])
    let logits = try graph.apply1(
      "Gemm",
      [graph.apply1("Elu", [hidden]), constant([120, 10], 7), constant([10], 8)]
    )
    let probabilities = try graph.apply1("Softmax", [logits])
    return (graph, x, [logits, probabilities])
  }

  @Test func aRowHasTheSameBitsInEveryBatch() throws {
    let (graph, input, outputs) = try network()
    let session = try Session(graph)
    let batch = Tensor.random([67, 1, 28, 28], seed: 9, in: 0...1)
    let together = try session.run(outputs, feeds: [input: batch])
    let pixels = batch.elements(of: Float.self)
    for size in [1, 2, 5, 7, 16, 33] {
      for start in stride(from: 0, to: 67 - size + 1, by: 11) {
        let rows = Tensor(
          Array(pixels[(start * 784)..<((start + size) * 784)]),
          [size, 1, 28, 28]
        )
        let alone = try session.run(outputs, feeds: [input: rows])
        for (part, whole) in zip(alone, together) {
          let expected = whole.elements(of: Float.self)[(start * 10)..<((start + size) * 10)]
          #expect(
            part.elements(of: Float.self) == Array(expected),
            "rows \(start)..<\(start + size)"
          )
        }
      }
    }
  }

  @Test func threadsDoNotChangeABit() throws {
    let (graph, input, outputs) = try network()
    let batch = Tensor.random([67, 1, 28, 28], seed: 9, in: 0...1)
    let one = try Session(graph).run(outputs, feeds: [input: batch])
    for threads in [2, 3] {
      let session = try Session(graph, options: SessionOptions(threads: threads))
      #expect(try session.run(outputs, feeds: [input: batch]) == one)
    }
  }

  @Test func aTrainingStepHasTheSameBitsForAnyNumberOfThreads() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 70])
    let dy = try graph.placeholder("dy", .float32, ["N", 50])
    let w = try graph.variable("w", .random([70, 50]))
    let rate = try graph.constant(Tensor(scalar: Float(0.1)))
    let gradient = try graph.apply1("Gemm", [x, dy], ["transA": .int(1)])
    let update = try graph.apply1(.martlet("SGDUpdate"), [w, gradient, rate])
    let feeds = [x: Tensor.random([300, 70]), dy: Tensor.random([300, 50], seed: 4)]
    let one = try Session(graph).run([update], feeds: feeds)
    let session = try Session(graph, options: SessionOptions(threads: 2))
    #expect(try session.run([update], feeds: feeds) == one)
  }

  @Test func dropoutRepeatsWithTheSameStepAndChangesWithTheNext() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [1000])
    let ratio = try graph.constant(Tensor(scalar: Float(0.5)))
    let training = try graph.constant(Tensor(scalar: true))
    let y = try graph.apply1("Dropout", [x, ratio, training])
    let session = try Session(graph, options: SessionOptions(random: RandomState(seed: 5, step: 7)))
    let feeds = [x: Tensor(repeating: Float(1), [1000])]
    let first = try session.run([y], feeds: feeds)[0]
    #expect(session.random.step == 8)
    #expect(try session.run([y], feeds: feeds)[0] != first)
    session.random = RandomState(seed: 5, step: 7)
    #expect(try session.run([y], feeds: feeds)[0] == first)
    var oracle = ReferenceInterpreter(graph, random: RandomState(seed: 5, step: 7))
    #expect(try oracle.run([y], feeds: feeds)[0] == first)
  }
}

import Engine
import GraphIR
import NN
import TestSupport
import Tensors
import Testing

extension LayerContext {
  /// Runs the graph in declared precision by the reference interpreter and by the engine, expects them to agree within 1e-5, and returns
  /// the engine's results.
  func results(_ fetches: [ValueID], _ feeds: [ValueID: Tensor]) throws -> [Tensor] {
    var interpreter = ReferenceInterpreter(graph)
    let reference = try interpreter.run(fetches, feeds: feeds)
    let engine = try Session(graph).run(fetches, feeds: feeds)
    for (a, b) in zip(engine, reference) {
      #expect(a.shape == b.shape && largestError(a, b) <= 1e-5)
    }
    return engine
  }

  /// Gives variables the fixture's values of the same name; every trainable one must have one.
  mutating func assign(_ fixture: [String: FixtureTensor]) throws {
    for variable in graph.trainableVariables {
      let numbers = try #require(fixture[graph[variable].name], "\(graph[variable].name)")
      try graph.setInitialValue(of: variable, to: numbers.tensor())
    }
  }
}

/// The largest difference of two float32 tensors, infinite where the shapes differ.
func largestError(_ a: Tensor, _ b: Tensor) -> Float {
  guard a.shape == b.shape else { return .infinity }
  return zip(a.elements(of: Float.self), b.elements(of: Float.self)).reduce(0) {
    max($0, abs($1.0 - $1.1))
  }
}

/// Small reproducible numbers in [-1, 1).
func numbers(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
  var random = Philox(seed: seed)
  return Tensor((0..<shape.elementCount).map { _ in random.uniform() * 2 - 1 }, shape)
}

package import GraphIR
package import Tensors

/// How a session runs.
package struct SessionOptions: Sendable {
  /// Threads that one run may use, the caller's among them.
  package var threads: Int
  /// Where random operators (dropout) draw from.
  package var random: RandomState

  package init(threads: Int = 1, random: RandomState = RandomState()) {
    self.threads = threads
    self.random = random
  }
}

/// Runs a graph. Variables live here and keep their values between runs; nothing else is kept.
///
/// A session is used by one thread at a time; its owner (a lane, a trainer) serialises.
package final class Session {
  package let graph: Graph
  package var random: RandomState

  package init(_ graph: Graph, options: SessionOptions = SessionOptions()) throws {
    self.graph = graph
    random = options.random
  }

  /// Evaluates several values in one pass.
  ///
  /// - Throws: `GraphError` for a missing feed or one of the wrong type or shape (naming the placeholder, the expected and the
  ///   given shape).
  package func run(_ fetches: [ValueID], feeds: [ValueID: Tensor]) throws -> [Tensor] { [] }

  /// The present value of a variable.
  package func value(of variable: ValueID) throws -> Tensor {
    throw GraphError.invalid("not a variable")
  }

  /// Gives a variable a new value.
  package func assign(_ variable: ValueID, _ tensor: Tensor) throws {}

  /// Compiles (or finds) the plan for concrete input shapes, ready to run without allocating.
  package func prepare(_ fetches: [ValueID], inputShapes: [ValueID: Shape]) throws -> PreparedRun {
    throw GraphError.invalid("no plan")
  }
}

/// A compiled plan with its memory: write the inputs in place, `execute`, read the outputs in place.
///
/// Buffers belong to the session's arena: what another run of the same session has written since is gone.
package final class PreparedRun {
  /// Where a fed value is written, row-major, before `execute`.
  package func input(_ value: ValueID) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  /// Shapes of the fetches, in their order.
  package var outputShapes: [Shape] { [] }

  /// The fetched value of that position, valid after `execute` until the session's next run.
  package func output(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: nil, count: 0)
  }

  package func execute() throws {}
}

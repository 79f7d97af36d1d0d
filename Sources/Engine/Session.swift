package import GraphIR
package import Tensors

/// How a session runs.
package struct SessionOptions: Sendable {
  /// Threads that one run may use, the caller's among them.
  package var threads: Int
  /// Where random operators (dropout) draw from; the step advances with every run that draws.
  package var random: RandomState
  /// Called while a plan runs, between two of its steps, after every `yieldInterval` of work: a background session lets others go first
  /// there, by sleeping for instance.
  package var yield: (@Sendable () -> Void)?

  /// Nanoseconds of work between two calls of `yield`; a single step that takes longer is not cut.
  package static let yieldInterval = 100_000

  package init(
    threads: Int = 1,
    random: RandomState = RandomState(),
    yield: (@Sendable () -> Void)? = nil
  ) {
    self.threads = threads
    self.random = random
    self.yield = yield
  }
}

/// Runs a graph.
///
/// Variables live here and keep their values between runs; nothing else is kept.
///
/// The first run with new fetches or input shapes compiles a plan; later ones find it. Every reader of a variable sees the value
/// from before the run's updates. A session is used by one thread at a time; its owner (a lane, a trainer) serialises.
package final class Session {
  /// Plans kept; the least recently used is dropped.
  package static let plansMax = 128

  package let graph: Graph
  private let resources: SessionResources
  private var plans: [PlanKey: CachedPlan] = [:]
  private var clock = 0
  /// Placeholders whose values decide shapes: they are part of a plan.
  private let shapingPlaceholders: Set<ValueID>

  private struct PlanKey: Hashable {
    let fetches: [ValueID]
    let targets: [ValueID]
    let shapes: [ValueID: Shape]
    let values: [ValueID: [UInt8]]
    let buffers: [ValueID: UnsafeMutableRawPointer]
  }

  private struct CachedPlan {
    let run: PreparedRun
    var lastUse: Int
  }

  /// - Parameters:
  ///   - graph: What it runs.
  ///   - options: How it runs.
  ///   - weights: Given to several sessions of the same graph, they share what is made of its constants, such as packed weights;
  ///     variables and everything that runs write are each one's own, so that they may run at the same time.
  /// - Throws: `EngineError.outOfMemory`.
  package init(
    _ graph: Graph,
    options: SessionOptions = SessionOptions(),
    weights: SharedWeights = SharedWeights()
  ) throws {
    self.graph = graph
    resources = try SessionResources(
      threads: options.threads,
      random: options.random,
      yield: options.yield,
      weights: weights
    )
    shapingPlaceholders = graph.shapingPlaceholders
  }

  /// Seed and step of the session's random operators.
  package var random: RandomState {
    get { resources.random.pointee }
    set { resources.random.pointee = newValue }
  }

  /// Evaluates several values in one pass.
  ///
  /// `targets` are computed but not returned, such as the updates of a training step. Throws `EngineError` for a missing feed or one
  /// of the wrong type or shape (naming the placeholder, the expected and the given shape), `GraphError` where operands do not
  /// fit.
  package func run(
    _ fetches: [ValueID],
    feeds: [ValueID: Tensor],
    targets: [ValueID] = []
  ) throws -> [Tensor] {
    try check(feeds)
    let shaping = feeds.filter { shapingPlaceholders.contains($0.key) }
    let prepared: PreparedRun
    do {
      prepared = try prepare(
        fetches,
        targets: targets,
        inputShapes: feeds.mapValues(\.shape),
        inputValues: shaping
      )
    } catch EngineError.dynamicShape {
      return try interpret(fetches, feeds: feeds, targets: targets)
    }
    for (id, tensor) in feeds {
      let buffer = prepared.input(id)
      if !buffer.isEmpty { tensor.withBytes { buffer.copyMemory(from: $0) } }
    }
    try prepared.execute()
    return fetches.indices.map { prepared.outputTensor($0) }
  }

  /// Compiles (or finds) the plan for concrete input shapes, ready to run without allocating.
  ///
  /// `targets` are computed but not returned; `inputValues` fixes placeholders in the plan, such as a target shape. Throws what `run`
  /// throws, and `EngineError.dynamicShape` where a shape depends on data.
  ///
  /// Placeholders and fetches in `buffers` live in the caller's memory instead of the arena, so that one run's output is another
  /// run's input without a copy. That memory is large enough, aligned for the kernels, lives as long as the run is used, and is not
  /// both read and written by one run.
  package func prepare(
    _ fetches: [ValueID],
    targets: [ValueID] = [],
    inputShapes: [ValueID: Shape],
    inputValues: [ValueID: Tensor] = [:],
    buffers: [ValueID: UnsafeMutableRawPointer] = [:]
  ) throws -> PreparedRun {
    let key = PlanKey(
      fetches: fetches,
      targets: targets,
      shapes: inputShapes,
      values: inputValues.mapValues { $0.withBytes { Array($0) } },
      buffers: buffers
    )
    clock += 1
    if let cached = plans[key] {
      plans[key]?.lastUse = clock
      return cached.run
    }
    let specializer = Specializer(
      graph: graph,
      inputShapes: inputShapes,
      inputValues: inputValues,
      resources: resources
    )
    let plan = try specializer.specialize(fetches + targets)
    let run = try PlanCompiler(
      resources: resources,
      graph: graph,
      buffers: buffers,
      fetchBuffers: fetches.map { buffers[$0] }
    ).compile(plan)
    if plans.count >= Session.plansMax,
      let oldest = plans.min(by: { $0.value.lastUse < $1.value.lastUse })
    {
      plans[oldest.key] = nil
    }
    plans[key] = CachedPlan(run: run, lastUse: clock)
    return run
  }

  /// The present value of a variable.
  ///
  /// - Throws: `EngineError.notAVariable`.
  package func value(of variable: ValueID) throws -> Tensor {
    guard case .variable(let initial, _) = graph[variable].source else {
      throw EngineError.notAVariable(graph[variable].name)
    }
    return resources.variable(variable, initial: initial).tensor(initial.dtype, initial.shape)
  }

  /// Gives a variable a new value.
  ///
  /// - Throws: `EngineError.notAVariable`, or `EngineError.feedType` for another type or shape.
  package func assign(_ variable: ValueID, _ tensor: Tensor) throws {
    let value = graph[variable]
    guard case .variable(let initial, _) = value.source else {
      throw EngineError.notAVariable(value.name)
    }
    guard initial.dtype == tensor.dtype, initial.shape == tensor.shape else {
      throw EngineError.feedType(
        name: value.name,
        expected: value.type,
        given: tensor.dtype,
        shape: tensor.shape
      )
    }
    let buffer = resources.variable(variable, initial: initial)
    tensor.withBytes { buffer.bytes.copyMemory(from: $0) }
  }

  /// Checks feeds against the placeholders: type, shape, and that a symbol has one size everywhere.
  private func check(_ feeds: [ValueID: Tensor]) throws(EngineError) {
    var sizes: [String: Int] = [:]
    for id in graph.inputs {
      guard let tensor = feeds[id] else { continue }
      let value = graph[id]
      guard value.type.dtype == tensor.dtype, value.type.shape.accepts(tensor.shape) else {
        throw .feedType(
          name: value.name,
          expected: value.type,
          given: tensor.dtype,
          shape: tensor.shape
        )
      }
      for (dimension, size) in zip(value.type.shape.dimensions ?? [], tensor.shape.dimensions) {
        guard case .symbol(let symbol) = dimension else { continue }
        if let known = sizes[symbol], known != size {
          throw .symbolConflict(name: value.name, symbol: symbol, expected: known, given: size)
        }
        sizes[symbol] = size
      }
    }
    for id in feeds.keys {
      guard case .placeholder = graph[id].source else { throw .notAPlaceholder(graph[id].name) }
    }
  }

  /// Runs node by node a graph whose shapes depend on its data.
  private func interpret(
    _ fetches: [ValueID],
    feeds: [ValueID: Tensor],
    targets: [ValueID]
  ) throws -> [Tensor] {
    var interpreter = ReferenceInterpreter(graph, random: random)
    for id in graph.variables { interpreter.assign(id, try value(of: id)) }
    let results = try interpreter.run(fetches + targets, feeds: feeds)
    for id in graph.variables {
      if let tensor = interpreter.variables[id] { try assign(id, tensor) }
    }
    random.step &+= 1
    return Array(results.prefix(fetches.count))
  }
}

extension Graph {
  /// The placeholders from which an operand that decides a shape is computed.
  var shapingPlaceholders: Set<ValueID> {
    var found: Set<ValueID> = []
    var seen: Set<ValueID> = []
    var pending: [ValueID] = []
    for node in nodes {
      guard let definition = OperatorRegistry.definition(of: node.op) else { continue }
      for slot in definition.shapeOperands where slot < node.inputs.count {
        if let id = node.inputs[slot] { pending.append(id) }
      }
      for (_, body) in node.bodies { pending.append(contentsOf: node.shapingInputs(of: body)) }
    }
    while let value = pending.popLast() {
      guard seen.insert(value).inserted else { continue }
      switch self[value].source {
      case .placeholder: found.insert(value)
      case .output(let id, _):
        // The shape of a value does not depend on what is in it.
        let node = self[id]
        if node.op != "Shape" && node.op != "Size" {
          pending.append(contentsOf: node.inputs.compactMap { $0 })
        }
      case .constant, .variable: break
      }
    }
    return found
  }
}

extension Node {
  /// The inputs that shapes inside a body of this node depend on, among those that stay the same in all of its steps.
  fileprivate func shapingInputs(of body: Graph) -> [ValueID] {
    let shaping = body.shapingPlaceholders
    guard !shaping.isEmpty, let formal = try? formalInputCount() else { return [] }
    let captures = inputs[formal...]
    return zip(body.inputs.suffix(captures.count), captures).compactMap { placeholder, input in
      shaping.contains(placeholder) ? input : nil
    }
  }
}

import GraphIR
import Tensors

/// What all plans of a session share: the arena, variables, weights made of constants, threads.
final class SessionResources {
  let arena: Arena
  let pool: WorkerPool
  /// The variables' present values.
  private(set) var variables: [ValueID: AlignedBuffer] = [:]
  /// Folded and packed constants, which other sessions of the graph may share.
  let weights: SharedWeights
  /// Seed and step that random kernels read when they run.
  let random: UnsafeMutablePointer<RandomState>
  let pacer: Pacer
  /// What the bodies of each node use, by the node's position.
  private var bodies: [String: SessionResources] = [:]
  /// The memory in which bodies run: one at a time at each depth.
  private var bodyArena: Arena?

  init(
    threads: Int,
    random state: RandomState,
    yield: (@Sendable () -> Void)?,
    weights: SharedWeights
  ) throws {
    self.weights = weights
    arena = try Arena()
    pool = WorkerPool(threads: threads)
    pacer = Pacer(yield, pool)
    random = .allocate(capacity: 1)
    random.initialize(to: state)
  }

  private init(bodyOf parent: SessionResources, _ key: String, arena: Arena) {
    weights = parent.weights.body(key)
    self.arena = arena
    pool = parent.pool
    pacer = parent.pacer
    random = .allocate(capacity: 1)
    random.initialize(to: RandomState())
  }

  deinit { random.deallocate() }

  /// The resources of a body, the same for all plans: constants and packed weights of its own, our threads.
  func body(_ key: String) throws -> SessionResources {
    if let existing = bodies[key] { return existing }
    let arena = try bodyArena ?? Arena()
    bodyArena = arena
    let new = SessionResources(bodyOf: self, key, arena: arena)
    bodies[key] = new
    return new
  }

  /// The memory of a variable, made from its initial value at first use.
  func variable(_ id: ValueID, initial: Tensor) -> AlignedBuffer {
    if let existing = variables[id] { return existing }
    let buffer = AlignedBuffer(copying: initial)
    variables[id] = buffer
    return buffer
  }
}

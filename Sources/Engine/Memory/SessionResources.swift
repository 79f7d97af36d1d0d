import GraphIR
import Tensors

/// What all plans of a session share: the arena, variables, packed weights, threads.
final class SessionResources {
  let arena: Arena
  let pool: WorkerPool
  /// The variables' present values.
  private(set) var variables: [ValueID: AlignedBuffer] = [:]
  private var foldedConstants: [String: [Tensor?]] = [:]
  private var packedWeights: [PackedKey: AlignedBuffer] = [:]
  /// Seed and step that random kernels read when they run.
  let random: UnsafeMutablePointer<RandomState>
  let pacer: Pacer
  /// What the bodies of each node use, by the node's position.
  private var bodies: [String: SessionResources] = [:]
  /// The memory in which bodies run: one at a time at each depth.
  private var bodyArena: Arena?

  private struct PackedKey: Hashable {
    let constant: String
    let layout: String
  }

  init(threads: Int, random state: RandomState, yield: (@Sendable () -> Void)?) throws {
    arena = try Arena()
    pool = WorkerPool(threads: threads)
    pacer = Pacer(yield, pool)
    random = .allocate(capacity: 1)
    random.initialize(to: state)
  }

  private init(bodyOf parent: SessionResources, arena: Arena) {
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
    let new = SessionResources(bodyOf: self, arena: arena)
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

  /// Constants that folding makes, computed once for all plans.
  func folded(_ key: String, _ compute: () throws -> [Tensor?]?) rethrows -> [Tensor?]? {
    if let existing = foldedConstants[key] { return existing }
    guard let result = try compute() else { return nil }
    foldedConstants[key] = result
    return result
  }

  /// Packed weights of a constant, made at first use.
  func packed(
    _ constant: String,
    layout: String,
    floatCount: Int,
    _ pack: (UnsafeMutablePointer<Float>) -> Void
  ) -> AlignedBuffer {
    let key = PackedKey(constant: constant, layout: layout)
    if let existing = packedWeights[key] { return existing }
    let buffer = AlignedBuffer(byteCount: floatCount * 4)
    pack(buffer.floats)
    packedWeights[key] = buffer
    return buffer
  }
}

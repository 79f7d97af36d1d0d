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
  /// As in `SessionOptions`.
  let yield: (@Sendable () -> Void)?

  private struct PackedKey: Hashable {
    let constant: String
    let layout: String
  }

  init(threads: Int, random state: RandomState, yield: (@Sendable () -> Void)?) throws {
    self.yield = yield
    arena = try Arena()
    pool = WorkerPool(threads: threads)
    random = .allocate(capacity: 1)
    random.initialize(to: state)
  }

  deinit { random.deallocate() }

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
  ) -> UnsafePointer<Float> {
    let key = PackedKey(constant: constant, layout: layout)
    if let existing = packedWeights[key] { return UnsafePointer(existing.floats) }
    let buffer = AlignedBuffer(byteCount: floatCount * 4)
    pack(buffer.floats)
    packedWeights[key] = buffer
    return UnsafePointer(buffer.floats)
  }
}

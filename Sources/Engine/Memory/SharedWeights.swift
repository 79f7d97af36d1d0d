import Synchronization
import Tensors

/// What plans make of a graph's constants, folded or packed, once for all plans of the sessions that share it.
///
/// `@unchecked Sendable`: the dictionaries are touched under `lock` only, and what is in them never changes.
package final class SharedWeights: @unchecked Sendable {
  private let lock = Mutex(())
  private var folded: [String: [Tensor?]] = [:]
  private var packed: [PackedKey: AlignedBuffer] = [:]
  private var bodies: [String: SharedWeights] = [:]

  private struct PackedKey: Hashable {
    let constant: String
    let layout: String
  }

  /// Nothing yet: plans add to it.
  package init() {}

  /// The weights of a body of the graph.
  func body(_ key: String) -> SharedWeights {
    var result = self
    lock.withLock { _ in
      result = bodies[key] ?? SharedWeights()
      bodies[key] = result
    }
    return result
  }

  /// Constants that folding makes.
  func folded(_ key: String, _ compute: () throws -> [Tensor?]?) rethrows -> [Tensor?]? {
    if let existing = known(key) { return existing }
    // Outside of the lock: folding may ask for other constants. Two sessions may both compute it; the first one's counts.
    guard let result = try compute() else { return nil }
    lock.withLock { _ in if folded[key] == nil { folded[key] = result } }
    return known(key)
  }

  private func known(_ key: String) -> [Tensor?]? {
    var result: [Tensor?]?
    lock.withLock { _ in result = folded[key] }
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
    var result: AlignedBuffer?
    lock.withLock { _ in result = packed[key] }
    if let result { return result }
    let buffer = AlignedBuffer(byteCount: floatCount * 4)
    pack(buffer.floats)
    var kept = buffer
    lock.withLock { _ in
      kept = packed[key] ?? buffer
      packed[key] = kept
    }
    return kept
  }
}

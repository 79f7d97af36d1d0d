import Synchronization

/// Half-precision numbers (IEEE 754 binary16) that are read as float32.
///
/// All readers at one time share one wide copy.
final class WidenedHalves: Sendable {
  private let halves: TensorStorage
  private let wide = Mutex(Copy())

  private struct Copy: Sendable {
    weak var storage: TensorStorage?
  }

  init(_ halves: TensorStorage) { self.halves = halves }

  func storage() -> TensorStorage {
    wide.withLock { copy in
      if let storage = copy.storage { return storage }
      let storage = Self.widen(halves)
      copy.storage = storage
      return storage
    }
  }

  private static func widen(_ halves: TensorStorage) -> TensorStorage {
    let source = halves.bytes.bindMemory(to: UInt16.self)
    let storage = TensorStorage(
      byteCount: source.count * MemoryLayout<Float>.size,
      isWritable: false
    )
    let target = storage.bytes.bindMemory(to: Float.self)
    for index in source.indices { target[index] = float(half: source[index]) }
    return storage
  }

  /// The number with the given bits: exact, without branches, so that compilers make it vector code.
  static func float(half: UInt16) -> Float {
    let magnitude = UInt32(half & 0x7FFF)
    let sign = UInt32(half & 0x8000) << 16
    // The exponent's bias grows by 112; as a product it also makes subnormal numbers right.
    let scaled = (Float(bitPattern: magnitude << 13) * 0x1p112).bitPattern
    let special: UInt32 = magnitude >= 0x7C00 ? 0x7F80_0000 : 0
    return Float(bitPattern: scaled | special | sign)
  }
}

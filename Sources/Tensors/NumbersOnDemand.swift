import Synchronization

/// float32 numbers that are made when somebody reads them, and go with their last reader.
///
/// All readers at one time share one copy. They come from half-precision numbers (IEEE 754 binary16), or from whatever can make them again.
final class NumbersOnDemand: Sendable {
  /// Fills memory with the numbers, the same ones each time.
  typealias Maker = @Sendable (UnsafeMutableBufferPointer<Float>) -> Void

  private let elementCount: Int
  private let state: Mutex<State>

  private struct State: Sendable {
    /// `nil` where something else makes the numbers.
    var halves: TensorStorage?
    var make: Maker
    weak var wide: TensorStorage?
  }

  init(widening halves: TensorStorage) {
    elementCount = halves.bytes.count / MemoryLayout<UInt16>.size
    state = Mutex(State(halves: halves) { Self.widen(halves, into: $0) })
  }

  init(elementCount: Int, make: @escaping Maker) {
    self.elementCount = elementCount
    state = Mutex(State(make: make))
  }

  /// The half-precision numbers, as long as they are kept.
  var halves: TensorStorage? { state.withLock { $0.halves } }

  /// Lets go of what the numbers came from so far: `make` has them too.
  func replaceSource(_ make: @escaping Maker) {
    state.withLock {
      $0.halves = nil
      $0.make = make
    }
  }

  func storage() -> TensorStorage {
    state.withLock { state in
      if let wide = state.wide { return wide }
      let wide = TensorStorage(
        byteCount: elementCount * MemoryLayout<Float>.size,
        isWritable: false
      )
      state.make(wide.bytes.bindMemory(to: Float.self))
      state.wide = wide
      return wide
    }
  }

  private static func widen(
    _ halves: TensorStorage,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    let source = halves.bytes.bindMemory(to: UInt16.self)
    for index in source.indices { target[index] = float(half: source[index]) }
  }

  /// The number with the given bits: exact, without branches, so that compilers make it vector code.
  private static func float(half: UInt16) -> Float {
    let magnitude = UInt32(half & 0x7FFF)
    let sign = UInt32(half & 0x8000) << 16
    // The exponent's bias grows by 112; as a product it also makes subnormal numbers right.
    let scaled = (Float(bitPattern: magnitude << 13) * 0x1p112).bitPattern
    let special: UInt32 = magnitude >= 0x7C00 ? 0x7F80_0000 : 0
    return Float(bitPattern: scaled | special | sign)
  }
}

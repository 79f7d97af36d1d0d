/// The frames of a replay memory, each held once, in a ring; observations are stacks of them.
struct FrameStore {
  /// What a stack is made of: its newest frame, and how far back its episode goes.
  struct Place: Equatable {
    /// Counted from the first frame that ever was.
    var newest: Int
    /// Frames of the episode before it, at most `stack - 1`.
    var age: Int

    /// The oldest frame in the stack.
    var oldest: Int { newest - age }
  }

  /// Frames in an observation.
  let stack: Int
  /// Bytes of a frame.
  let byteCount: Int
  /// Frames that are held.
  let capacity: Int
  /// Frame k is at position k % capacity; grows up to the capacity.
  private(set) var bytes: [UInt8] = []
  /// One more than the number of the newest frame.
  private(set) var endNumber = 0
  /// By slot: the observation's stack, and the next one's.
  private(set) var places: [(observation: Place, next: Place)] = []

  init(stack: Int, byteCount: Int, capacity: Int) {
    self.stack = stack
    self.byteCount = byteCount
    self.capacity = capacity
  }

  /// The oldest frame that is still held once another one has come.
  var firstNumberAfterAppending: Int { max(0, endNumber + 1 - capacity) }

  /// Whether all frames of a stack are still held.
  func holds(_ place: Place) -> Bool { place.oldest >= endNumber - capacity }

  /// Adds a frame that begins an episode, or follows `last`.
  mutating func append(_ frame: UnsafeRawBufferPointer, after last: Place?) -> Place {
    let start = endNumber % capacity * byteCount
    if start == bytes.count {
      bytes.append(contentsOf: frame)
    } else {
      bytes.withUnsafeMutableBytes { bytes in
        UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + byteCount])
          .copyMemory(from: frame)
      }
    }
    defer { endNumber += 1 }
    return Place(newest: endNumber, age: last.map { min($0.age + 1, stack - 1) } ?? 0)
  }

  mutating func store(_ observation: Place, _ next: Place, slot: Int) {
    if slot == places.count {
      places.append((observation, next))
    } else {
      places[slot] = (observation, next)
    }
  }

  /// Writes a stack as numbers 0 to 255, [stack, H, W], oldest frame first.
  func copy(_ place: Place, to target: UnsafeMutablePointer<Float>) {
    bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      for position in 0..<stack {
        let back = min(stack - 1 - position, place.age)
        let source = base + (place.newest - back) % capacity * byteCount
        let row = target + position * byteCount
        for index in 0..<byteCount { row[index] = Float(source[index]) }
      }
    }
  }

  /// Takes over stored frames and places.
  mutating func restore(
    bytes: [UInt8],
    endNumber: Int,
    places: [(observation: Place, next: Place)]
  ) {
    self.bytes = bytes
    self.endNumber = endNumber
    self.places = places
  }
}

package import Tensors

/// What a replay memory holds, and how much of it.
package struct ReplayOptions: Equatable, Sendable {
  /// How observations are kept.
  package enum Observations: Equatable, Sendable {
    /// Float32 numbers of this shape, twice for every transition: before and after it.
    case rows(Shape)
    /// Newest frames [H, W] of bytes, each once; an observation is the stack [count, H, W] of the last `count`, oldest first.
    ///
    /// An episode's first frame stands for those before it.
    case frames(count: Int, height: Int, width: Int)

    /// The shape of one observation.
    package var shape: Shape {
      switch self {
      case .rows(let shape): shape
      case .frames(let count, let height, let width): [count, height, width]
      }
    }
  }

  /// How transitions are drawn.
  package enum Draw: Equatable, Sendable {
    case uniform
    /// P(i) = p_i^alpha / sum p_k^alpha with p_i = |error_i| + `floor` (Schaul et al. 2016, Prioritized experience replay, equation 1).
    ///
    /// A new transition has the largest priority so far, so that it is seen soon.
    case prioritized(alpha: Double = 0.6, floor: Double = 1e-3)
  }

  package var observations: Observations
  /// Actions there are.
  package var actionCount: Int
  /// Transitions; the oldest make room.
  package var capacity: Int
  /// Bytes of everything together; makes the capacity smaller where it is reached first.
  package var byteCountMax: Int
  package var draw: Draw

  package init(
    observations: Observations,
    actionCount: Int,
    capacity: Int,
    byteCountMax: Int = 1 << 30,
    draw: Draw = .uniform
  ) {
    self.observations = observations
    self.actionCount = actionCount
    self.capacity = capacity
    self.byteCountMax = byteCountMax
    self.draw = draw
  }

  /// Largest number of transitions.
  package static let capacityMax = 1 << 26
  /// Largest number of frames in a stack.
  package static let stackMax = 64
  /// Largest number of elements in an observation.
  package static let elementCountMax = 1 << 24

  /// Bytes that a transition takes beside its observations: action, return, discount, places, priority.
  static let overheadByteCount = 64

  /// Transitions that fit into both bounds.
  ///
  /// - Throws: `ReinforcementError.replay` for sizes that make no memory.
  func slotCount() throws(ReinforcementError) -> Int {
    let count = observations.shape.elementCount
    guard (1...Self.elementCountMax).contains(count) else {
      throw .replay("an observation of \(observations.shape) has \(count) elements")
    }
    if case .frames(let stack, _, _) = observations, !(1...Self.stackMax).contains(stack) {
      throw .replay("stacks of \(stack) frames; expected 1 to \(Self.stackMax)")
    }
    guard actionCount >= 1, actionCount <= 1 << 16 else {
      throw .replay("\(actionCount) actions; expected 1 to \(1 << 16)")
    }
    guard (1...Self.capacityMax).contains(capacity) else {
      throw .replay("capacity \(capacity); expected 1 to \(Self.capacityMax) transitions")
    }
    if case .prioritized(let alpha, let floor) = draw {
      guard alpha.isFinite, alpha >= 0, floor.isFinite, floor > 0 else {
        throw .replay("priorities with alpha \(alpha) and floor \(floor); expected >= 0 and > 0")
      }
    }
    let fitting = (byteCountMax - fixedByteCount) / byteCountPerSlot
    guard fitting >= 1 else {
      throw .replay("\(byteCountMax) bytes do not hold one transition of \(observations.shape)")
    }
    return min(capacity, fitting)
  }

  var byteCountPerSlot: Int {
    switch observations {
    case .rows(let shape): 2 * 4 * shape.elementCount + Self.overheadByteCount
    // A ninth of the frames may be those that begin episodes.
    case .frames(_, let height, let width): height * width * 9 / 8 + Self.overheadByteCount
    }
  }

  var fixedByteCount: Int {
    switch observations {
    case .rows: 0
    case .frames(let count, let height, let width): (count + 1) * height * width
    }
  }
}

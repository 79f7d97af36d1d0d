import Synchronization

/// Counters that only grow, which many threads add to without waiting for each other: each thread adds to the row of its
/// stripe, in cache lines of its own, and a reader adds the rows up.
///
/// `@unchecked Sendable`: the memory is allocated once and holds atomics only.
final class StripedCounters: @unchecked Sendable {
  /// Rows; threads whose numbers differ by a multiple of this share one.
  static let stripeCount = 16
  /// Bytes of two cache lines: processors fetch them in pairs.
  private static let alignment = 128

  let count: Int
  private let rowLength: Int
  private let memory: UnsafeMutableRawPointer
  private let cells: UnsafeMutablePointer<Atomic<UInt64>>

  /// `count` counters at zero.
  init(_ count: Int) {
    self.count = count
    let perLine = Self.alignment / MemoryLayout<UInt64>.stride
    rowLength = (count + perLine - 1) / perLine * perLine
    let total = rowLength * Self.stripeCount
    memory = .allocate(
      byteCount: total * MemoryLayout<UInt64>.stride,
      alignment: Self.alignment
    )
    cells = memory.bindMemory(to: Atomic<UInt64>.self, capacity: total)
    for index in 0..<total { (cells + index).initialize(to: Atomic(0)) }
  }

  deinit { memory.deallocate() }

  /// Adds to a counter.
  ///
  /// - Parameters:
  ///   - amount: How much.
  ///   - index: The counter's position.
  ///   - stripe: A number of the calling thread, such as its event loop's.
  func add(_ amount: UInt64, to index: Int, stripe: Int) {
    precondition(index >= 0 && index < count, "counter \(index) of \(count)")
    let row = stripe & (Self.stripeCount - 1)
    cells[row * rowLength + index].wrappingAdd(amount, ordering: .relaxed)
  }

  /// What a counter stands at: all that was added before, and perhaps some of what is added meanwhile.
  subscript(index: Int) -> UInt64 {
    precondition(index >= 0 && index < count, "counter \(index) of \(count)")
    return (0..<Self.stripeCount).reduce(0) {
      $0 &+ cells[$1 * rowLength + index].load(ordering: .relaxed)
    }
  }
}

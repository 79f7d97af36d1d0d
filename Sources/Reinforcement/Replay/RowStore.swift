/// The observations of a replay memory that are given in full: before and after each transition.
struct RowStore {
  /// Numbers in one observation.
  let count: Int
  /// Slot after slot, the observation and then the next one.
  private(set) var numbers: [Float] = []

  init(count: Int) { self.count = count }

  /// - Precondition: both have `count` numbers; `slot` is one that was stored to, or the one after the last.
  mutating func store(_ observation: [Float], _ next: [Float], slot: Int) {
    let start = slot * 2 * count
    if start == numbers.count {
      numbers += observation
      numbers += next
    } else {
      numbers.replaceSubrange(start..<start + count, with: observation)
      numbers.replaceSubrange(start + count..<start + 2 * count, with: next)
    }
  }

  /// Writes the observation of a slot, or the next one.
  func copy(slot: Int, isNext: Bool, to target: UnsafeMutablePointer<Float>) {
    let start = slot * 2 * count + (isNext ? count : 0)
    numbers.withUnsafeBufferPointer { numbers in
      guard start + count <= numbers.count, let base = numbers.baseAddress else { return }
      target.update(from: base + start, count: count)
    }
  }

  /// Takes over stored numbers.
  ///
  /// - Precondition: whole slots.
  mutating func restore(_ numbers: [Float]) { self.numbers = numbers }
}

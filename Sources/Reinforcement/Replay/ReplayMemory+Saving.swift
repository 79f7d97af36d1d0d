package import Tensors

extension ReplayMemory {
  /// Everything in the memory as named tensors; `restore` makes a memory that draws the same bits.
  package func saved() -> [NPZ.Entry] {
    var entries = [
      NPZ.Entry("numbers", Tensor(vector: [Int64(firstNumber), Int64(endNumber)])),
      NPZ.Entry("actions", Tensor(vector: actions)),
      NPZ.Entry("returns", Tensor(vector: returns)),
      NPZ.Entry("discounts", Tensor(vector: discounts)),
    ]
    if let rows { entries.append(NPZ.Entry("rows", Tensor(vector: rows.numbers))) }
    if let frames {
      entries.append(NPZ.Entry("frames", Tensor(vector: frames.bytes)))
      entries.append(NPZ.Entry("frame_count", Tensor(scalar: Int64(frames.endNumber))))
      let places = frames.places.flatMap {
        [$0.observation.newest, $0.observation.age, $0.next.newest, $0.next.age]
      }
      entries.append(NPZ.Entry("places", Tensor(vector: places.map(Int64.init))))
    }
    if let priorities {
      let values = actions.indices.map { priorities[$0] }
      entries.append(NPZ.Entry("priorities", Tensor(vector: values)))
      entries.append(NPZ.Entry("priority_max", Tensor(scalar: priorityMax)))
    }
    return entries
  }

  /// Takes over what `saved` gave.
  ///
  /// - Throws: `ReinforcementError.replay` where it does not fit these options or itself; the memory is then as it was.
  package func restore(_ entries: [NPZ.Entry]) throws(ReinforcementError) {
    var tensors: [String: Tensor] = [:]
    for entry in entries { tensors[entry.name] = entry.tensor }
    func vector<Element: TensorElement>(
      _ name: String,
      count: Int? = nil,
      of type: Element.Type = Element.self
    ) throws(ReinforcementError) -> [Element] {
      guard let tensor = tensors[name], tensor.dtype == Element.dtype,
        count == nil || tensor.shape.elementCount == count
      else {
        let found = tensors[name].map { "\($0.dtype)\($0.shape)" } ?? "missing"
        throw .replay(
          "saved \(name) is \(found), expected \(count.map { "\($0) " } ?? "")\(Element.dtype)"
        )
      }
      return tensor.elements(of: Element.self)
    }
    let numbers = try vector("numbers", count: 2, of: Int64.self).map(Int.init)
    let (first, end) = (numbers[0], numbers[1])
    guard first >= 0, first <= end, end < 1 << 62, end - first <= capacity else {
      throw .replay("saved transitions \(first)..<\(end), the capacity is \(capacity)")
    }
    let slots = min(end, capacity)
    let actions = try vector("actions", count: slots, of: Int32.self)
    let returns = try vector("returns", count: slots, of: Float.self)
    let discounts = try vector("discounts", count: slots, of: Float.self)
    for ((action, reward), discount) in zip(zip(actions, returns), discounts) {
      try check(action: Int(action), reward: reward, discount: discount)
    }
    var rows = rows
    var frames = frames
    var priorities = priorities
    if let count = rows?.count { rows?.restore(try vector("rows", count: slots * 2 * count)) }
    if let store = frames {
      let frameCount = Int(try vector("frame_count", count: 1, of: Int64.self)[0])
      guard frameCount >= 0, frameCount < 1 << 62 else {
        throw .replay("\(frameCount) saved frames")
      }
      let held = min(frameCount, store.capacity)
      let places = try vector("places", count: slots * 4, of: Int64.self).map(Int.init)
      frames?.restore(
        bytes: try vector("frames", count: held * store.byteCount),
        endNumber: frameCount,
        places: try Self.places(places, stack: store.stack, end: frameCount)
      )
      for number in first..<end {
        guard frames.map({ $0.holds($0.places[number % capacity].observation) }) == true else {
          throw .replay("saved transition \(number) needs a frame that is not there")
        }
      }
    }
    var largest = 1.0
    if priorities != nil {
      let values = try vector("priorities", count: slots, of: Double.self)
      largest = try vector("priority_max", count: 1, of: Double.self)[0]
      guard largest.isFinite, largest > 0, values.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
        throw .replay("saved priorities are not finite numbers of 0 or more")
      }
      for number in first..<end where values[number % capacity] <= 0 {
        throw .replay("saved transition \(number) has no priority")
      }
      priorities = SumTree(count: capacity)
      for (slot, value) in values.enumerated() { priorities?[slot] = value }
    }
    (firstNumber, endNumber) = (first, end)
    (self.actions, self.returns, self.discounts) = (actions, returns, discounts)
    (self.rows, self.frames) = (rows, frames)
    (self.priorities, priorityMax) = (priorities, largest)
  }

  private static func places(
    _ numbers: [Int],
    stack: Int,
    end: Int
  ) throws(ReinforcementError) -> [(observation: FrameStore.Place, next: FrameStore.Place)] {
    var result: [(observation: FrameStore.Place, next: FrameStore.Place)] = []
    result.reserveCapacity(numbers.count / 4)
    for index in stride(from: 0, to: numbers.count, by: 4) {
      let (observation, next) = (
        FrameStore.Place(newest: numbers[index], age: numbers[index + 1]),
        FrameStore.Place(newest: numbers[index + 2], age: numbers[index + 3])
      )
      for place in [observation, next] {
        guard (0..<stack).contains(place.age), place.newest >= place.age, place.newest < end else {
          throw .replay("a saved stack ends with frame \(place.newest) of \(end)")
        }
      }
      guard next.oldest >= observation.oldest else {
        throw .replay("a saved stack goes back in time, to frame \(next.oldest)")
      }
      result.append((observation, next))
    }
    return result
  }
}

import Glibc
package import Tensors

extension ReplayMemory {
  /// Draws transitions with replacement.
  ///
  /// With priorities the sum of all is cut into `size` equal parts and one is drawn from each (Schaul et al. 2016, appendix B.2.1).
  ///
  /// - Parameters:
  ///   - size: how many.
  ///   - beta: how far the importance weights make up for the unequal probabilities: not at all with 0, fully with 1.
  ///   - random: where numbers are drawn from.
  ///   - sample: what was drawn; its memory is used again.
  /// - Precondition: there are transitions.
  package func draw(
    _ size: Int,
    beta: Double = 1,
    using random: inout Philox,
    into sample: inout ReplaySample
  ) {
    sample.numbers.removeAll(keepingCapacity: true)
    sample.weights.removeAll(keepingCapacity: true)
    guard let priorities else {
      for _ in 0..<size {
        sample.numbers.append(firstNumber + random.below(count))
        sample.weights.append(1)
      }
      return
    }
    let part = priorities.total / Double(size)
    var weightMax = 0.0
    var weights: [Double] = []
    weights.reserveCapacity(size)
    for index in 0..<size {
      let mass = (Double(index) + Double(random.uniform())) * part
      let slot = priorities.index(at: mass)
      sample.numbers.append(number(ofSlot: slot))
      let weight = power(Double(count) * priorities[slot] / priorities.total, -beta)
      weights.append(weight)
      weightMax = max(weightMax, weight)
    }
    for weight in weights { sample.weights.append(Float(weight / weightMax)) }
  }

  /// Gives drawn transitions the priorities of their new errors.
  ///
  /// Transitions that made room in the meantime are passed over; errors that are not finite count as the largest priority.
  package func setPriorities(of sample: ReplaySample, errors: UnsafeBufferPointer<Float>) {
    guard case .prioritized(let alpha, let floor) = options.draw else { return }
    for (number, error) in zip(sample.numbers, errors) where number >= firstNumber {
      let priority = error.isFinite ? Double(abs(error)) + floor : priorityMax
      priorityMax = max(priorityMax, priority)
      priorities?[number % capacity] = power(priority, alpha)
    }
  }

  /// The probability of a transition in the next draw.
  package func probability(of number: Int) -> Double {
    guard let priorities else { return 1 / Double(count) }
    return priorities[number % capacity] / priorities.total
  }

  /// Writes the observations of drawn transitions, [N, ...] row-major; the next ones with `isNext`.
  ///
  /// - Precondition: `target` has room for all of them.
  package func copyObservations(
    of sample: ReplaySample,
    isNext: Bool,
    to target: UnsafeMutableBufferPointer<Float>
  ) {
    guard var pointer = target.baseAddress else { return }
    let size = options.observations.shape.elementCount
    precondition(target.count >= sample.numbers.count * size, "\(target.count) floats of room")
    for number in sample.numbers {
      copyObservation(of: number, isNext: isNext, to: pointer)
      pointer += size
    }
  }

  /// Writes the states' numbers of drawn transitions [N], where an observation is one.
  ///
  /// - Precondition: `target` has room for all of them.
  package func copyStates(
    of sample: ReplaySample,
    isNext: Bool,
    to target: UnsafeMutableBufferPointer<Int64>
  ) {
    var state: Float = 0
    for (index, number) in sample.numbers.enumerated() {
      copyObservation(of: number, isNext: isNext, to: &state)
      target[index] = Int64(state)
    }
  }

  /// Writes actions, returns and discounts of drawn transitions, [N] each.
  ///
  /// - Precondition: the targets have room for all of them.
  package func copyOutcomes(
    of sample: ReplaySample,
    actions: UnsafeMutableBufferPointer<Int64>,
    returns: UnsafeMutableBufferPointer<Float>,
    discounts: UnsafeMutableBufferPointer<Float>
  ) {
    for (index, number) in sample.numbers.enumerated() {
      let slot = number % capacity
      actions[index] = Int64(self.actions[slot])
      returns[index] = self.returns[slot]
      discounts[index] = self.discounts[slot]
    }
  }

  /// One transition as it was recorded.
  package struct Transition: Equatable, Sendable {
    package var observation: [Float]
    package var action: Int
    package var reward: Float
    package var next: [Float]
    package var discount: Float
  }

  /// The transition of a number.
  ///
  /// - Precondition: it is held.
  package subscript(number: Int) -> Transition {
    precondition(number >= firstNumber && number < endNumber, "transition \(number) is not held")
    let slot = number % capacity
    func observation(isNext: Bool) -> [Float] {
      let size = options.observations.shape.elementCount
      return [Float](unsafeUninitializedCapacity: size) { buffer, count in
        if let base = buffer.baseAddress { copyObservation(of: number, isNext: isNext, to: base) }
        count = size
      }
    }
    return Transition(
      observation: observation(isNext: false),
      action: Int(actions[slot]),
      reward: returns[slot],
      next: observation(isNext: true),
      discount: discounts[slot]
    )
  }

  private func copyObservation(
    of number: Int,
    isNext: Bool,
    to target: UnsafeMutablePointer<Float>
  ) {
    let slot = number % capacity
    if let rows {
      rows.copy(slot: slot, isNext: isNext, to: target)
    } else if let frames {
      let places = frames.places[slot]
      frames.copy(isNext ? places.next : places.observation, to: target)
    }
  }

  /// The transition in a slot.
  private func number(ofSlot slot: Int) -> Int {
    let first = firstNumber % capacity
    return firstNumber + (slot >= first ? slot - first : slot - first + capacity)
  }

  /// `base^exponent`.
  func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
}

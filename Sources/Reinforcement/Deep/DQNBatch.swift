package import Tensors

/// One minibatch of N transitions.
package struct DQNBatch: Sendable {
  /// [N, ...], as the network takes it; `next` too.
  package var observation, next: Tensor
  /// [N] int64.
  package var action: Tensor
  /// [N] float32: rewards or n-step returns; the discounts of `next`'s values (0 after termination); importance weights.
  package var reward, discount, weight: Tensor

  package init(
    observation: Tensor,
    action: [Int],
    reward: [Float],
    next: Tensor,
    discount: [Float],
    weight: [Float]? = nil
  ) {
    self.observation = observation
    self.next = next
    self.action = Tensor(vector: action.map(Int64.init))
    self.reward = Tensor(vector: reward)
    self.discount = Tensor(vector: discount)
    self.weight = Tensor(vector: weight ?? [Float](repeating: 1, count: reward.count))
  }
}

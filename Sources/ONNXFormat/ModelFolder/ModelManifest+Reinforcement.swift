extension ModelManifest {
  /// The value of `task` of a model that answers an observation with the value of every action.
  ///
  /// Its graph `main` has one input, the observation: float32 [N,D] (any sizes behind N, as [N,C,H,W] for pictures), or int64 [N] where
  /// states are numbered. Role `q_values` is the output float32 [N,A], `labels` are the names of the A actions. A dueling
  /// network (Wang et al., 2016) also has the roles `state_value` [N,1] and `advantage` [N,A].
  package static let qValueTask = "q-values"

  /// Whether the model answers with the value of every action.
  package var isQValueModel: Bool { task == Self.qValueTask }

  /// What a model that acts was made for.
  package struct ReinforcementFormat: Codable, Equatable, Sendable {
    /// Actions that a model may have.
    package static let actionsMax = 65_536
    /// Steps that one update may look ahead.
    package static let stepsMax = 1000
    /// The discount of a model that does not say one.
    package static let discountDefault = 0.99

    /// The environment it was trained in, by Gymnasium's name: `CartPole-v1`.
    package var environment: String?
    /// A name for each number of an observation, in their order.
    package var fields: [String]?
    /// The least that each number can be, `null` where it has no bound; the first state's number for numbered states.
    package var low: [Double?]?
    /// The most that each number can be, `null` where it has no bound; the last state's number for numbered states.
    package var high: [Double?]?
    /// What a reward one step later is worth, 0 to 1: gamma of Q(s,a) = r + gamma max Q(s',a').
    package var discount: Double
    /// Rewards that one update adds up before it asks the network: n of n-step returns.
    package var steps: Int

    package init(
      environment: String? = nil,
      fields: [String]? = nil,
      low: [Double?]? = nil,
      high: [Double?]? = nil,
      discount: Double = ReinforcementFormat.discountDefault,
      steps: Int = 1
    ) {
      self.environment = environment
      self.fields = fields
      self.low = low
      self.high = high
      self.discount = discount
      self.steps = steps
    }

    private enum CodingKeys: String, CodingKey {
      case environment, fields, low, high, discount, steps
    }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      environment = try container.decodeIfPresent(String.self, forKey: .environment)
      fields = try container.decodeIfPresent([String].self, forKey: .fields)
      low = try container.decodeIfPresent([Double?].self, forKey: .low)
      high = try container.decodeIfPresent([Double?].self, forKey: .high)
      discount =
        try container.decodeIfPresent(Double.self, forKey: .discount) ?? Self.discountDefault
      steps = try container.decodeIfPresent(Int.self, forKey: .steps) ?? 1
    }
  }
}

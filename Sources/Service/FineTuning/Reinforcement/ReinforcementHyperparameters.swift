/// How a job learns a policy from stored transitions; what is missing is chosen by `resolved`.
package struct ReinforcementHyperparameters: Codable, Equatable, Sendable {
  package var epochs: Int?
  package var batchSize: Int?
  package var learningRate: Double?
  /// Times the default learning rate; not together with `learningRate`.
  package var learningRateMultiplier: Double?
  /// gamma; that of model.json where it is missing.
  package var discount: Double?
  /// Updates after which the target network takes over the online network's weights.
  package var targetUpdates: Int?
  /// Whether the online network chooses the next action that the target network values.
  package var isDouble = true
  /// How strongly actions that no transition shows are held down: alpha of conservative Q-learning.
  package var conservatism: Double?
  /// Episodes by which new and present version are compared, where the server knows the model's environment.
  package var evaluationEpisodes: Int?

  package init() {}

  /// Transitions in one update.
  static let batchSizeDefault = 64
  static let learningRateDefault = 5e-4
  static let targetUpdatesDefault = 500
  static let conservatismDefault = 0.5
  static let evaluationEpisodesDefault = 100
  /// Updates of a job that does not say how many epochs.
  static let updatesDefault = 20_000
  /// Episodes of one evaluation at most.
  static let evaluationEpisodesMax = 1000

  /// Everything chosen, for so many transitions.
  func resolved(count: Int) -> ReinforcementHyperparameters {
    var result = self
    let size = min(batchSize ?? Self.batchSizeDefault, max(count, 1))
    let updatesPerEpoch = (max(count, 1) - 1) / size + 1
    result.batchSize = size
    result.epochs = epochs ?? max(1, Self.updatesDefault / updatesPerEpoch)
    result.learningRate =
      learningRate ?? Self.learningRateDefault * (learningRateMultiplier ?? 1)
    result.targetUpdates = targetUpdates ?? Self.targetUpdatesDefault
    result.conservatism = conservatism ?? Self.conservatismDefault
    result.evaluationEpisodes = evaluationEpisodes ?? Self.evaluationEpisodesDefault
    return result
  }

  /// Reads `method.reinforcement.hyperparameters`.
  ///
  /// - Throws: `AdminError` 400 that names the member that is wrong.
  init(_ object: inout JSONMembers) throws(AdminError) {
    epochs = try object.integer("n_epochs", in: 1...FineTuningRequest.epochCountMax)
    batchSize = try object.integer("batch_size", in: 1...FineTuningRequest.batchSizeMax)
    learningRate = try object.number("learning_rate", in: 0...1000)
    learningRateMultiplier = try object.number("learning_rate_multiplier", in: 0...1000)
    if learningRate != nil, learningRateMultiplier != nil {
      throw .invalid(
        "'learning_rate' and 'learning_rate_multiplier' exclude each other",
        parameter: object.name("learning_rate_multiplier")
      )
    }
    discount = try object.number("discount", in: 0...1)
    targetUpdates = try object.integer("target_updates", in: 1...1_000_000)
    isDouble = try object.flag("double") ?? true
    conservatism = try object.number("conservatism", in: 0...1000)
    evaluationEpisodes = try object.integer(
      "evaluation_episodes",
      in: 1...Self.evaluationEpisodesMax
    )
    try object.finish()
  }

  /// As the API shows it.
  var document: JSONValue {
    func orAuto(_ number: Double?) -> JSONValue { number.map(JSONValue.number) ?? "auto" }
    return [
      "n_epochs": orAuto(epochs.map(Double.init)),
      "batch_size": orAuto(batchSize.map(Double.init)),
      "learning_rate": JSONValue(learningRate),
      "learning_rate_multiplier": orAuto(learningRateMultiplier),
      "discount": orAuto(discount),
      "target_updates": orAuto(targetUpdates.map(Double.init)),
      "double": .bool(isDouble),
      "conservatism": orAuto(conservatism),
      "evaluation_episodes": orAuto(evaluationEpisodes.map(Double.init)),
    ]
  }
}

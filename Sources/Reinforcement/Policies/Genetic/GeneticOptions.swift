import Training

/// How a genetic search goes about it.
package struct GeneticOptions: Sendable, Equatable {
  /// Networks in every generation.
  package var populationSize = 50
  /// The best ones that live on unchanged.
  package var eliteCount = 5
  /// A parent is the best of so many drawn at random.
  package var tournamentSize = 4
  /// The share of children that take each gene from one of two parents; the others have one parent.
  package var crossoverShare: Float = 0.5
  /// The probability that a gene of a child changes.
  package var mutationShare: Float = 0.3
  /// The deviation of the normal numbers that are added to changing genes, and from which the first genes are drawn.
  package var mutationDeviation: Float = 0.5
  /// Episodes that a network's fitness is the mean return of; all of a generation play the same.
  package var episodes = 5
  package var seed: UInt64 = 1

  package init() {}

  /// - Throws: `TrainingError.option` naming what is impossible.
  func validate() throws(TrainingError) {
    guard populationSize >= 2, (1..<populationSize).contains(eliteCount) else {
      throw .option(
        "population size \(populationSize) with \(eliteCount) of elite: expected 1 <= elite < size"
      )
    }
    guard tournamentSize >= 1, episodes >= 1 else {
      throw .option(
        "tournament size \(tournamentSize) and \(episodes) episodes: expected at least 1"
      )
    }
    guard (0...1).contains(crossoverShare), (0...1).contains(mutationShare) else {
      throw .option(
        "crossover share \(crossoverShare) and mutation share \(mutationShare): expected 0 to 1"
      )
    }
    guard mutationDeviation > 0, mutationDeviation.isFinite else {
      throw .option("mutation deviation \(mutationDeviation): expected a number above 0")
    }
  }
}

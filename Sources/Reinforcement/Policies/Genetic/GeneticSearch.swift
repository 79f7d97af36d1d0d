import NN
import Tensors

/// Looks for a policy by breeding: networks play, the better ones have children, which differ a little.
///
/// Selection by tournament, uniform crossover, normal mutation, and an elite that lives on (D. Whitley, A genetic algorithm tutorial, 1994).
/// A run is a function of the options' seed.
package struct GeneticSearch {
  /// The stream of random numbers that it draws from.
  package static let stream: UInt64 = 0x6E7E_0000

  /// What came of a generation.
  package struct Generation: Equatable, Sendable {
    /// From 1.
    package var number: Int
    /// Mean returns of its networks.
    package var bestFitness: Double
    package var meanFitness: Double
    /// Episodes that were played since the beginning.
    package var episodes: Int
  }

  package let network: PolicyNetwork
  package let options: GeneticOptions
  /// The fittest network of the last generation; `nil` before the first.
  package private(set) var best: GenePolicy?

  private let environment: any Environment
  private var population: [[Float]]
  private var generation = 0
  private var random: Philox
  private var normal = NormalDistribution()

  /// Draws the first generation.
  ///
  /// - Throws: `TrainingError.option`.
  package init(
    _ network: PolicyNetwork,
    in environment: any Environment,
    options: GeneticOptions
  ) throws {
    try options.validate()
    self.network = network
    self.environment = environment
    self.options = options
    random = Philox(seed: options.seed, stream: Self.stream)
    population = []
    for _ in 0..<options.populationSize {
      var genes: [Float] = []
      for _ in 0..<GenePolicy.geneCount(of: network) { genes.append(step()) }
      population.append(genes)
    }
  }

  /// Lets every network play, keeps the fittest as `best`, and breeds the next generation.
  package mutating func runGeneration() -> Generation {
    let fitness = population.map(fitness)
    let order = population.indices.sorted {
      fitness[$0] != fitness[$1] ? fitness[$0] > fitness[$1] : $0 < $1
    }
    best = GenePolicy(network, genes: population[order[0]])
    generation += 1
    let report = Generation(
      number: generation,
      bestFitness: fitness[order[0]],
      meanFitness: fitness.reduce(0, +) / Double(fitness.count),
      episodes: generation * options.populationSize * options.episodes
    )
    var next = order.prefix(options.eliteCount).map { population[$0] }
    while next.count < options.populationSize { next.append(child(fitness)) }
    population = next
    return report
  }

  /// The mean return over the generation's episodes.
  private func fitness(_ genes: [Float]) -> Double {
    var policy = GenePolicy(network, genes: genes)
    // Other episodes in every generation: nobody survives by luck for long.
    let seed = options.seed &* 1_000_003 &+ UInt64(generation)
    return EpisodeReturns(in: environment, episodes: options.episodes, seed: seed) {
      policy.action(for: $0)
    }.mean
  }

  private mutating func child(_ fitness: [Double]) -> [Float] {
    var genes = population[parent(fitness)]
    if random.uniform() < options.crossoverShare {
      let other = population[parent(fitness)]
      for index in genes.indices where random.uniform() < 0.5 { genes[index] = other[index] }
    }
    for index in genes.indices where random.uniform() < options.mutationShare {
      genes[index] += step()
    }
    return genes
  }

  /// The fittest of a few drawn at random.
  private mutating func parent(_ fitness: [Double]) -> Int {
    var winner = random.below(population.count)
    for _ in 1..<options.tournamentSize {
      let challenger = random.below(population.count)
      if fitness[challenger] > fitness[winner] { winner = challenger }
    }
    return winner
  }

  private mutating func step() -> Float {
    options.mutationDeviation * Float(normal.next(&random))
  }
}

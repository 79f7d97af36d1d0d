import Reinforcement

extension LearningCurve {
  /// One curve: the mean return of each epoch's episodes, while the agent learnt from them.
  init(
    title: String,
    means: [Double],
    episodesPerEpoch: Int,
    in specification: EnvironmentSpecification,
    threshold: Double?
  ) {
    self.init(
      title: title,
      xLabel: "episodes",
      yLabel: "mean return of \(episodesPerEpoch) episodes while learning",
      threshold: threshold
    )
    let points = means.enumerated().map { (x: Double(($0 + 1) * episodesPerEpoch), y: $1) }
    series = [Series(specification.name, points)]
  }
}

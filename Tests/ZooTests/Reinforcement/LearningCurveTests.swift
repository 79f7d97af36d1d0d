import Testing
import Zoo

@Suite struct LearningCurveTests {
  private func curve(_ series: [LearningCurve.Series]) -> LearningCurve {
    var curve = LearningCurve(
      title: "CartPole <v1>",
      xLabel: "episodes",
      yLabel: "mean return",
      threshold: 475
    )
    curve.series = series
    return curve
  }

  @Test func pointsLieAtTheirPlacesBetweenRoundNumbers() {
    let svg = curve([.init("seed 1", [(0, 0), (100, 500)])]).svg
    // From the lower left corner of the frame to the upper right.
    #expect(svg.contains("<polyline points=\"64.0,352.0 704.0,40.0\""))
    #expect(svg.contains(">500</text>") && svg.contains(">100</text>"))
    #expect(svg.contains("stroke-dasharray"))
    #expect(svg.contains(">seed 1</text>"))
  }

  @Test func titlesAreEscaped() {
    let svg = curve([]).svg
    #expect(svg.contains("<title>CartPole &lt;v1&gt;</title>"))
    #expect(!svg.contains("<v1>"))
  }

  @Test func manyPointsAreAveraged() throws {
    let points = (0..<10_000).map { (x: Double($0), y: Double($0 % 2)) }
    let svg = curve([.init("a", points)]).svg
    let line = try #require(svg.split(separator: "\n").first { $0.contains("#1f6fb4") })
    #expect(line.split(separator: " ").count < LearningCurve.pointsMax + 10)
  }

  @Test(arguments: [[], [Double.nan], [3.0], [1e300, -1e300], [1e-9, 2e-9]])
  func anyNumbersGiveAPicture(_ values: [Double]) {
    let svg = curve([.init("a", values.map { ($0, $0) })]).svg
    #expect(svg.hasSuffix("</svg>\n"))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }
}

import Testing

@testable import CommandLineTool

@Suite struct LineChartTests {
  @Test func drawsAFallingLine() {
    let lines = LineChart(width: 4, height: 2).lines([
      .init("loss", [(0, 1), (1, 0)])
    ])
    #expect(
      lines == [
        "loss 0",
        "       1 ⠑⢄⠀⠀",
        "       0 ⠀⠀⠑⢄",
        "         0  1",
      ]
    )
  }

  @Test func aFlatCurveStandsInTheMiddle() {
    let lines = LineChart(width: 2, height: 1).lines([.init("a", [(0, 5), (1, 5), (2, 5)])])
    #expect(lines[1] == "       5 ⠒⠒" || lines[1] == "       5 ⠤⠤")
  }

  @Test func numbersThatAreNoneAreLeftOut() {
    #expect(LineChart(width: 3, height: 3).lines([.init("a", [(0, .nan), (1, .infinity)])]) == [])
    #expect(LineChart(width: 3, height: 3).lines([]) == [])
    let huge = LineChart(width: 3, height: 3).lines([
      .init("a", [(0, -1.7e308), (1, 1.7e308)])
    ])
    #expect(huge.count == 5)
  }

  @Test func numbersAreShort() {
    #expect(LineChart.text(0.123456) == "0.1235")
    #expect(LineChart.text(2) == "2")
    #expect(LineChart.text(1234.56) == "1234.6")
    #expect(LineChart.text(12.3456) == "12.346")
  }
}

import Testing

@testable import martlet

@Suite struct TextCanvasTests {
  @Test func whatIsOutsideIsNotDrawn() {
    var canvas = TextCanvas(width: 3, height: 2)
    canvas.write("abcde", 1, 0)
    canvas.set(-1, 0, "x")
    canvas.set(0, 2, "x")
    #expect(canvas.lines == [" ab", ""])
  }

  @Test func linesReachBothEnds() {
    var canvas = TextCanvas(width: 3, height: 3)
    canvas.line(from: (0, 0), to: (2, 2), "*")
    #expect(canvas.lines == ["*", " *", "  *"])
    canvas.line(from: (1, 1), to: (1, 1), "o")
    #expect(canvas.lines[1] == " o")
  }

  @Test(arguments: [Double.nan, .infinity, 1e18])
  func endlessLinesAreNotDrawn(_ end: Double) {
    var canvas = TextCanvas(width: 3, height: 1)
    canvas.line(from: (0, 0), to: (end, 0), "*")
    #expect(canvas.lines == [""])
  }
}

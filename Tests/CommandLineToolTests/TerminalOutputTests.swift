import Testing

@testable import CommandLineTool

@Suite struct TerminalOutputTests {
  @Test func tablesAlign() {
    var table = TextTable([("name", .left), ("time", .right), ("note", .left)])
    table.add(["a", "1.5"])
    table.add(["longer", "10.25", "x", "dropped"])
    #expect(
      table.text == """
        name     time  note
        a         1.5
        longer  10.25  x

        """)
  }

  @Test func progressLines() {
    #expect(
      ProgressBar.line(
        "epoch 1", done: 25, of: 100, unit: "samples", seconds: 5, note: "loss 0.5", barWidth: 8)
        == "epoch 1 [==      ] 25% 5 samples/s 15 s left loss 0.5")
    #expect(
      ProgressBar.line("x", done: 0, of: 10, unit: "rows", seconds: 0, note: "", barWidth: 0)
        == "x 0% 0 rows/s")
    #expect(
      ProgressBar.line("x", done: 20, of: 10, unit: "rows", seconds: 1, note: "", barWidth: 4)
        == "x [====] 100% 20 rows/s 0 s left")
  }

  @Test func durations() {
    #expect(ProgressBar.duration(0) == "0 s")
    #expect(ProgressBar.duration(59.4) == "59 s")
    #expect(ProgressBar.duration(185) == "3:05 min")
    #expect(ProgressBar.duration(3723) == "1:02:03 h")
    #expect(ProgressBar.duration(-5) == "0 s")
    #expect(ProgressBar.duration(.infinity) == "277777:46:40 h")
  }
}

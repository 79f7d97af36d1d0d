import Testing

@testable import CommandLineTool

@Suite struct LiveBlockTests {
  @Test func theSecondPictureReplacesTheFirst() {
    var block = LiveBlock()
    #expect(
      block.redraw(["one", "two"], width: 80, height: 24)
        == "\r\u{1B}[2Kone\n\u{1B}[2Ktwo\n\u{1B}[J"
    )
    #expect(
      block.redraw(["three"], width: 80, height: 24)
        == "\r\u{1B}[2A\u{1B}[2Kthree\n\u{1B}[J"
    )
  }

  @Test func linesMoveUpAboveTheBlock() {
    var block = LiveBlock()
    #expect(block.print("first") == "\r\u{1B}[Jfirst\n")
    _ = block.redraw(["curve"], width: 80, height: 24)
    #expect(block.print("note") == "\r\u{1B}[1A\u{1B}[Jnote\n\u{1B}[2Kcurve\n")
  }

  @Test func theBlockFitsTheWindow() {
    var block = LiveBlock()
    let frame = block.redraw(["abcdef", "b", "c"], width: 4, height: 3)
    #expect(frame == "\r\u{1B}[2Kabc\n\u{1B}[2Kb\n\u{1B}[J")
    // As many lines as were drawn are gone over again.
    #expect(block.redraw(["abc"], width: 0, height: 0) == "\r\u{1B}[2A\u{1B}[2Ka\n\u{1B}[J")
  }

  @Test func foreignTextCannotSteerTheTerminal() {
    #expect("loss \u{1B}[2J0.5\nx\u{9B}\u{202E}y".printable == "loss  [2J0.5 x  y")
    #expect("größer 数 ⠑".printable == "größer 数 ⠑")
  }
}

/// Lines at the end of the terminal's text that are drawn again and again in place, with ordinary lines moving up above them.
///
/// ECMA-48: CSI n A moves the cursor up, CSI 2 K clears a line, CSI J all that is below.
package struct LiveBlock: Sendable {
  private var lines: [String] = []

  package init() {}

  /// What draws the block anew with these lines.
  ///
  /// A line stays one column shorter than the terminal's `width`, as a full one would break; what does not fit into
  /// its `height` above the cursor's line is left out.
  package mutating func redraw(_ lines: [String], width: Int, height: Int) -> String {
    let start = rewind
    self.lines = lines.prefix(max(height - 1, 1)).map { String($0.prefix(max(width - 1, 1))) }
    return start + body + "\u{1B}[J"
  }

  /// What writes a line above the block.
  package func print(_ line: String) -> String { rewind + "\u{1B}[J" + line + "\n" + body }

  /// To the first column of the block's first line.
  private var rewind: String { lines.isEmpty ? "\r" : "\r\u{1B}[\(lines.count)A" }

  private var body: String { lines.map { "\u{1B}[2K\($0)\n" }.joined() }
}

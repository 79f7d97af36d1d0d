import Glibc

/// A picture of characters; what is drawn outside is not seen.
struct TextCanvas {
  let width: Int
  let height: Int
  private var cells: [Character]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    cells = Array(repeating: " ", count: width * height)
  }

  /// Puts a character at a column and a row, counted from the upper left corner.
  mutating func set(_ column: Int, _ row: Int, _ character: Character) {
    guard (0..<width).contains(column), (0..<height).contains(row) else { return }
    cells[row * width + column] = character
  }

  /// Writes from a column on to the right.
  mutating func write(_ text: String, _ column: Int, _ row: Int) {
    for (offset, character) in text.enumerated() { set(column + offset, row, character) }
  }

  /// Draws a straight line, both ends included.
  mutating func line(
    from start: (column: Double, row: Double),
    to end: (column: Double, row: Double),
    _ character: Character
  ) {
    let steps = max(abs(end.column - start.column), abs(end.row - start.row)).rounded(.up)
    // Nothing that is not a number, and nothing endless, is drawn.
    guard steps.isFinite, steps <= Double(2 * (width + height)) else { return }
    for step in 0...Int(steps) {
      let share = steps > 0 ? Double(step) / steps : 0
      set(
        Int((start.column + share * (end.column - start.column)).rounded()),
        Int((start.row + share * (end.row - start.row)).rounded()),
        character
      )
    }
  }

  /// The rows, without spaces at their ends.
  var lines: [String] {
    (0..<height).map { row in
      let characters = cells[(row * width)..<((row + 1) * width)]
      let end = characters.lastIndex { $0 != " " }.map { $0 + 1 } ?? characters.startIndex
      return String(characters[characters.startIndex..<end])
    }
  }
}

/// Draws curves in the terminal with Braille dots: two columns and four rows of dots a character.
package struct LineChart: Sendable {
  /// One curve.
  package struct Curve: Sendable {
    package let name: String
    package let points: [(x: Double, y: Double)]

    package init(_ name: String, _ points: [(x: Double, y: Double)]) {
      self.name = name
      // What is not a number has no place in a picture.
      self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
    }
  }

  /// Characters of the picture, without the scale at its left.
  package let width: Int
  package let height: Int

  /// - Parameters:
  ///   - width: Characters, at least 1.
  ///   - height: Lines, at least 1.
  package init(width: Int, height: Int) {
    self.width = max(width, 1)
    self.height = max(height, 1)
  }

  /// Width of the scale at the left, with the space behind it.
  private static let scaleWidth = 9

  /// The picture's lines: the scale of y at the left, x under it, the last values of the curves in the first line.
  package func lines(_ curves: [Curve]) -> [String] {
    let points = curves.flatMap(\.points)
    guard let first = points.first else { return [] }
    let x = points.reduce(first.x...first.x) {
      min($0.lowerBound, $1.x)...max($0.upperBound, $1.x)
    }
    let y = points.reduce(first.y...first.y) {
      min($0.lowerBound, $1.y)...max($0.upperBound, $1.y)
    }
    var dots = [UInt8](repeating: 0, count: width * height)
    for curve in curves {
      var previous: (column: Int, row: Int)?
      for point in curve.points {
        let column = position(point.x, in: x, count: width * 2)
        let row = height * 4 - 1 - position(point.y, in: y, count: height * 4)
        draw(from: previous ?? (column, row), to: (column, row), in: &dots)
        previous = (column, row)
      }
    }
    let legend = curves.compactMap { curve in
      curve.points.last.map { "\(curve.name) \(Self.text($0.y))" }
    }
    var lines = [legend.joined(separator: "   ")]
    for row in 0..<height {
      let scale =
        row == 0 ? Self.text(y.upperBound) : row == height - 1 ? Self.text(y.lowerBound) : ""
      var line = Self.padded(scale) + " "
      for column in 0..<width {
        line.unicodeScalars.append(Self.character(dots[row * width + column]))
      }
      lines.append(line)
    }
    let left = Self.text(x.lowerBound)
    let right = Self.text(x.upperBound)
    let gap = String(repeating: " ", count: max(width - left.count - right.count, 1))
    lines.append(String(repeating: " ", count: Self.scaleWidth) + left + gap + right)
    return lines
  }

  private func position(_ value: Double, in range: ClosedRange<Double>, count: Int) -> Int {
    let span = range.upperBound - range.lowerBound
    // A span beyond all numbers, or none at all, has no direction.
    guard span > 0, span.isFinite else { return count / 2 }
    return min(Int((value - range.lowerBound) / span * Double(count - 1) + 0.5), count - 1)
  }

  /// Sets the dots of a line (Bresenham).
  private func draw(
    from start: (column: Int, row: Int),
    to end: (column: Int, row: Int),
    in dots: inout [UInt8]
  ) {
    let columns = abs(end.column - start.column)
    let rows = abs(end.row - start.row)
    let steps = max(columns, rows)
    for step in 0...steps {
      let share = steps == 0 ? 0 : Double(step) / Double(steps)
      let column = start.column + Int((Double(end.column - start.column) * share).rounded())
      let row = start.row + Int((Double(end.row - start.row) * share).rounded())
      dots[row / 4 * width + column / 2] |= Self.dot(column % 2, row % 4)
    }
  }

  /// The bit of a dot in its character (Unicode, Braille Patterns: dots 1 2 3 7 at the left, 4 5 6 8 at the right).
  private static func dot(_ column: Int, _ row: Int) -> UInt8 {
    row == 3 ? 0x40 << column : 1 << (row + 3 * column)
  }

  private static func character(_ dots: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(0x2800 + UInt32(dots)) ?? " "
  }

  /// At most four digits behind the point.
  package static func text(_ number: Double) -> String {
    let magnitude = abs(number)
    guard magnitude < 1e15 else { return number.description }
    let digits = magnitude >= 100 ? 10.0 : magnitude >= 1 ? 1000.0 : 10_000.0
    let rounded = (number * digits).rounded() / digits
    if rounded == rounded.rounded() { return String(Int(rounded)) }
    return rounded.description
  }

  private static func padded(_ text: String) -> String {
    String(repeating: " ", count: max(scaleWidth - 1 - text.count, 0)) + text
  }
}

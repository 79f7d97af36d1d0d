/// Rows of text in aligned columns.
package struct TextTable: Sendable {
  /// How a column is aligned.
  package enum Alignment: Sendable {
    case left
    /// For numbers.
    case right
  }

  private let titles: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  /// - Parameter columns: Title and alignment of each column.
  package init(_ columns: [(String, Alignment)]) {
    titles = columns.map(\.0)
    alignments = columns.map(\.1)
  }

  /// Adds a row; cells beyond the columns are dropped, missing ones are empty.
  package mutating func add(_ cells: [String]) {
    rows.append(titles.indices.map { $0 < cells.count ? cells[$0] : "" })
  }

  /// The table with its titles, a line a row.
  package var text: String {
    let widths = titles.indices.map { column in
      ([titles] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([titles] + rows).map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        line += alignments[column] == .left ? cell + space : space + cell
        if column < row.count - 1 { line += "  " }
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

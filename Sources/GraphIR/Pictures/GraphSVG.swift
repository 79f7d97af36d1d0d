/// A graph as a picture that any browser shows, without other tools: layers from top to bottom, boxes of a layer side by side.
package enum GraphSVG {
  private static let boxWidth = 190
  private static let boxHeight = 40
  private static let gapX = 24
  private static let gapY = 34
  private static let margin = 20

  /// Space for the title of a body.
  private static let titleHeight = 30

  package static func text(_ graph: Graph) -> String {
    var pictures = [(title: "", layout: GraphLayout(graph))]
    // Bodies stand below, each under its title, those inside of them further down.
    var next = 0
    while next < pictures.count {
      for body in pictures[next].layout.boxes.flatMap(\.bodies) {
        pictures.append((body.title, GraphLayout(body.graph)))
      }
      next += 1
    }
    let sizes = pictures.map { size(of: $0.layout) }
    let width = (sizes.map(\.width).max() ?? 0) + 2 * margin
    let height = sizes.reduce(2 * margin - titleHeight) { $0 + $1.height + titleHeight }
    var svg = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(width) \(height)\" font-family=\"Helvetica, Arial, sans-serif\">",
      "<title>\(SVGText.escaped(graph.name))</title>",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
    ]
    var top = margin
    for (picture, size) in zip(pictures, sizes) {
      if !picture.title.isEmpty {
        svg.append(SVGText.element(picture.title, x: margin, y: top + 20, size: 12, color: "#000"))
        top += titleHeight
      }
      draw(picture.layout, width: width, top: top, into: &svg)
      top += size.height
    }
    svg.append("</svg>")
    return svg.joined(separator: "\n") + "\n"
  }

  private static func size(of layout: GraphLayout) -> (width: Int, height: Int) {
    let layers = Dictionary(grouping: layout.boxes.indices) { layout.boxes[$0].layer }
    let widest = layers.values.map(\.count).max() ?? 1
    let depth = (layers.keys.max() ?? 0) + 1
    return (widest * (boxWidth + gapX) - gapX, depth * (boxHeight + gapY) - gapY)
  }

  private static func draw(
    _ layout: GraphLayout,
    width: Int,
    top: Int,
    into svg: inout [String]
  ) {
    let layers = Dictionary(grouping: layout.boxes.indices) { layout.boxes[$0].layer }
    var places = [(x: Int, y: Int)](repeating: (0, 0), count: layout.boxes.count)
    for (layer, members) in layers {
      let rowWidth = members.count * (boxWidth + gapX) - gapX
      for (position, box) in members.enumerated() {
        places[box] = (
          (width - rowWidth) / 2 + position * (boxWidth + gapX), top + layer * (boxHeight + gapY)
        )
      }
    }
    for line in layout.lines {
      let from = (x: places[line.from].x + boxWidth / 2, y: places[line.from].y + boxHeight)
      let to = (x: places[line.to].x + boxWidth / 2, y: places[line.to].y)
      let middle = (from.y + to.y) / 2
      svg.append(
        "<path d=\"M\(from.x) \(from.y) C\(from.x) \(middle) \(to.x) \(middle) \(to.x) \(to.y)\" "
          + "fill=\"none\" stroke=\"#888\"/>"
      )
      svg.append(
        SVGText.element(
          line.label,
          x: (from.x + to.x) / 2 + 6,
          y: middle + 3,
          size: 9,
          color: "#666"
        )
      )
    }
    for (index, box) in layout.boxes.enumerated() {
      let place = places[index]
      svg.append(
        "<rect x=\"\(place.x)\" y=\"\(place.y)\" width=\"\(boxWidth)\" height=\"\(boxHeight)\" rx=\"6\" "
          + "fill=\"\(GraphColors.fill(box.kind))\" stroke=\"#667\"/>"
      )
      let middle = place.x + boxWidth / 2
      let titleY = place.y + (box.detail.isEmpty ? 25 : 17)
      svg.append(
        SVGText.element(box.title, x: middle, y: titleY, size: 12, color: "#000", anchor: "middle")
      )
      svg.append(
        SVGText.element(
          box.detail,
          x: middle,
          y: place.y + 32,
          size: 9,
          color: "#444",
          anchor: "middle"
        )
      )
    }
  }
}

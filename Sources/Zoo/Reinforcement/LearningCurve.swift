import GraphIR

/// How well something got while it learnt, as an SVG picture: curves over one axis, with a line at what counts as solved.
package struct LearningCurve: Sendable {
  /// One curve.
  package struct Series: Sendable {
    package var name: String
    package var points: [(x: Double, y: Double)]

    package init(_ name: String, _ points: [(x: Double, y: Double)]) {
      self.name = name
      self.points = points
    }
  }

  package var title: String
  /// What is counted along x, as "episodes".
  package var xLabel: String
  /// What the curves show, as "mean return".
  package var yLabel: String
  /// Drawn as a dashed line.
  package var threshold: Double?
  package var series: [Series] = []

  /// The file's name in a model's folder, without extension.
  package static let pictureName = "learning-curve"
  /// Points of one curve; more are averaged in groups of neighbours.
  package static let pointsMax = 400

  private static let width = 720
  private static let height = 400
  private static let (left, right, top, bottom) = (64, 16, 40, 48)
  private static let colors = ["#1f6fb4", "#d9731a", "#2f8f4e", "#b5332e", "#6f5bb5", "#6b6b6b"]

  package init(title: String, xLabel: String, yLabel: String, threshold: Double? = nil) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.threshold = threshold
  }

  /// The picture; points that are not finite are left out.
  package var svg: String {
    let curves = series.map { Self.thinned($0.points.filter { $0.x.isFinite && $0.y.isFinite }) }
    let points = curves.flatMap { $0 }
    let x = AxisScale(covering: points.map(\.x))
    let y = AxisScale(covering: points.map(\.y) + (threshold.map { [$0] } ?? []))
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Self.width)\" height=\"\(Self.height)\" "
        + "viewBox=\"0 0 \(Self.width) \(Self.height)\" font-family=\"Helvetica, Arial, sans-serif\">",
      "<title>\(SVGText.escaped(title))</title>",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
      SVGText.element(title, x: Self.left, y: 22, size: 15, color: "#222"),
    ]
    lines += frame(x, y)
    if let threshold {
      lines.append(
        path(
          [(x.low, threshold), (x.high, threshold)],
          x,
          y,
          "stroke=\"#888\" stroke-dasharray=\"6 4\""
        )
      )
    }
    for (index, curve) in curves.enumerated() {
      let color = Self.colors[index % Self.colors.count]
      lines.append(
        path(curve, x, y, "stroke=\"\(color)\" stroke-width=\"1.6\" stroke-linecap=\"round\"")
      )
      lines.append(
        SVGText.element(
          series[index].name,
          x: Self.width - Self.right - 8,
          y: Self.height - Self.bottom - 10 - 16 * (curves.count - 1 - index),
          size: 12,
          color: color,
          anchor: "end"
        )
      )
    }
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Grid lines with their numbers, and the names of the axes.
  private func frame(_ x: AxisScale, _ y: AxisScale) -> [String] {
    var lines: [String] = []
    for tick in x.ticks {
      let place = Int(column(tick, x).rounded())
      lines.append(path([(tick, y.low), (tick, y.high)], x, y, "stroke=\"#e4e4e4\""))
      lines.append(
        SVGText.element(
          x.text(tick),
          x: place,
          y: Self.height - Self.bottom + 16,
          size: 11,
          color: "#444",
          anchor: "middle"
        )
      )
    }
    for tick in y.ticks {
      let place = Int(row(tick, y).rounded())
      lines.append(path([(x.low, tick), (x.high, tick)], x, y, "stroke=\"#e4e4e4\""))
      lines.append(
        SVGText.element(
          y.text(tick),
          x: Self.left - 8,
          y: place + 4,
          size: 11,
          color: "#444",
          anchor: "end"
        )
      )
    }
    let middle = (Self.left + Self.width - Self.right) / 2
    lines.append(
      SVGText.element(
        xLabel,
        x: middle,
        y: Self.height - 12,
        size: 12,
        color: "#222",
        anchor: "middle"
      )
    )
    let label = SVGText.element(yLabel, x: 0, y: 0, size: 12, color: "#222", anchor: "middle")
    let center = (Self.top + Self.height - Self.bottom) / 2
    lines.append("<g transform=\"translate(16 \(center)) rotate(-90)\">\(label)</g>")
    return lines
  }

  private func path(
    _ points: [(x: Double, y: Double)],
    _ x: AxisScale,
    _ y: AxisScale,
    _ style: String
  ) -> String {
    // A line from a point to itself is a dot.
    let points = points.count == 1 ? points + points : points
    let places = points.map { "\(tenths(column($0.x, x))),\(tenths(row($0.y, y)))" }
    return "<polyline points=\"\(places.joined(separator: " "))\" fill=\"none\" \(style)/>"
  }

  private func column(_ value: Double, _ scale: AxisScale) -> Double {
    Double(Self.left) + scale.share(value) * Double(Self.width - Self.left - Self.right)
  }

  private func row(_ value: Double, _ scale: AxisScale) -> Double {
    Double(Self.height - Self.bottom) - scale.share(value)
      * Double(Self.height - Self.top - Self.bottom)
  }

  private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

  /// At most `pointsMax` points: means of groups of equal size, the last one smaller.
  private static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    let size = (points.count + pointsMax - 1) / pointsMax
    guard size > 1 else { return points }
    return stride(from: 0, to: points.count, by: size).map { start in
      let group = points[start..<min(start + size, points.count)]
      let count = Double(group.count)
      return (
        group.reduce(0) { $0 + $1.x } / count, group.reduce(0) { $0 + $1.y } / count
      )
    }
  }
}

/// Text inside SVG pictures.
package enum SVGText {
  /// A text at a place, in pixels; nothing for an empty one.
  package static func element(
    _ text: String,
    x: Int,
    y: Int,
    size: Int,
    color: String,
    anchor: String = "start"
  ) -> String {
    text.isEmpty
      ? ""
      : "<text x=\"\(x)\" y=\"\(y)\" font-size=\"\(size)\" fill=\"\(color)\" text-anchor=\"\(anchor)\">"
        + "\(escaped(text))</text>"
  }

  /// Text without what XML takes for markup.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}

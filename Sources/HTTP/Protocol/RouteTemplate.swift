/// A path template such as `/v1/models/{model}/versions/{version}:predict`.
///
/// Each segment is a literal, a parameter, or a parameter followed by a literal that starts with a
/// colon (TensorFlow Serving's verbs). A parameter matches one segment that is not empty and, when a
/// verb follows or could follow, holds no colon.
package struct RouteTemplate: Sendable, Equatable {
  enum Segment: Sendable, Equatable {
    case literal([UInt8])
    case parameter(name: String, suffix: [UInt8])
  }

  /// The template as written, for metrics and comparison with openapi.yaml.
  package let text: String
  let segments: [Segment]

  /// Reads a template.
  ///
  /// Templates are written by us: a malformed one is a programmer error.
  package init(_ text: String) {
    precondition(text.hasPrefix("/"), "route template \(text) must start with /")
    self.text = text
    segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
      .map { Self.segment(String($0), in: text) }
  }

  /// The parameters' names in order.
  package var parameterNames: [String] {
    segments.compactMap { if case .parameter(let name, _) = $0 { name } else { nil } }
  }

  private static func segment(_ text: String, in template: String) -> Segment {
    guard text.hasPrefix("{") else {
      precondition(!text.contains("{"), "route template \(template): {name} must start a segment")
      return .literal([UInt8](text.utf8))
    }
    let parts = text.dropFirst().split(
      separator: "}",
      maxSplits: 1,
      omittingEmptySubsequences: false
    )
    precondition(parts.count == 2, "route template \(template): missing }")
    precondition(
      parts[1].isEmpty || parts[1].hasPrefix(":"),
      "route template \(template): only a :verb may follow }"
    )
    return .parameter(name: String(parts[0]), suffix: [UInt8](parts[1].utf8))
  }

  /// How early the template is tried: literals before verbs before bare parameters, left to right.
  var specificity: [Int] {
    segments.map {
      switch $0 {
      case .literal: 0
      case .parameter(_, let suffix): suffix.isEmpty ? 2 : 1
      }
    }
  }

  /// Whether the request's path matches; leaves the parameters in `request.captures`.
  func matches(_ request: Request) -> Bool {
    request.captures.removeAll(keepingCapacity: true)
    for (index, segment) in segments.enumerated() {
      switch segment {
      case .literal(let literal):
        guard request.withSegment(index, { $0.buffer.elementsEqual(literal) }) else { return false }
      case .parameter(_, let suffix):
        let matches = request.withRawSegment(index) { raw in
          raw.count > suffix.count && raw.buffer.suffix(suffix.count).elementsEqual(suffix)
            && !raw.buffer.dropLast(suffix.count).contains(ASCII.colon)
        }
        guard matches else { return false }
        request.captures.append(Request.Capture(segment: index, suffix: suffix.count))
      }
    }
    return true
  }
}

/// A picture of a few shapes, as words: one group, or two that lie apart.
///
/// Groups, sizes, colours, shapes and places are chosen so that exactly one sentence of the grammar is right:
///
///     scene = group | group place "and" group place
///     group = "a" size colour shape | ("two" | "three") size colour shapes
///     place = "on the left" | "on the right" | "at the top" | "at the bottom" | "in the centre"
///
/// One shape alone has a place, several of one kind have none; of two groups the left or upper one comes first.
package struct Scene: Sendable, Hashable {
  package enum Shape: String, Sendable, CaseIterable {
    case circle, square, triangle, cross, ring

    var plural: String { self == .cross ? "crosses" : rawValue + "s" }
  }

  package enum Colour: String, Sendable, CaseIterable {
    case red, green, blue, yellow, orange, purple
  }

  package enum Size: String, Sendable, CaseIterable {
    case small, large
  }

  package enum Place: String, Sendable, CaseIterable {
    case left = "on the left"
    case right = "on the right"
    case top = "at the top"
    case bottom = "at the bottom"
    case centre = "in the centre"
  }

  /// What the shapes of a group look like.
  package struct Look: Sendable, Hashable {
    package let size: Size
    package let colour: Colour
    package let shape: Shape
  }

  /// One shape, or several that look the same.
  package struct Group: Sendable, Hashable {
    /// 1...3.
    package let count: Int
    package let look: Look
    /// `nil` where the group is spread over the picture.
    package let place: Place?

    var words: String {
      let number = ["a", "two", "three"][count - 1]
      let noun = count == 1 ? look.shape.rawValue : look.shape.plural
      let text = "\(number) \(look.size) \(look.colour) \(noun)"
      return place.map { "\(text) \($0.rawValue)" } ?? text
    }

    /// Whether no training picture has this colour, shape and place together.
    ///
    /// One in seven combinations; every two of the three still occur together, so that a model can know all words.
    package var isHeldOut: Bool {
      let place = place.flatMap { Place.allCases.firstIndex(of: $0) } ?? Place.allCases.count
      let shape = Shape.allCases.firstIndex(of: look.shape) ?? 0
      let colour = Colour.allCases.firstIndex(of: look.colour) ?? 0
      return (shape + 2 * colour + 3 * place) % 7 == 0
    }
  }

  /// One or two.
  package let groups: [Group]

  /// The only right sentence.
  package var sentence: String { groups.map(\.words).joined(separator: " and ") }

  /// Whether a combination of it is held out: never in training, always in the test.
  package var isHeldOut: Bool { groups.contains(where: \.isHeldOut) }
}

package import Tensors

/// One dimension of a value whose size may only be known when a graph runs.
package enum Dimension: Sendable, Hashable {
  case known(Int)
  /// The same name means the same size wherever it stands in a graph, as `N` for the batch.
  case symbol(String)
  case unknown

  /// The size, where it is known.
  package var size: Int? {
    if case .known(let size) = self { size } else { nil }
  }
}

/// The shape of a value as far as it is known: nothing, the rank, or some or all sizes.
package struct PartialShape: Sendable, Hashable {
  /// `nil` where not even the rank is known.
  package let dimensions: [Dimension]?

  package init(_ dimensions: [Dimension]?) { self.dimensions = dimensions }

  package init(_ shape: Shape) { dimensions = shape.dimensions.map(Dimension.known) }

  /// A shape about which nothing is known.
  package static let unranked = PartialShape(nil)

  /// `rank` unknown dimensions.
  package static func unknown(rank: Int) -> PartialShape {
    PartialShape([Dimension](repeating: .unknown, count: rank))
  }

  package var rank: Int? { dimensions?.count }

  /// The whole shape, where every size is known.
  package var concrete: Shape? {
    guard let dimensions else { return nil }
    var sizes: [Int] = []
    for dimension in dimensions {
      guard let size = dimension.size else { return nil }
      sizes.append(size)
    }
    return try? Shape(validating: sizes)
  }

  /// True where `shape` could be this one: the rank agrees and every known size does.
  package func accepts(_ shape: Shape) -> Bool {
    guard let dimensions else { return true }
    guard dimensions.count == shape.rank else { return false }
    return zip(dimensions, shape.dimensions).allSatisfy { $0.size == nil || $0.size == $1 }
  }
}

extension PartialShape: ExpressibleByArrayLiteral {
  package init(arrayLiteral elements: Dimension...) { self.init(elements) }
}

extension Dimension: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  package init(integerLiteral value: Int) { self = .known(value) }
  package init(stringLiteral value: String) { self = .symbol(value) }
}

extension Dimension: CustomStringConvertible {
  package var description: String {
    switch self {
    case .known(let size): String(size)
    case .symbol(let name): name
    case .unknown: "?"
    }
  }
}

extension PartialShape: CustomStringConvertible {
  package var description: String {
    guard let dimensions else { return "[...]" }
    return "[" + dimensions.map(\.description).joined(separator: ",") + "]"
  }
}

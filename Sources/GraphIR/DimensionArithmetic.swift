import Tensors

extension Dimension {
  /// False only where both sizes are known and differ.
  package func canEqual(_ other: Dimension) -> Bool {
    guard let size, let wanted = other.size else { return true }
    return size == wanted
  }

  /// Of two dimensions that must be equal, the one that tells more.
  package func merged(with other: Dimension) -> Dimension {
    switch (self, other) {
    case (.known, _), (.symbol, .unknown): self
    case (.symbol, .symbol): self
    default: other
    }
  }
}

extension ShapeContext {
  /// The product of dimensions; not known where one of them is not, unless all others are 1 or one is 0.
  ///
  /// - Throws: `GraphError.operands` for a product that no tensor can have.
  package func product(_ dimensions: some Sequence<Dimension>) throws(GraphError) -> Dimension {
    var size = 1
    var open: [Dimension] = []
    for dimension in dimensions {
      guard let factor = dimension.size else {
        open.append(dimension)
        continue
      }
      let (product, overflow) = size.multipliedReportingOverflow(by: factor)
      guard !overflow, product <= Shape.elementCountMax else {
        throw error(
          "a dimension of \(size) times \(factor) is larger than \(Shape.elementCountMax)"
        )
      }
      size = product
    }
    if size == 0 || open.isEmpty { return .known(size) }
    return size == 1 && open.count == 1 ? open[0] : .unknown
  }

  /// The sum of dimensions, checked; a single open one plus nothing stays what it is.
  package func sum(_ dimensions: some Sequence<Dimension>) throws(GraphError) -> Dimension {
    var size = 0
    var open: [Dimension] = []
    for dimension in dimensions {
      guard let term = dimension.size else {
        open.append(dimension)
        continue
      }
      let (sum, overflow) = size.addingReportingOverflow(term)
      guard !overflow, sum <= Shape.elementCountMax else {
        throw error("a dimension of \(size) plus \(term) is larger than \(Shape.elementCountMax)")
      }
      size = sum
    }
    if open.isEmpty { return .known(size) }
    return size == 0 && open.count == 1 ? open[0] : .unknown
  }

  /// Checks that an input, where it is there, is a vector of `length` elements.
  package func requireVector(_ input: Int, of length: Dimension) throws(GraphError) {
    guard hasInput(input) else { return }
    let found = try dimensions(input, rank: 1)[0]
    guard found.canEqual(length) else {
      throw error("input \(input) is \(try type(input)); it must have \(length) elements")
    }
  }
}

extension PartialShape {
  /// What is known from this shape and from another that must be the same, `nil` where they differ.
  ///
  /// Symbols of the other are not taken over: they may belong to another graph.
  package func refined(by other: PartialShape) -> PartialShape? {
    guard let theirs = other.dimensions else { return self }
    guard let own = dimensions else {
      return PartialShape(theirs.map { $0.size == nil ? .unknown : $0 })
    }
    guard own.count == theirs.count else { return nil }
    var result: [Dimension] = []
    for (left, right) in zip(own, theirs) {
      guard left.canEqual(right) else { return nil }
      result.append(left.size == nil && right.size != nil ? right : left)
    }
    return PartialShape(result)
  }

  /// The most exact shape that describes every tensor of this shape and of the other.
  package func generalized(with other: PartialShape) -> PartialShape {
    guard let own = dimensions, let theirs = other.dimensions, own.count == theirs.count else {
      return .unranked
    }
    return PartialShape(zip(own, theirs).map { $0 == $1 ? $0 : .unknown })
  }

  /// The shape without one axis, counted from the front.
  package func removing(axis: Int) -> PartialShape {
    guard var dimensions, dimensions.indices.contains(axis) else { return self }
    dimensions.remove(at: axis)
    return PartialShape(dimensions)
  }

  /// The shape with one more axis, counted from the front of the result.
  package func inserting(_ dimension: Dimension, axis: Int) -> PartialShape {
    guard var dimensions, (0...dimensions.count).contains(axis) else { return self }
    dimensions.insert(dimension, at: axis)
    return PartialShape(dimensions)
  }
}

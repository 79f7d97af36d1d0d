/// The size of each dimension of a tensor, slowest first; `[]` is a scalar.
package struct Shape: Sendable, Hashable {
  /// Elements that one tensor may have; more is refused when a shape is read from a file or a request.
  package static let elementCountMax = 1 << 34
  /// Dimensions that one tensor may have.
  package static let rankMax = 16

  package let dimensions: [Int]
  /// The product of the dimensions, 1 for a scalar.
  package let elementCount: Int

  /// Checks sizes from outside.
  ///
  /// - Throws: `ShapeError` for a negative dimension, too many dimensions, or a product above `elementCountMax`.
  package init(validating dimensions: [Int]) throws(ShapeError) {
    guard dimensions.count <= Shape.rankMax else { throw .rankTooLarge(dimensions.count) }
    var count = 1
    var hasZero = false
    for size in dimensions {
      if size < 0 { throw .negativeDimension(dimensions) }
      if size == 0 {
        hasZero = true
        continue
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if overflow || product > Shape.elementCountMax { throw .tooManyElements(dimensions) }
      count = product
    }
    self.dimensions = dimensions
    self.elementCount = hasZero ? 0 : count
  }

  /// A shape known to be valid: for sizes computed from shapes that were checked.
  ///
  /// - Precondition: no dimension is negative and the product is within `elementCountMax`.
  package init(_ dimensions: [Int]) {
    do {
      try self.init(validating: dimensions)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  package var rank: Int { dimensions.count }

  package subscript(index: Int) -> Int { dimensions[index] }

  /// Row-major strides in elements.
  package var strides: [Int] {
    var result = [Int](repeating: 1, count: rank)
    var stride = 1
    for index in dimensions.indices.reversed() {
      result[index] = stride
      stride *= max(dimensions[index], 1)
    }
    return result
  }
}

extension Shape: ExpressibleByArrayLiteral {
  package init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: CustomStringConvertible {
  package var description: String {
    "[" + dimensions.map(String.init).joined(separator: ",") + "]"
  }
}

/// Why a list of sizes is not a shape.
package enum ShapeError: Error, Equatable, CustomStringConvertible {
  case negativeDimension([Int])
  case rankTooLarge(Int)
  case tooManyElements([Int])
  case notBroadcastable(Shape, Shape)

  package var description: String {
    switch self {
    case .negativeDimension(let sizes):
      "shape \(sizes) has a negative dimension"
    case .rankTooLarge(let rank):
      "\(rank) dimensions; at most \(Shape.rankMax) are supported"
    case .tooManyElements(let sizes):
      "shape \(sizes) has more than \(Shape.elementCountMax) elements"
    case .notBroadcastable(let left, let right):
      "shapes \(left) and \(right) do not broadcast together"
    }
  }
}

package import GraphIR
package import Tensors

/// A vector for each token: y = table[token].
///
/// tokens int64 (or int32) of any shape [...], each in 0..<count; `table` [count, size]; y [..., size]. The gradient is a scatter-add into
/// the rows that were read. The table may start from vectors made elsewhere and be kept as it is (`isTrainable` false).
package struct Embedding: Sendable {
  package var name: String
  /// Number of tokens.
  package var count: Int
  /// Numbers for each token.
  package var size: Int
  /// Pre-trained vectors [count, size], float32; drawn from `initializer` when `nil`.
  package var vectors: Tensor?
  package var isTrainable: Bool
  package var initializer: Initializer

  package init(
    _ name: String,
    count: Int,
    size: Int,
    vectors: Tensor? = nil,
    isTrainable: Bool = true,
    initializer: Initializer = .uniform(low: -0.1, high: 0.1)
  ) {
    self.name = name
    self.count = count
    self.size = size
    self.vectors = vectors
    self.isTrainable = isTrainable
    self.initializer = initializer
  }

  /// Adds the layer.
  ///
  /// - Throws: `GraphError.invalid` where the pre-trained vectors have another type or shape than the table.
  package func callAsFunction(
    _ tokens: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.scoped(name) { (context: inout LayerContext) throws(GraphError) in
      let table: ValueID
      if let vectors {
        guard vectors.dtype == .float32, vectors.shape == [count, size] else {
          throw .invalid(
            "embedding \(name): the vectors are \(vectors.dtype)\(vectors.shape), "
              + "expected float32[\(count),\(size)]"
          )
        }
        table = try context.variable("table", initial: vectors, isTrainable: isTrainable)
      } else {
        table = try context.variable(
          "table",
          [count, size],
          initializer,
          isTrainable: isTrainable
        )
      }
      return try context.apply("Gather", table, tokens)
    }
  }
}

package import Tensors

/// Names one value of a graph: its position in `Graph.values`.
package struct ValueID: Sendable, Hashable {
  package let index: Int
  package init(_ index: Int) { self.index = index }
}

/// Names one node of a graph: its position in `Graph.nodes`.
package struct NodeID: Sendable, Hashable {
  package let index: Int
  package init(_ index: Int) { self.index = index }
}

/// Element type and shape of a value.
package struct ValueType: Sendable, Hashable, CustomStringConvertible {
  package var dtype: DType
  package var shape: PartialShape

  package init(_ dtype: DType, _ shape: PartialShape) {
    self.dtype = dtype
    self.shape = shape
  }

  package var description: String { "\(dtype)\(shape)" }
}

/// Where a value comes from.
package enum ValueSource: Sendable {
  /// Fed anew in every run.
  case placeholder
  case constant(Tensor)
  /// Lives in the session and keeps its value between runs; starts as `initial`.
  case variable(initial: Tensor, trainable: Bool)
  case output(of: NodeID, index: Int)
}

/// An edge of the graph.
package struct Value: Sendable {
  package var name: String
  package var type: ValueType
  package var source: ValueSource
}

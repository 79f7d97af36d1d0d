import GraphIR
import Reinforcement
import Tensors

/// Tile coding with a linear value for each action, as a graph of ONNX operators: `observation` [N, D] to `q_values` [N, A].
///
/// Per tiling k: cell = min(floor(clip((x - low) / width, 0, tiles) + shift_k), tiles), its index in row-major order picks a row of
/// weights; the rows of all tilings add up.
enum TileGraph {
  /// - Throws: `GraphError`, which would be an error here.
  static func make(_ coding: TileCoding, _ learner: TrueOnlineSARSA) throws(GraphError) -> Graph {
    let dimensions = coding.low.count
    var graph = Graph(name: "tiles")
    let observation = try graph.placeholder(
      "observation",
      .float32,
      ["N", .known(dimensions)]
    )
    let low = try graph.constant(Tensor(vector: coding.low), name: "low")
    let width = try graph.constant(Tensor(vector: coding.width), name: "width")
    let zero = try graph.constant(Tensor(scalar: Float(0)), name: "zero")
    let last = try graph.constant(
      Tensor(scalar: Float(coding.tilesPerDimension)),
      name: "last_tile"
    )
    let shifts = try graph.constant(
      Tensor(
        (0..<coding.tilingCount).flatMap { tiling in
          (0..<dimensions).map { coding.shift(ofTiling: tiling, along: $0) }
        },
        [coding.tilingCount, dimensions]
      ),
      name: "shifts"
    )
    let position = try graph.apply1("Div", [graph.apply1("Sub", [observation, low]), width])
    let inside = try graph.apply1("Clip", [position, zero, last])
    // [N, D] to [N, 1, D], then [N, K, D].
    let tilingAxis = try graph.constant(Tensor(vector: [Int64(1)]), name: "tiling_axis")
    let spread = try graph.apply1("Unsqueeze", [inside, tilingAxis])
    let shifted = try graph.apply1("Floor", [graph.apply1("Add", [spread, shifts])])
    let cells = try graph.apply1("Min", [shifted, last])
    let rows = try row(of: cells, coding, in: &graph)
    let weights = try graph.constant(Self.weights(learner), name: "weights")
    let picked = try graph.apply1("Gather", [weights, rows], ["axis": .int(0)])
    let values = try graph.apply1(
      "ReduceSum",
      [picked, tilingAxis],
      ["keepdims": .int(0)]
    )
    try graph.rename(values, to: "q_values")
    graph.outputs = [values]
    return graph
  }

  /// The number of the feature of each tiling, int64 [N, K]; small enough to be exact as a float.
  private static func row(
    of cells: ValueID,
    _ coding: TileCoding,
    in graph: inout Graph
  ) throws(GraphError) -> ValueID {
    let cellCount = coding.tilesPerDimension + 1
    var strides = [Float](repeating: 1, count: coding.low.count)
    for dimension in strides.indices.dropLast().reversed() {
      strides[dimension] = strides[dimension + 1] * Float(cellCount)
    }
    let perTiling = coding.featureCount / coding.tilingCount
    let bases = (0..<coding.tilingCount).map { Float($0 * perTiling) }
    let scaled = try graph.apply1(
      "Mul",
      [cells, graph.constant(Tensor(vector: strides), name: "strides")]
    )
    let axis = try graph.constant(Tensor(vector: [Int64(2)]), name: "dimension_axis")
    let offset = try graph.apply1("ReduceSum", [scaled, axis], ["keepdims": .int(0)])
    let index = try graph.apply1(
      "Add",
      [offset, graph.constant(Tensor(vector: bases), name: "bases")]
    )
    return try graph.apply1("Cast", [index], ["to": .int(DType.int64.onnxCode)])
  }

  /// [features, actions].
  private static func weights(_ learner: TrueOnlineSARSA) -> Tensor {
    let (features, actions) = (learner.featureCount, learner.actionCount)
    return Tensor([features, actions]) { (buffer: UnsafeMutableBufferPointer<Float>) in
      for feature in 0..<features {
        for action in 0..<actions {
          buffer[feature * actions + action] = learner.weights[action * features + feature]
        }
      }
    }
  }
}

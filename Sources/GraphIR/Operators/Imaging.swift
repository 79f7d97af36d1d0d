import Tensors

extension OperatorRegistry {
  /// Sampling of images and volumes.
  static let imaging: [OperatorDefinition] = [
    OperatorDefinition(
      "Resize",
      inputs: 1...4,
      shapeOperands: [2, 3],
      summary: "Another resolution: nearest, linear or cubic interpolation",
      infer: inferResize
    ),
    OperatorDefinition(
      "GridSample",
      inputs: 2...2,
      summary: "X interpolated at the coordinates of a grid in [-1, 1]",
      infer: inferGridSample
    ),
    OperatorDefinition(
      "AffineGrid",
      inputs: 2...2,
      shapeOperands: [1],
      summary: "The grid of coordinates theta * (x, y, [z], 1)",
      infer: inferAffineGrid
    ),
    OperatorDefinition(
      "Col2Im",
      inputs: 3...3,
      shapeOperands: [1, 2],
      summary: "Columns of sliding blocks added up to an image",
      infer: inferCol2Im
    ),
  ]

  /// X [...], roi, scales or sizes -> [...].
  private static func inferResize(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.numericTypes)
    guard context.hasInput(2) != context.hasInput(3) || context.value(2)?.shape.elementCount == 0
    else { throw context.error("exactly one of scales and sizes must be there") }
    guard let dimensions = x.shape.dimensions else { return [x] }
    let axes = try context.node.normalizedAxes(
      context.node.ints("axes") ?? Array(0..<dimensions.count),
      rank: dimensions.count
    )
    let known = dimensions.compactMap(\.size)
    guard known.count == dimensions.count,
      context.value(context.hasInput(3) ? 3 : 2) != nil
    else {
      var result = dimensions
      for axis in axes { result[axis] = .unknown }
      return [ValueType(x.dtype, PartialShape(result))]
    }
    let scales = context.hasInput(3) ? nil : context.value(2).flatMap(\.floats)
    let plan = try ResizePlan(
      context.node,
      inputSizes: known,
      scales: scales,
      sizes: context.integers(3)
    )
    return [ValueType(x.dtype, PartialShape(plan.outputSizes.map { .known($0) }))]
  }

  /// X [N, C, ...], grid [N, ..., D] -> [N, C, ...].
  private static func inferGridSample(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    let grid = try context.type(1, of: DType.floatingPointTypes)
    guard let data = x.shape.dimensions, let places = grid.shape.dimensions else {
      return [ValueType(x.dtype, .unranked)]
    }
    guard data.count == places.count, (3...5).contains(data.count), data[0].canEqual(places[0]),
      places[places.count - 1].canEqual(.known(data.count - 2))
    else {
      throw context.error("X is \(x), the grid \(grid); expected [N, C, ...] and [N, ..., D]")
    }
    let spatial = places[1..<places.count - 1]
    return [ValueType(x.dtype, PartialShape([data[0].merged(with: places[0]), data[1]] + spatial))]
  }

  /// theta [N, D, D + 1], size [N, C, ...] -> [N, ..., D].
  private static func inferAffineGrid(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let theta = try context.type(0, of: DType.floatingPointTypes)
    let matrix = try context.dimensions(0, rank: 3)
    let size = try context.requestedShape(1)
    guard let sizes = size.dimensions else { return [ValueType(theta.dtype, .unranked)] }
    guard sizes.count == 4 || sizes.count == 5, matrix[1].canEqual(.known(sizes.count - 2)),
      matrix[2].canEqual(.known(sizes.count - 1)), matrix[0].canEqual(sizes[0])
    else { throw context.error("theta is \(theta), size \(size); expected [N, D, D + 1]") }
    return [
      ValueType(
        theta.dtype,
        PartialShape([sizes[0]] + sizes[2...] + [.known(sizes.count - 2)])
      )
    ]
  }

  /// input [N, C * block, L], image_shape [D], block_shape [D] -> [N, C, image...].
  private static func inferCol2Im(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    let columns = try context.dimensions(0, rank: 3)
    let image = try context.requestedShape(1)
    guard let sizes = image.dimensions else { return [ValueType(x.dtype, .unranked)] }
    guard let block = try context.integers(2) else {
      return [ValueType(x.dtype, PartialShape([columns[0], .unknown] + sizes))]
    }
    let blockCount = try context.product(block.map { .known($0) })
    guard block.count == sizes.count, let count = blockCount.size, count > 0,
      (columns[1].size ?? 0) % count == 0
    else { throw context.error("input is \(x), image_shape \(image), block_shape \(block)") }
    if let known = image.concrete?.dimensions {
      let windows = try WindowAttributes(context.node, kernel: block)
        .windows(over: known, of: context.node)
      let places = try context.product(windows.outputSizes.map { .known($0) })
      guard columns[2].canEqual(places) else {
        throw context.error("input is \(x); the blocks \(block) of \(image) make \(places) columns")
      }
    }
    let channels: Dimension = columns[1].size.map { .known($0 / count) } ?? .unknown
    return [ValueType(x.dtype, PartialShape([columns[0], channels] + sizes))]
  }
}

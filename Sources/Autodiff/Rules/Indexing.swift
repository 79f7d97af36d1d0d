import GraphIR

extension GradientRules {
  /// Operators that choose elements by indices: what was gathered scatters back, what was scattered gathers back.
  static let indexing: [OperatorName: GradientRule] = [
    "Gather": gather,
    .martlet("GatherGradient"): gatherGradient,
    "GatherElements": gatherElements,
    "GatherND": gatherND,
    "ScatterElements": { (c: inout GradientContext) throws(GraphError) in
      try scatter(&c, back: "GatherElements")
    },
    "ScatterND": { (c: inout GradientContext) throws(GraphError) in
      try scatter(&c, back: "GatherND")
    },
    "Compress": byPositions,
    "TopK": topK,
  ]

  private static func gather(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let axis = try c.node.int("axis", default: 0)
    return [
      try c.apply(
        .martlet("GatherGradient"),
        c.outputGradient(),
        c.input(1),
        c.shape(of: c.input(0)),
        attributes: ["axis": .int(axis)]
      )
    ]
  }

  private static func gatherGradient(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let axis = try c.node.int("axis", default: 0)
    return [
      try c.apply(
        "Gather",
        c.outputGradient(),
        c.input(1),
        attributes: ["axis": .int(axis)]
      )
    ]
  }

  private static func gatherElements(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let axis = try c.node.int("axis", default: 0)
    return [
      try c.apply(
        "ScatterElements",
        c.filled(0, like: c.input(0)),
        c.input(1),
        c.outputGradient(),
        attributes: ["axis": .int(axis), "reduction": .string("add")]
      )
    ]
  }

  private static func gatherND(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    guard try c.node.int("batch_dims", default: 0) == 0 else {
      throw c.unsupported("batch_dims above 0")
    }
    return [
      try c.apply(
        "ScatterND",
        c.filled(0, like: c.input(0)),
        c.input(1),
        c.outputGradient(),
        attributes: ["reduction": .string("add")]
      )
    ]
  }

  private static func scatter(
    _ c: inout GradientContext,
    back: OperatorName
  ) throws(GraphError) -> [ValueID?] {
    let (indices, updates, dy) = (try c.input(1), try c.input(2), try c.outputGradient())
    let reduction = try c.node.string("reduction", default: "none")
    guard reduction == "none" || reduction == "add" else {
      throw c.unsupported("reduction '\(reduction)'")
    }
    var axis: [String: Attribute] = [:]
    axis["axis"] = c.node.attributes["axis"]
    let kept =
      reduction == "add"
      ? dy
      : try c.apply(
        c.node.op,
        dy,
        indices,
        c.filled(0, like: updates),
        attributes: axis
      )
    return [kept, nil, try c.apply(back, dy, indices, attributes: axis)]
  }

  private static func topK(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let axis = try c.node.int("axis", default: -1)
    return [
      try c.apply(
        "ScatterElements",
        c.filled(0, like: c.input(0)),
        c.output(1),
        c.outputGradient(),
        attributes: ["axis": .int(axis)]
      )
    ]
  }
}

import GraphIR

extension GradientRules {
  /// Matrix products.
  static let products: [OperatorName: GradientRule] = [
    "MatMul": matrixProduct,
    "Gemm": gemm,
    "Einsum": einsum,
  ]

  /// y = a b: da = dy b^T, db = a^T dy, summed over batch dimensions that were broadcast.
  private static func matrixProduct(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    var (a, b, dy) = (try c.input(0), try c.input(1), try c.outputGradient())
    let (rankA, rankB) = (try c.rank(of: a), try c.rank(of: b))
    if rankA == 2, rankB == 2 { return try gemmGradients(&c, a, b, dy) }
    // A vector counts as a matrix with one row (left) or one column (right).
    if rankA == 1 {
      a = try c.apply("Unsqueeze", a, c.vector([0]))
      dy = try c.apply("Unsqueeze", dy, c.vector([rankB == 1 ? 0 : -2]))
    }
    if rankB == 1 {
      b = try c.apply("Unsqueeze", b, c.vector([1]))
      dy = try c.apply("Unsqueeze", dy, c.vector([-1]))
    }
    var result: [ValueID?] = [nil, nil]
    if c.isWanted(0) {
      let da = try c.apply("MatMul", dy, c.transposed(b))
      result[0] = try c.reshape(c.sum(da, toShapeOf: a), toShapeOf: c.input(0))
    }
    if c.isWanted(1) {
      let db: ValueID
      if rankA > 2, rankB == 2 {
        // One large product instead of a batch of small ones and a sum.
        let rows: [String: Attribute] = ["axis": .int(-1)]
        db = try c.apply(
          "Gemm",
          c.apply("Flatten", a, attributes: rows),
          c.apply("Flatten", dy, attributes: rows),
          attributes: ["transA": .int(1)]
        )
      } else {
        db = try c.apply("MatMul", c.transposed(a), dy)
      }
      result[1] = try c.reshape(c.sum(db, toShapeOf: b), toShapeOf: c.input(1))
    }
    return result
  }

  private static func gemmGradients(
    _ c: inout GradientContext,
    _ a: ValueID,
    _ b: ValueID,
    _ dy: ValueID
  ) throws(GraphError) -> [ValueID?] {
    let da = c.isWanted(0) ? try c.apply("Gemm", dy, b, attributes: ["transB": .int(1)]) : nil
    let db = c.isWanted(1) ? try c.apply("Gemm", a, dy, attributes: ["transA": .int(1)]) : nil
    return [da, db]
  }

  /// y = alpha A' B' + beta C, where ' is the transposition that the node asks for.
  private static func gemm(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (a, b, dy) = (try c.input(0), try c.input(1), try c.outputGradient())
    let transA = try c.node.int("transA", default: 0)
    let transB = try c.node.int("transB", default: 0)
    let alpha = Attribute.float(try c.node.float("alpha", default: 1))
    let beta = Double(try c.node.float("beta", default: 1))
    var result: [ValueID?] = [nil, nil, nil]
    if c.isWanted(0) {
      // dA' = alpha dy B'^T, and dA is its transpose where A was transposed.
      result[0] =
        transA == 0
        ? try c.apply(
          "Gemm",
          dy,
          b,
          attributes: ["alpha": alpha, "transB": .int(1 - transB)]
        )
        : try c.apply(
          "Gemm",
          b,
          dy,
          attributes: ["alpha": alpha, "transA": .int(transB), "transB": .int(1)]
        )
    }
    if c.isWanted(1) {
      result[1] =
        transB == 0
        ? try c.apply(
          "Gemm",
          a,
          dy,
          attributes: ["alpha": alpha, "transA": .int(1 - transA)]
        )
        : try c.apply(
          "Gemm",
          dy,
          a,
          attributes: ["alpha": alpha, "transA": .int(1), "transB": .int(transA)]
        )
    }
    if c.isWanted(2), let bias = c.optionalInput(2) {
      result[2] = try c.multiply(c.sum(dy, toShapeOf: bias), beta)
    }
    return result
  }

  /// Each operand's gradient is the product of dy and the other operands, with the operand's own indices as the result.
  private static func einsum(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let equation = try c.node.string("equation", default: "").filter { $0 != " " }
    let sides = equation.split(separator: ">", omittingEmptySubsequences: false)
    guard !equation.contains("."), sides.count == 2, sides[0].hasSuffix("-") else {
      throw c.unsupported("equation '\(equation)': write the result after -> and no ellipsis")
    }
    let terms = sides[0].dropLast().split(separator: ",", omittingEmptySubsequences: false)
      .map(String.init)
    let result = String(sides[1])
    guard terms.count == c.node.inputs.count else {
      throw c.unsupported("equation '\(equation)' for \(c.node.inputs.count) operands")
    }
    for term in terms where Set(term).count != term.count {
      throw c.unsupported("equation '\(equation)': an index stands twice in one operand")
    }
    let dy = try c.outputGradient()
    var gradients: [ValueID?] = []
    for (position, term) in terms.enumerated() {
      guard c.isWanted(position) else {
        gradients.append(nil)
        continue
      }
      var operands: [ValueID?] = [dy]
      var names = [result]
      for (other, name) in terms.enumerated() where other != position {
        operands.append(try c.input(other))
        names.append(name)
      }
      // An index that only this operand has was summed away: its gradient is the same all along.
      let known = Set(names.joined())
      let kept = term.filter(known.contains)
      var gradient = try c.graph.apply1(
        "Einsum",
        operands,
        ["equation": .string(names.joined(separator: ",") + "->" + kept)]
      )
      let missing = term.enumerated().filter { !known.contains($0.element) }.map(\.offset)
      if !missing.isEmpty { gradient = try c.apply("Unsqueeze", gradient, c.vector(missing)) }
      gradients.append(try c.expand(gradient, toShapeOf: c.input(position)))
    }
    return gradients
  }
}

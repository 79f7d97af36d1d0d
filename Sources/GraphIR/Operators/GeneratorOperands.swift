package import Tensors

// What generators read from attributes and operands, for the shape rules and for whoever makes the elements.

extension Node {
  /// The tensor that a Constant node holds.
  ///
  /// - Throws: `GraphError` unless exactly one of `value`, `value_float(s)`, `value_int(s)` is there; strings and
  ///   sparse tensors are not supported.
  package func constantTensor() throws(GraphError) -> Tensor {
    let given = attributes.keys.filter { $0.hasPrefix("value") || $0 == "sparse_value" }.sorted()
    guard given.count == 1 else {
      throw .operands(
        node: name,
        op: op,
        detail: "exactly one value attribute is needed; there are \(given)"
      )
    }
    switch (given[0], attributes[given[0]]) {
    case ("value", .tensor(let tensor)?): return tensor
    case ("value_float", .float(let value)?): return Tensor(scalar: value)
    case ("value_floats", .floats(let values)?): return Tensor(vector: values)
    case ("value_int", .int(let value)?): return Tensor(scalar: Int64(value))
    case ("value_ints", .ints(let values)?): return Tensor(vector: values.map { Int64($0) })
    default:
      throw .unsupported(node: name, op: op, detail: "attribute \(given[0])")
    }
  }

  /// The element that ConstantOfShape repeats, as a tensor of one element: 0 of float32 where it is left out.
  package func fillValue() throws(GraphError) -> Tensor {
    let fill = try tensor("value") ?? Tensor(scalar: Float(0))
    guard fill.shape.elementCount == 1 else {
      throw .operands(
        node: name,
        op: op,
        detail: "attribute value has shape \(fill.shape); it must hold one element"
      )
    }
    return fill
  }

  /// The number of elements of a Range: max(ceil((limit - start) / delta), 0).
  ///
  /// - Throws: `GraphError.operands` where delta is 0, an operand is not finite, or there are too many elements.
  package func rangeLength(start: Tensor, limit: Tensor, delta: Tensor) throws(GraphError) -> Int {
    func failure(_ detail: String) -> GraphError { .operands(node: name, op: op, detail: detail) }
    let count: Double
    if let first = start.integer, let last = limit.integer, let step = delta.integer {
      guard step != 0 else { throw failure("delta is 0") }
      let (distance, overflow) = last.subtractingReportingOverflow(first)
      guard !overflow else { throw failure("a range from \(first) to \(last) is too long") }
      if distance == 0 || (distance < 0) != (step < 0) { return 0 }
      let whole = distance.magnitude / step.magnitude
      count = Double(whole) + (distance.magnitude % step.magnitude == 0 ? 0 : 1)
    } else if let first = start.number, let last = limit.number, let step = delta.number {
      guard step != 0, first.isFinite, last.isFinite, step.isFinite else {
        throw failure("a range from \(first) to \(last) in steps of \(step) has no end")
      }
      count = max(((last - first) / step).rounded(.up), 0)
    } else {
      throw failure("start, limit and delta must be numeric scalars of one type")
    }
    guard count <= Double(Shape.elementCountMax) else {
      throw failure("a range of \(count) elements; at most \(Shape.elementCountMax) are supported")
    }
    return Int(count)
  }

  /// The size of the axis that OneHot adds, from its operand of any numeric type.
  package func oneHotDepth(_ tensor: Tensor) throws(GraphError) -> Int {
    guard let depth = tensor.number, depth >= 0, depth <= Double(Shape.elementCountMax) else {
      throw .operands(
        node: name,
        op: op,
        detail: "depth is \(tensor.number.map { String($0) } ?? "no scalar"); it must be 0 or more"
      )
    }
    return Int(depth)
  }
}

extension Tensor {
  /// The only element of a tensor of signed integers, `nil` for other types and sizes.
  fileprivate var integer: Int? {
    guard shape.elementCount == 1 else { return nil }
    return switch dtype {
    case .int8: Int(elements(of: Int8.self)[0])
    case .int16: Int(elements(of: Int16.self)[0])
    case .int32: Int(elements(of: Int32.self)[0])
    case .int64: Int(elements(of: Int64.self)[0])
    default: nil
    }
  }

  /// The only element of a numeric tensor as Double.
  fileprivate var number: Double? {
    guard shape.elementCount == 1 else { return nil }
    return switch dtype {
    case .float32: Double(elements(of: Float.self)[0])
    case .float64: elements(of: Double.self)[0]
    case .float16: Double(elements(of: Float16.self)[0])
    case .bfloat16: Double(elements(of: BFloat16.self)[0].float)
    case .uint8: Double(elements(of: UInt8.self)[0])
    case .uint16: Double(elements(of: UInt16.self)[0])
    case .uint32: Double(elements(of: UInt32.self)[0])
    case .uint64: Double(elements(of: UInt64.self)[0])
    case .int8, .int16, .int32, .int64: integer.map { Double($0) }
    case .bool: nil
    }
  }
}

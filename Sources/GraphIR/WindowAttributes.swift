import Tensors

/// The window attributes that Conv, ConvTranspose and the poolings share, checked.
package struct WindowAttributes: Sendable {
  /// ONNX's `auto_pad`.
  package enum Padding: String, Sendable {
    case explicit = "NOTSET"
    case sameUpper = "SAME_UPPER"
    case sameLower = "SAME_LOWER"
    case valid = "VALID"
  }

  /// The largest kernel, stride, dilation or pad; products and sums of two of them and a dimension cannot overflow.
  package static let valueMax = 1 << 28

  package let kernel: [Int]
  package let strides: [Int]
  package let dilations: [Int]
  package let padsBegin: [Int]
  package let padsEnd: [Int]
  package let padding: Padding
  package let ceilMode: Bool

  package var rank: Int { kernel.count }

  /// Reads `strides`, `dilations`, `pads`, `auto_pad` and `ceil_mode` of a node.
  ///
  /// - Throws: `GraphError.operands` for a list of another length than the kernel's, and for values out of bounds.
  package init(_ node: Node, kernel: [Int]) throws(GraphError) {
    self.kernel = try Self.checked(
      kernel,
      "kernel_shape",
      in: node,
      count: kernel.count,
      range: 1...Self.valueMax
    )
    let rank = kernel.count
    strides = try Self.checked(
      node.ints("strides") ?? [Int](repeating: 1, count: rank),
      "strides",
      in: node,
      count: rank,
      range: 1...Self.valueMax
    )
    dilations = try Self.checked(
      node.ints("dilations") ?? [Int](repeating: 1, count: rank),
      "dilations",
      in: node,
      count: rank,
      range: 1...Self.valueMax
    )
    let pads = try Self.checked(
      node.ints("pads") ?? [Int](repeating: 0, count: 2 * rank),
      "pads",
      in: node,
      count: 2 * rank,
      range: 0...Self.valueMax
    )
    let padding = try node.string("auto_pad", default: Padding.explicit.rawValue)
    guard let padding = Padding(rawValue: padding) else {
      throw .operands(
        node: node.name,
        op: node.op,
        detail: "auto_pad is \(padding), expected NOTSET, SAME_UPPER, SAME_LOWER or VALID"
      )
    }
    self.padding = padding
    padsBegin = padding == .explicit ? Array(pads[..<rank]) : [Int](repeating: 0, count: rank)
    padsEnd = padding == .explicit ? Array(pads[rank...]) : [Int](repeating: 0, count: rank)
    ceilMode = try node.int("ceil_mode", default: 0) != 0
  }

  /// Input cells from a window's first to its last tap.
  package func extent(_ axis: Int) -> Int { (kernel[axis] - 1) * dilations[axis] + 1 }

  private static func checked(
    _ values: [Int],
    _ name: String,
    in node: Node,
    count: Int,
    range: ClosedRange<Int>
  ) throws(GraphError) -> [Int] {
    guard values.count == count, values.allSatisfy(range.contains) else {
      throw .operands(
        node: node.name,
        op: node.op,
        detail:
          "\(name) is \(values), expected \(count) values in \(range.lowerBound)...\(range.upperBound)"
      )
    }
    return values
  }
}

extension WindowAttributes {
  /// The windows over an input of the given sizes: Conv and the poolings.
  ///
  /// Output size (ONNX Conv, MaxPool): `floor((size + pads - extent) / stride) + 1`, rounded up with `ceil_mode` unless the last
  /// window would start in the padding behind the input; `ceil(size / stride)` for SAME.
  ///
  /// - Throws: `GraphError.operands` where a window does not fit into the padded input.
  package func windows(over inputSizes: [Int], of node: Node) throws(GraphError) -> WindowGeometry {
    try checkRank(inputSizes, of: node)
    var begins = padsBegin
    var ends = padsEnd
    var outputs: [Int] = []
    for (axis, size) in inputSizes.enumerated() {
      let stride = strides[axis]
      switch padding {
      case .sameUpper, .sameLower:
        let output = (size + stride - 1) / stride
        let total = max((output - 1) * stride + extent(axis) - size, 0)
        begins[axis] = padding == .sameUpper ? total / 2 : total - total / 2
        ends[axis] = total - begins[axis]
        outputs.append(output)
      case .explicit, .valid:
        let span = size + begins[axis] + ends[axis] - extent(axis)
        guard span >= 0 else {
          throw .operands(
            node: node.name,
            op: node.op,
            detail:
              "the window spans \(extent(axis)) cells of spatial axis \(axis), the padded input has \(span + extent(axis))"
          )
        }
        var output = span / stride + 1
        if ceilMode, padding == .explicit, span % stride != 0,
          output * stride < size + begins[axis]
        {
          output += 1
        }
        outputs.append(output)
      }
    }
    return WindowGeometry(
      inputSizes: inputSizes,
      kernel: kernel,
      strides: strides,
      dilations: dilations,
      padsBegin: begins,
      padsEnd: ends,
      outputSizes: outputs
    )
  }

  /// The output's spatial dimensions where some of the input's may be unknown.
  package func outputDimensions(
    _ inputs: [Dimension],
    of node: Node
  ) throws(GraphError) -> [Dimension] {
    // Every axis stands for itself: an unknown size is replaced by one that any window fits into.
    let sizes = inputs.enumerated().map { axis, input in input.size ?? extent(axis) }
    let outputs = try windows(over: sizes, of: node).outputSizes
    return zip(inputs, outputs).enumerated().map { axis, pair in
      if pair.0.size != nil { return .known(pair.1) }
      return keepsSize(axis) ? pair.0 : .unknown
    }
  }

  /// True where the output is as long as the input, whatever that is.
  private func keepsSize(_ axis: Int) -> Bool {
    switch padding {
    case .sameUpper, .sameLower: strides[axis] == 1
    case .explicit, .valid:
      strides[axis] == 1 && padsBegin[axis] + padsEnd[axis] == extent(axis) - 1
    }
  }

  /// The windows of a transposed convolution whose data has the sizes `dataSizes`: `inputSizes` of the geometry are the result's.
  ///
  /// Result size (ONNX ConvTranspose): `stride * (size - 1) + output_padding + extent - pads`; `size * stride` for SAME; as asked
  /// where `output_shape` is given, the padding then follows from it.
  ///
  /// - Throws: `GraphError.operands` for attributes of the wrong length and for a result without cells.
  package func transposedWindows(
    over dataSizes: [Int],
    of node: Node
  ) throws(GraphError) -> WindowGeometry {
    try checkRank(dataSizes, of: node)
    let extra = try Self.checked(
      node.ints("output_padding") ?? [Int](repeating: 0, count: rank),
      "output_padding",
      in: node,
      count: rank,
      range: 0...Self.valueMax
    )
    let asked = try node.ints("output_shape").map { asked throws(GraphError) in
      try Self.checked(
        asked,
        "output_shape",
        in: node,
        count: rank,
        range: 0...Self.valueMax
      )
    }
    var begins = padsBegin
    var ends = padsEnd
    var results: [Int] = []
    for (axis, size) in dataSizes.enumerated() {
      let (steps, overflow) = strides[axis].multipliedReportingOverflow(by: size - 1)
      guard !overflow, steps <= Shape.elementCountMax else {
        throw .operands(
          node: node.name,
          op: node.op,
          detail: "stride \(strides[axis]) over \(size) cells of spatial axis \(axis) is too large"
        )
      }
      let full = steps + extra[axis] + extent(axis)
      let same = padding == .sameUpper || padding == .sameLower
      if let wanted = asked?[axis] ?? (same ? size * strides[axis] : nil) {
        let total = max(full - wanted, 0)
        begins[axis] = padding == .sameUpper ? total / 2 : total - total / 2
        ends[axis] = total - begins[axis]
        results.append(wanted)
      } else {
        results.append(full - begins[axis] - ends[axis])
      }
      guard size == 0 || results[axis] >= 0 else {
        throw .operands(
          node: node.name,
          op: node.op,
          detail: "pads \(begins) and \(ends) leave nothing of the \(full) cells of axis \(axis)"
        )
      }
      if size == 0 { results[axis] = max(results[axis], 0) }
    }
    return WindowGeometry(
      inputSizes: results,
      kernel: kernel,
      strides: strides,
      dilations: dilations,
      padsBegin: begins,
      padsEnd: ends,
      outputSizes: dataSizes
    )
  }

  private func checkRank(_ sizes: [Int], of node: Node) throws(GraphError) {
    guard sizes.count == rank else {
      throw .operands(
        node: node.name,
        op: node.op,
        detail: "\(sizes.count) spatial dimensions \(sizes), the kernel \(kernel) has \(rank)"
      )
    }
  }
}

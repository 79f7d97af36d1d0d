import Datasets
import Tensors

/// Reads examples as two arrays with one row for each example.
struct ArrayExamples {
  /// The inputs, [N, ...].
  let inputs: Tensor
  /// Classes [N], or numbers [N, K].
  let answers: Tensor
  /// Names of the classes that `answers` counts, where the file has them.
  var classNames: [String]?

  /// Adds all rows to `builder`.
  func read(into builder: inout ExampleBuilder) throws(ExampleProblems) {
    let pixels: PixelRows?
    do {
      try checkRows(builder)
      pixels = try pixelRows(builder)
    } catch { throw builder.stopped(at: .file, error) }
    if inputs.dtype == .uint8, pixels == nil {
      builder.warnings.append(
        "bytes 0...255 are used as they are: model.json has no image preprocessing"
      )
    }
    for row in 0..<inputs.shape[0] {
      try builder.row(at: .row(row + 1)) { builder in
        try input(row, pixels, &builder)
        try answer(row, &builder)
      }
    }
  }

  private func checkRows(_ builder: ExampleBuilder) throws(ExampleFault) {
    let key = builder.schema.targets.key
    guard inputs.shape.rank >= 1, answers.shape.rank >= 1 else {
      throw ExampleFault("rows", expected: "arrays with rows", got: "a scalar")
    }
    guard inputs.shape[0] == answers.shape[0] else {
      throw ExampleFault(key, expected: "\(inputs.shape[0]) rows", got: "\(answers.shape[0])")
    }
    // Sizes of 1 behind the rows say nothing.
    let wanted = builder.targets.width
    let isOpen = builder.schema.targets == .newValues && wanted == 0
    guard answers.rowSizes.filter({ $0 != 1 }).count <= 1, isOpen || width == max(wanted, 1) else {
      throw ExampleFault(
        key,
        expected: isOpen ? "shape [N,K]" : wanted == 0 ? "shape [N]" : "shape [N,\(wanted)]",
        got: "\(answers.shape)"
      )
    }
    if let classNames, wanted > 0, classNames.count != wanted {
      throw ExampleFault("label", expected: "\(wanted) names", got: "\(classNames.count)")
    }
  }

  private func pixelRows(_ builder: ExampleBuilder) throws(ExampleFault) -> PixelRows? {
    if inputs.dtype == .uint8, let image = builder.schema.image {
      return try PixelRows(sizes: inputs.rowSizes, image)
    }
    if let fault = builder.schema.fault(ofSizes: inputs.rowSizes, field: "input") { throw fault }
    return nil
  }

  private func input(
    _ row: Int,
    _ pixels: PixelRows?,
    _ builder: inout ExampleBuilder
  ) throws {
    if let pixels {
      let range = row * pixels.byteCount..<(row + 1) * pixels.byteCount
      let picture = try inputs.withBytes {
        try pixels.picture(UnsafeRawBufferPointer(rebasing: $0[range]))
      }
      return try builder.append(picture)
    }
    let count = builder.schema.valueCount
    let range = row * count..<(row + 1) * count
    if inputs.dtype == .float32 {
      try inputs.withElements(of: Float.self) {
        try builder.appendInput(UnsafeBufferPointer(rebasing: $0[range]))
      }
    } else {
      let values = inputs.doubles(in: range).map { Float($0) }
      try values.withUnsafeBufferPointer { try builder.appendInput($0) }
    }
  }

  private func answer(_ row: Int, _ builder: inout ExampleBuilder) throws(ExampleFault) {
    let numbers = answers.doubles(in: row * width..<(row + 1) * width)
    switch builder.schema.targets {
    case .values, .newValues: try builder.targets.append(values: numbers.map { Float($0) })
    case .multiLabel:
      var labels: [LabelValue] = []
      for (position, number) in numbers.enumerated() where number != 0 {
        guard number == 1 else {
          throw ExampleFault("label", expected: "0 or 1 for each class", got: "\(number)")
        }
        labels.append(try label(Double(position)))
      }
      try builder.targets.append(set: labels)
    case .classes, .newClasses: try builder.targets.append(try label(numbers[0]))
    }
  }

  private func label(_ number: Double) throws(ExampleFault) -> LabelValue {
    guard let index = Int64(exactly: number) else {
      throw ExampleFault("label", expected: "a whole number", got: "\(number)")
    }
    guard let classNames else { return .index(index) }
    guard (0..<Int64(classNames.count)).contains(index) else {
      throw ExampleFault("label", expected: "0 to \(classNames.count - 1)", got: "\(index)")
    }
    return .name(classNames[Int(index)])
  }

  /// Numbers a row of the answers.
  private var width: Int { answers.rowSizes.reduce(1, *) }
}

extension Tensor {
  /// Sizes behind the first.
  fileprivate var rowSizes: [Int] { Array(shape.dimensions.dropFirst()) }

  /// Elements of any type as Double.
  fileprivate func doubles(in range: Range<Int>) -> [Double] {
    func whole<Element: TensorElement & BinaryInteger>(_ type: Element.Type) -> [Double] {
      withElements(of: type) { $0[range].map { Double($0) } }
    }
    return switch dtype {
    case .float32: withElements(of: Float.self) { $0[range].map { Double($0) } }
    case .float64: withElements(of: Double.self) { Array($0[range]) }
    case .float16: withElements(of: Float16.self) { $0[range].map { Double($0) } }
    case .bfloat16: withElements(of: BFloat16.self) { $0[range].map { Double($0.float) } }
    case .int8: whole(Int8.self)
    case .int16: whole(Int16.self)
    case .int32: whole(Int32.self)
    case .int64: whole(Int64.self)
    case .uint8: whole(UInt8.self)
    case .uint16: whole(UInt16.self)
    case .uint32: whole(UInt32.self)
    case .uint64: whole(UInt64.self)
    case .bool: withElements(of: Bool.self) { $0[range].map { $0 ? 1 : 0 } }
    }
  }
}

import Datasets
import Tensors

/// Collects rows from any format: checks them against the schema, keeps the good ones and describes the bad.
struct ExampleBuilder {
  let schema: ExampleSchema
  let limits: ExampleLimits
  /// The inputs of the rows, one behind the other.
  let inputs = TensorStaging(.float32)
  var targets: TargetCollector
  /// What the user should know though the examples can be used.
  var warnings: [String] = []
  private var problems = ExampleProblems()

  init(_ schema: ExampleSchema, limits: ExampleLimits) {
    self.schema = schema
    self.limits = limits
    targets = TargetCollector(schema.targets, limits: limits)
  }

  /// Inputs read so far.
  var inputCount: Int { inputs.elementCount / schema.valueCount }

  // MARK: - Rows

  /// Reads one row; what a bad one adds is dropped.
  ///
  /// - Parameters:
  ///   - place: Where the row is, for problems.
  ///   - body: Adds an input, an answer or both; throws what is wrong with them.
  /// - Returns: Whether it is good.
  /// - Throws: `ExampleProblems` where nothing more can be read: too many rows, bad rows or bytes.
  @discardableResult
  mutating func row(
    at place: ExampleProblem.Place,
    _ body: (inout ExampleBuilder) throws -> Void
  ) throws(ExampleProblems) -> Bool {
    if let error = attempt(body) {
      if let problems = error as? ExampleProblems { throw problems }
      try add(ExampleFault(error, in: "row"), at: place)
      return false
    }
    try checkSize(at: place)
    return true
  }

  /// Reads one row; what a bad one adds is dropped, and what is wrong with it is answered and not noted.
  mutating func attempt(_ body: (inout ExampleBuilder) throws -> Void) -> (any Error)? {
    let (elementCount, targetCount) = (inputs.elementCount, targets.count)
    do {
      try body(&self)
      return nil
    } catch {
      inputs.elementCount = elementCount
      targets.truncate(to: targetCount)
      return error
    }
  }

  /// - Throws: `ExampleProblems` where the rows so far are too many or take too many bytes.
  func checkSize(at place: ExampleProblem.Place) throws(ExampleProblems) {
    guard max(inputCount, targets.count) <= limits.rows else {
      throw stopped(
        at: place,
        ExampleFault("rows", expected: "at most \(limits.rows)", got: "more")
      )
    }
    guard inputs.elementCount * 4 + targets.byteCount <= limits.decodedBytes else {
      throw stopped(
        at: place,
        ExampleFault(
          "rows",
          expected: "examples of at most \(limits.decodedBytes) bytes in memory",
          got: "more"
        )
      )
    }
  }

  /// Notes a problem.
  ///
  /// - Throws: `ExampleProblems` where there are too many.
  mutating func add(
    _ fault: ExampleFault,
    at place: ExampleProblem.Place
  ) throws(ExampleProblems) {
    problems.add(ExampleProblem(place: place, fault: fault), shown: limits.problemsShown)
    guard problems.count < limits.badRows else { throw problems.stopped() }
  }

  /// The problems so far and one more, behind which nothing can be read.
  func stopped(at place: ExampleProblem.Place, _ fault: ExampleFault) -> ExampleProblems {
    var all = problems
    // The reason to stop is always shown.
    all.add(ExampleProblem(place: place, fault: fault), shown: limits.problemsShown + 1)
    return all.stopped()
  }

  // MARK: - Inputs

  /// Adds numbers as one input.
  mutating func appendInput(_ values: UnsafeBufferPointer<Float>) throws(ExampleFault) {
    let first = inputs.elementCount
    inputs.append(UnsafeRawBufferPointer(values))
    try checkInput(from: first, sizes: [values.count])
  }

  /// Checks an input that was just added to `inputs`.
  func checkInput(
    from first: Int,
    sizes: [Int],
    field: String = "input"
  ) throws(ExampleFault) {
    if let fault = schema.fault(ofSizes: sizes, field: field) { throw fault }
    let values = inputs.bytes.assumingMemoryBound(to: Float.self)
    guard let bad = (first..<inputs.elementCount).first(where: { !values[$0].isFinite }) else {
      return
    }
    throw ExampleFault(
      field,
      expected: "finite numbers",
      got: "\(values[bad]) as value \(bad - first + 1)"
    )
  }

  /// Adds a picture file as one input, prepared as the model wants it.
  mutating func appendPicture(
    _ file: [UInt8],
    field: String = "input"
  ) throws(ExampleFault) {
    guard schema.image != nil else {
      throw ExampleFault(
        field,
        expected: "\(schema.rowText), as model.json has no image preprocessing",
        got: "a picture"
      )
    }
    let pixels = file.withUnsafeBytes(ImageDecoder.pixelCount)
    guard file.count <= limits.pictureBytes, pixels <= limits.picturePixels else {
      throw ExampleFault(
        field,
        expected: "pictures of \(limits.picturePixels) pixels in \(limits.pictureBytes) bytes",
        got: "\(pixels) pixels in \(file.count) bytes"
      )
    }
    let picture = try ExampleFault.within(field) { try ImageDecoder.decode(file) }
    try append(picture, field: field)
  }

  /// Adds a decoded picture as one input.
  mutating func append(_ picture: Image, field: String = "input") throws(ExampleFault) {
    guard let image = schema.image else {
      throw ExampleFault(field, expected: schema.rowText, got: "a picture")
    }
    let tensor = try ExampleFault.within(field) { try image.tensor(from: picture) }
    tensor.withBytes { inputs.append($0) }
  }

  // MARK: - The end

  /// The examples, where all rows were good.
  ///
  /// - Throws: `ExampleProblems` with everything that was wrong, or because there are no rows.
  consuming func finished() throws(ExampleProblems) -> ExampleSet {
    guard problems.count == 0 else { throw problems }
    guard inputCount > 0 else {
      throw ExampleProblems(
        .file,
        ExampleFault("rows", expected: "at least one example", got: "none")
      )
    }
    guard inputCount == targets.count else {
      throw ExampleProblems(
        .file,
        ExampleFault(
          schema.targets.key,
          expected: "\(inputCount), one for each input",
          got: "\(targets.count)"
        )
      )
    }
    let shape = Shape([inputCount] + schema.rowShape)
    let features = Tensor(dtype: .float32, shape) { $0.copyMemory(from: inputs.bytes) }
    let (labels, names, counts) = targets.finished()
    return ExampleSet(
      Dataset(features: features, labels: labels),
      labels: names,
      counts: counts,
      warnings: warnings
    )
  }
}

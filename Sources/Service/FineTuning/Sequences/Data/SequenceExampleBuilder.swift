import Datasets
import ONNXFormat
import Tensors

/// Collects examples from any format: checks and encodes them, keeps the good ones and describes the bad.
struct SequenceExampleBuilder {
  let schema: SequenceExampleSchema
  let limits: ExampleLimits
  private(set) var set: SequenceExampleSet
  private var problems = ExampleProblems()

  init(_ schema: SequenceExampleSchema, limits: ExampleLimits) {
    self.schema = schema
    self.limits = limits
    set = SequenceExampleSet(schema.task)
  }

  /// Adds one example; a bad one is a problem of its own.
  ///
  /// - Parameters:
  ///   - place: where it is, for problems.
  ///   - example: reads it; throws what is wrong with it.
  /// - Throws: `ExampleProblems` where nothing more can be read: too many examples, bad ones or bytes.
  mutating func add(
    at place: ExampleProblem.Place,
    _ example: () throws -> SequenceExample
  ) throws(ExampleProblems) {
    do {
      try add(try example())
    } catch {
      problems.add(
        ExampleProblem(place: place, fault: ExampleFault(error, in: "row")),
        shown: limits.problemsShown
      )
      guard problems.count < limits.badRows else { throw problems.stopped() }
    }
    guard set.count <= limits.rows, set.byteCount <= limits.decodedBytes else {
      throw stopped(
        at: place,
        ExampleFault(
          "rows",
          expected: "at most \(limits.rows) examples of \(limits.decodedBytes) bytes in memory",
          got: "more"
        )
      )
    }
  }

  /// The problems so far with one that ends the reading.
  func stopped(at place: ExampleProblem.Place, _ fault: ExampleFault) -> ExampleProblems {
    var result = problems
    result.add(ExampleProblem(place: place, fault: fault), shown: limits.problemsShown)
    return result.stopped()
  }

  /// The examples.
  ///
  /// - Throws: `ExampleProblems` where one was bad, or there is none.
  func finished() throws(ExampleProblems) -> SequenceExampleSet {
    if problems.count > 0 { throw problems }
    guard set.count > 0 else {
      throw ExampleProblems(
        .file,
        ExampleFault("rows", expected: "at least one example", got: "none")
      )
    }
    return set
  }

  // MARK: - Encoding

  private mutating func add(_ example: SequenceExample) throws(ExampleFault) {
    switch example {
    case .text(let text): try add(text: text)
    case .pair(let source, let target): try add(source, target)
    case .labelled(let text, let label): try add(text, label)
    case .tagged(let tokens, let labels): try add(tokens, labels)
    case .series(let values): try add(values)
    case .picture(let bytes, let captions): try add(bytes, captions)
    }
  }

  private mutating func add(text: String) throws(ExampleFault) {
    var ids = try encode(text, "text", schema.target, countMax: nil)
    if let start = schema.format.start { ids.insert(Int32(clamping: start), at: 0) }
    if let end = schema.format.end { ids.append(Int32(clamping: end)) }
    guard ids.count >= 2 else {
      throw ExampleFault("text", expected: "at least two tokens", got: "\(ids.count)")
    }
    let window = SequenceExampleSchema.textWindow
    for start in stride(from: 0, to: ids.count - 1, by: window) {
      let end = min(start + window, ids.count - 1)
      set.inputs.append(Array(ids[start..<end]))
      set.targets.append(Array(ids[(start + 1)...end]))
    }
  }

  private mutating func add(_ source: String, _ target: String) throws(ExampleFault) {
    var ids = try encode(source, "source", schema.source, countMax: schema.sourceLengthMax)
    if schema.format.sourceReversed { ids.reverse() }
    try addTarget(target, "target")
    set.sources.append(ids)
  }

  /// Adds what the decoder reads, from the start token on, and answers, up to the end token.
  private mutating func addTarget(_ text: String, _ field: String) throws(ExampleFault) {
    guard let start = schema.format.start, let end = schema.format.end else {
      throw ExampleFault(field, got: "the model has no tokens of start and end in its model.json")
    }
    let ids = try encode(text, field, schema.target, countMax: schema.format.lengthMax)
    set.inputs.append([Int32(clamping: start)] + ids)
    set.targets.append(ids + [Int32(clamping: end)])
  }

  private mutating func add(_ text: String, _ label: JSONValue) throws(ExampleFault) {
    let position = try self.position(of: label)
    set.sources.append(
      try encode(text, "text", schema.source, countMax: schema.format.lengthMax)
    )
    set.classes.append(Int64(position))
  }

  private mutating func add(_ tokens: [String], _ labels: [String]) throws(ExampleFault) {
    guard tokens.count == labels.count, !tokens.isEmpty else {
      throw ExampleFault(
        "labels",
        expected: "as many as there are tokens, at least one",
        got: "\(labels.count) labels for \(tokens.count) tokens"
      )
    }
    guard tokens.count <= schema.format.lengthMax else {
      throw ExampleFault(
        "tokens",
        expected: "at most \(schema.format.lengthMax)",
        got: "\(tokens.count)"
      )
    }
    var positions: [Int32] = []
    for label in labels { positions.append(Int32(clamping: try position(of: .string(label)))) }
    guard let vocabulary = schema.source else {
      throw ExampleFault("tokens", got: "the model has no vocabulary")
    }
    var ids: [Int32] = []
    for token in tokens {
      let encoded = vocabulary.encode(token)
      // Each token has one label: what would be several tokens is read as an unknown one.
      let isWhole = encoded.ids.count == 1 && encoded.unknown.isEmpty
      set.unknownCount += isWhole ? 0 : 1
      ids.append(Int32(clamping: isWhole ? encoded.ids[0] : Vocabulary.unknown))
    }
    set.tokenCount += ids.count
    set.sources.append(ids)
    set.targets.append(positions)
  }

  private mutating func add(_ values: [Float]) throws(ExampleFault) {
    guard let forecast = schema.forecast else {
      throw ExampleFault("series", got: "the model has no key forecast in its model.json")
    }
    guard let bad = values.firstIndex(where: { !$0.isFinite }) else {
      let scaled = values.map { Float((Double($0) - forecast.mean) / forecast.scale) }
      let window = min(
        schema.format.sourceLengthMax ?? SequenceExampleSchema.seriesWindow,
        SequenceExampleSchema.seriesWindow
      )
      guard scaled.count > window else {
        throw ExampleFault("series", expected: "more than \(window) values", got: "\(values.count)")
      }
      for start in 0..<(scaled.count - window) {
        set.series.append(Array(scaled[start...(start + window)]))
      }
      return
    }
    throw ExampleFault(
      "series",
      expected: "finite values",
      got: "\(values[bad]) at position \(bad)"
    )
  }

  private mutating func add(_ bytes: [UInt8], _ captions: [String]) throws(ExampleFault) {
    guard let image = schema.image else {
      throw ExampleFault("picture", got: "the model has no image preprocessing in its model.json")
    }
    guard !captions.isEmpty else {
      throw ExampleFault("captions", expected: "a line of text at least", got: "none")
    }
    let elements = try ExampleFault.within("picture") {
      try image.tensor(from: ImageDecoder.decode(bytes)).elements(of: Float.self)
    }
    for caption in captions {
      try addTarget(caption, "caption")
      set.pictureOfTarget.append(set.pictures.count)
    }
    set.pictures.append(elements)
  }

  private mutating func encode(
    _ text: String,
    _ field: String,
    _ vocabulary: Vocabulary?,
    countMax: Int?
  ) throws(ExampleFault) -> [Int32] {
    guard let vocabulary else {
      throw ExampleFault(field, got: "the model has no vocabulary for it")
    }
    let encoded = vocabulary.encode(text)
    guard !encoded.ids.isEmpty else {
      throw ExampleFault(field, expected: "at least one token", got: "none")
    }
    if let countMax, encoded.ids.count > countMax {
      throw ExampleFault(field, expected: "at most \(countMax) tokens", got: "\(encoded.ids.count)")
    }
    set.tokenCount += encoded.ids.count
    set.unknownCount += encoded.unknown.count
    return encoded.ids.map { Int32(clamping: $0) }
  }

  private func position(of label: JSONValue) throws(ExampleFault) -> Int {
    if let whole = label.whole, schema.labels.indices.contains(whole) { return whole }
    if let text = label.text,
      let position = schema.labels.firstIndex(where: { $0.utf8.elementsEqual(text.utf8) })
    {
      return position
    }
    let known = schema.labels.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
    throw ExampleFault(
      "label",
      expected: "one of \(known)",
      got: label.text.map { ExampleFault.quoted($0) } ?? label.kind
    )
  }
}

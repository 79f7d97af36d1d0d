package import Datasets
package import ONNXFormat
import Tensors

/// What examples must look like to train a model version.
package struct ExampleSchema: Sendable, Equatable {
  /// What the model learns for a row.
  package enum Targets: Sendable, Equatable {
    /// One of the classes that the model knows.
    case classes([String])
    /// One of new classes, as the head is replaced: in this order, or, for `nil`, those of the data in the order of `ClassNames`.
    case newClasses([String]?)
    /// Any number of these classes.
    case multiLabel([String])
    /// This many numbers.
    case values(Int)
    /// As many numbers as the first row has, as the head is replaced.
    case newValues

    /// Whether rows have a `label`; else they have a `target`.
    var areLabels: Bool {
      switch self {
      case .values, .newValues: false
      case .classes, .newClasses, .multiLabel: true
      }
    }

    /// The key of a row's answer.
    var key: String { areLabels ? "label" : "target" }
  }

  /// Sizes of one row of the model's input, without the number of rows.
  package let rowShape: [Int]
  /// How pictures become rows, where the model takes them.
  package let image: ImagePreprocessing?
  package let targets: Targets

  /// Numbers in a row.
  package var valueCount: Int { rowShape.reduce(1, *) }

  /// Describes rows by hand.
  ///
  /// - Throws: `ServiceError` for sizes above the limits, pictures of another size, or class names that are empty, too long or twice there.
  package init(
    rowShape: [Int],
    image: ImagePreprocessing? = nil,
    targets: Targets,
    limits: ExampleLimits = ExampleLimits()
  ) throws(ServiceError) {
    // A batch of one, so that the shape of a set has a place for its rows.
    guard let shape = try? Shape(validating: [1] + rowShape),
      (1...limits.valuesPerRow).contains(shape.elementCount)
    else {
      throw .invalid(
        "rows of \(rowShape.isEmpty ? "[]" : "\(rowShape)") numbers; 1 to \(limits.valuesPerRow) numbers in a row can be trained on"
      )
    }
    self.rowShape = rowShape
    self.image = image
    self.targets = targets
    if let image, image.channels * image.height * image.width != shape.elementCount {
      throw .invalid("pictures of \(image.channels)x\(image.height)x\(image.width) for \(rowShape)")
    }
    switch targets {
    case .newValues: break
    case .values(let count):
      guard (1...limits.valuesPerRow).contains(count) else {
        throw .invalid("\(count) target values a row; 1 to \(limits.valuesPerRow) can be learnt")
      }
    case .classes(let labels), .multiLabel(let labels): try Self.check(labels, limits)
    case .newClasses(let labels): if let labels { try Self.check(labels, limits) }
    }
  }

  /// What a loaded version needs: its one float32 input, and what it answers unless `targets` says otherwise.
  ///
  /// Without labels in model.json the classes of an output [N, K] are called `0` to `K - 1`; a model for regression, or with one
  /// output value, learns values.
  ///
  /// - Throws: `ServiceError` where the model has several inputs, rows of unknown size, or needs `targets` to be given.
  package init(
    _ manifest: ModelManifest?,
    _ signature: ModelSignature,
    targets: Targets? = nil,
    limits: ExampleLimits = ExampleLimits()
  ) throws(ServiceError) {
    guard signature.inputs.count == 1, let field = signature.inputs.first else {
      throw .invalid(
        "the model has \(signature.inputs.count) inputs; one with a single input can be trained"
      )
    }
    guard field.dtype == .float32, signature.batching != .none,
      let sizes = field.sizes?.dropFirst(), !sizes.contains(nil)
    else {
      throw .invalid(
        "input '\(field.name)' is \(field.dtype)\(field.shapeText); float32 rows of a known size can be trained on"
      )
    }
    let rowShape = sizes.compactMap { $0 }
    let count = (try? Shape(validating: rowShape))?.elementCount
    let image = manifest?.preprocessing?.image.flatMap {
      $0.channels * $0.height * $0.width == count ? $0 : nil
    }
    let inferred = targets ?? Self.inferred(signature)
    guard let inferred else {
      throw .invalid("what the model answers is neither classes nor values: give labels")
    }
    try self.init(rowShape: rowShape, image: image, targets: inferred, limits: limits)
  }

  private static func inferred(_ signature: ModelSignature) -> Targets? {
    if let labels = signature.labels {
      return signature.isMultiLabel ? .multiLabel(labels) : .classes(labels)
    }
    guard signature.outputs.count == 1, let sizes = signature.outputs.first?.sizes,
      sizes.count == 2, let count = sizes[1]
    else { return nil }
    if signature.isRegression || count == 1 { return .values(count) }
    return .classes((0..<count).map(String.init))
  }

  private static func check(
    _ labels: [String],
    _ limits: ExampleLimits
  ) throws(ServiceError) {
    guard (1...limits.labels).contains(labels.count) else {
      throw .invalid("\(labels.count) labels; 1 to \(limits.labels) are allowed")
    }
    var seen: Set<String> = []
    for label in labels {
      if let fault = LabelTable.fault(ofName: label, limits) { throw .invalid("labels: \(fault)") }
      guard seen.insert(label).inserted else {
        throw .invalid("label \(ExampleFault.quoted(label)) is there twice")
      }
    }
  }

  /// What is wrong with a row of the given sizes: nothing where they are the model's, sizes of 1 left out or not, or where one of the
  /// two is a flat list of as many numbers.
  func fault(ofSizes sizes: [Int], field: String) -> ExampleFault? {
    let given = sizes.filter { $0 != 1 }
    let wanted = rowShape.filter { $0 != 1 }
    if given == wanted { return nil }
    if min(given.count, wanted.count) <= 1, given.reduce(1, *) == valueCount { return nil }
    return ExampleFault(field, expected: rowText, got: Self.text(sizes))
  }

  /// `784 numbers ([1,28,28])`.
  var rowText: String { "\(valueCount) numbers (\(Shape(rowShape)))" }

  private static func text(_ sizes: [Int]) -> String {
    sizes.count <= 1
      ? "\(sizes.first ?? 1) number\(sizes.first == nil || sizes.first == 1 ? "" : "s")"
      : "[" + sizes.map(String.init).joined(separator: ",") + "]"
  }
}

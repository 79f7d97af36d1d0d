package import GraphIR
package import Tensors

/// What a model takes and gives, as the protocols need to know it.
package struct ModelSignature: Sendable {
  /// A named tensor; the first dimension of most counts rows.
  package struct Field: Sendable {
    package let name: String
    package let dtype: DType
    /// `nil` where not even the rank is known.
    package let dimensions: [Dimension]?
    /// The size of each dimension, `nil` where it is not known before a run.
    package let sizes: [Int?]?

    package init(_ name: String, _ dtype: DType, _ shape: PartialShape) {
      self.name = name
      self.dtype = dtype
      dimensions = shape.dimensions
      sizes = shape.dimensions?.map(\.size)
    }

    /// The shape in words, `[N,784]`.
    package var shapeText: String { PartialShape(dimensions).description }
  }

  /// What an output of a classifier or regressor means.
  package enum Role: Sendable, Equatable {
    /// Unnormalised scores of the classes, along the last dimension.
    case logits
    /// Probabilities of the classes, along the last dimension.
    case probabilities
    /// Anything else.
    case other
  }

  /// How rows of several requests may run together.
  package enum Batching: Sendable, Equatable {
    /// The first dimension of every input and output counts rows, as many as one likes.
    case anyCount
    /// As before, but always this many rows.
    case fixed(Int)
    /// Dimensions mean something else: every request runs alone.
    case none
  }

  package let inputs: [Field]
  package let outputs: [Field]
  /// One role an output.
  package let roles: [Role]
  /// Names of the classes, for classifiers.
  package let labels: [String]?
  /// Whether any number of the labels may apply to a row, each with a probability of its own.
  package let isMultiLabel: Bool
  /// Whether the model predicts a quantity: `:regress` answers its output.
  package let isRegression: Bool
  package let batching: Batching

  package init(
    inputs: [Field],
    outputs: [Field],
    roles: [Role]? = nil,
    labels: [String]? = nil,
    isMultiLabel: Bool = false,
    isRegression: Bool = false
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.roles = roles ?? [Role](repeating: .other, count: outputs.count)
    self.labels = labels
    self.isMultiLabel = isMultiLabel
    self.isRegression = isRegression
    batching = Self.batching(inputs, outputs)
    hasKnownRows = inputs.allSatisfy { $0.sizes?.dropFirst().allSatisfy { $0 != nil } ?? false }
  }

  /// The output from which label and score are taken: probabilities, else logits.
  package var scoredOutput: Int? {
    guard labels != nil else { return nil }
    return roles.firstIndex(of: .probabilities) ?? roles.firstIndex(of: .logits)
  }

  /// True where all sizes but the number of rows are known before a request comes.
  package let hasKnownRows: Bool

  private static func batching(_ inputs: [Field], _ outputs: [Field]) -> Batching {
    let leading = (inputs + outputs).map { $0.dimensions?.first }
    guard let first = leading.first, let batch = first, !inputs.isEmpty, !outputs.isEmpty else {
      return .none
    }
    switch batch {
    case .known(let size):
      return size > 0 && leading.allSatisfy { $0 == batch } ? .fixed(size) : .none
    case .symbol, .unknown:
      // An output whose leading size nobody knows may count something else: it must say the same symbol.
      let isShared = leading.allSatisfy { $0 == batch }
      return isShared && (batch != .unknown || outputs.count == 1) ? .anyCount : .none
    }
  }
}

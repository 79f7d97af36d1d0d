package import Datasets
package import GraphIR
package import Tensors

extension ModelManifest {
  /// A file beside `model.json`: a graph or a vocabulary.
  package struct FileReference: Codable, Equatable, Sendable {
    package var file: String
    /// Lower-case hexadecimal.
    package var sha256: String

    package init(file: String, sha256: String) {
      self.file = file
      self.sha256 = sha256
    }
  }

  /// Inputs and outputs in the order of the graph.
  package struct Signature: Codable, Equatable, Sendable {
    package var inputs: [TensorType]
    package var outputs: [TensorType]

    package init(inputs: [TensorType], outputs: [TensorType]) {
      self.inputs = inputs
      self.outputs = outputs
    }

    /// The signature of a graph.
    package init(of graph: Graph) {
      func types(_ ids: [ValueID]) -> [TensorType] {
        ids.map { TensorType(name: graph[$0].name, type: graph[$0].type) }
      }
      inputs = types(graph.inputs)
      outputs = types(graph.outputs)
    }
  }

  /// One input or output.
  package struct TensorType: Codable, Equatable, Sendable {
    package var name: String
    package var dtype: DType
    /// `nil` (`null` in the file) where not even the rank is known.
    package var shape: [Dimension]?

    package init(name: String, type: ValueType) {
      self.name = name
      dtype = type.dtype
      shape = type.shape.dimensions
    }

    private enum CodingKeys: String, CodingKey { case name, dtype, shape }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      let typeName = try container.decode(String.self, forKey: .dtype)
      guard let known = DType.allCases.first(where: { $0.description == typeName }) else {
        throw DecodingError.dataCorruptedError(
          forKey: .dtype,
          in: container,
          debugDescription: "no element type is named \(typeName)"
        )
      }
      dtype = known
      shape = try container.decodeIfPresent([SizeCoding].self, forKey: .shape)?.map(\.dimension)
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(dtype.description, forKey: .dtype)
      try container.encode(shape?.map(SizeCoding.init), forKey: .shape)
    }
  }

  /// A dimension in JSON: a number, a name, or null.
  private struct SizeCoding: Codable {
    let dimension: Dimension

    init(_ dimension: Dimension) { self.dimension = dimension }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        dimension = .unknown
      } else if let name = try? container.decode(String.self) {
        dimension = .symbol(name)
      } else {
        let size = try container.decode(Int.self)
        guard size >= 0, size <= Shape.elementCountMax else {
          throw DecodingError.dataCorruptedError(
            in: container,
            debugDescription: "size \(size) is not possible"
          )
        }
        dimension = .known(size)
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch dimension {
      case .known(let size): try container.encode(size)
      case .symbol(let name): try container.encode(name)
      case .unknown: try container.encodeNil()
      }
    }
  }

  /// How raw requests become tensors.
  package struct Preprocessing: Codable, Equatable, Sendable {
    package var image: ImagePreprocessing?

    package init(image: ImagePreprocessing? = nil) { self.image = image }
  }
}

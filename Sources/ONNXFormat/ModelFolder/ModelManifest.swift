import Datasets
import GraphIR
package import Storage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The content of `model.json`: what ONNX cannot say about a model.
///
/// Unknown keys are ignored.
package struct ModelManifest: Codable, Equatable, Sendable {
  /// The version of this format that is read and written.
  package static let formatVersion = 1
  /// Bytes that a `model.json` may have.
  package static let byteCountMax = 1 << 20

  package var format: Int
  package var name: String
  /// 1, 2, 3, ...
  package var version: Int
  /// `classification`, `regression`, `tensor`, ...: what the service offers for the model.
  package var task: String
  /// By role; a model of one graph calls it `main`.
  package var graphs: [String: FileReference]
  package var signature: Signature
  /// Which output is what, as `"logits": "logits"`; routes look their outputs up here.
  package var roles: [String: String]
  /// Class names in the order of the logits; names of actions in the order of the Q-values.
  package var labels: [String]?
  package var preprocessing: Preprocessing?
  /// What is what in a model of sequences.
  package var sequence: SequenceFormat?
  /// Its vocabularies.
  package var text: TextFiles?
  /// A forecaster's scale and intervals.
  package var forecast: ForecastFormat?
  /// What a model that acts was made for.
  package var reinforcement: ReinforcementFormat?
  package var training: TrainingRecord?
  package var metrics: [String: Double]
  package var lineage: Lineage
  /// ISO 8601, UTC.
  package var created: String?
  package var description: String?

  package init(
    name: String,
    version: Int,
    task: String,
    signature: Signature,
    roles: [String: String] = [:],
    labels: [String]? = nil,
    preprocessing: Preprocessing? = nil,
    sequence: SequenceFormat? = nil,
    text: TextFiles? = nil,
    forecast: ForecastFormat? = nil,
    reinforcement: ReinforcementFormat? = nil,
    training: TrainingRecord? = nil,
    metrics: [String: Double] = [:],
    lineage: Lineage = Lineage(),
    created: String? = nil,
    description: String? = nil
  ) {
    format = ModelManifest.formatVersion
    self.name = name
    self.version = version
    self.task = task
    graphs = [:]
    self.signature = signature
    self.roles = roles
    self.labels = labels
    self.preprocessing = preprocessing
    self.sequence = sequence
    self.text = text
    self.forecast = forecast
    self.reinforcement = reinforcement
    self.training = training
    self.metrics = metrics
    self.lineage = lineage
    self.created = created
    self.description = description
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    format = try container.decode(Int.self, forKey: .format)
    name = try container.decode(String.self, forKey: .name)
    version = try container.decode(Int.self, forKey: .version)
    task = try container.decode(String.self, forKey: .task)
    graphs = try container.decode([String: FileReference].self, forKey: .graphs)
    signature = try container.decode(Signature.self, forKey: .signature)
    roles = try container.decodeIfPresent([String: String].self, forKey: .roles) ?? [:]
    labels = try container.decodeIfPresent([String].self, forKey: .labels)
    preprocessing = try container.decodeIfPresent(Preprocessing.self, forKey: .preprocessing)
    sequence = try container.decodeIfPresent(SequenceFormat.self, forKey: .sequence)
    text = try container.decodeIfPresent(TextFiles.self, forKey: .text)
    forecast = try container.decodeIfPresent(ForecastFormat.self, forKey: .forecast)
    reinforcement = try container.decodeIfPresent(
      ReinforcementFormat.self,
      forKey: .reinforcement
    )
    training = try container.decodeIfPresent(TrainingRecord.self, forKey: .training)
    metrics = try container.decodeIfPresent([String: Double].self, forKey: .metrics) ?? [:]
    lineage = try container.decodeIfPresent(Lineage.self, forKey: .lineage) ?? Lineage()
    created = try container.decodeIfPresent(String.self, forKey: .created)
    description = try container.decodeIfPresent(String.self, forKey: .description)
  }

  /// Reads the text of a `model.json`.
  ///
  /// - Throws: `FormatError` for text that is no such object or breaks a rule of `validate`.
  package static func read(_ bytes: [UInt8]) throws(FormatError) -> ModelManifest {
    guard bytes.count <= byteCountMax else {
      throw FormatError("model.json", "\(bytes.count) bytes; at most \(byteCountMax)")
    }
    let manifest: ModelManifest
    do {
      manifest = try JSONDecoder().decode(ModelManifest.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw FormatError("model.json", decoding: error)
    } catch { throw FormatError("model.json", "\(error)") }
    try manifest.validate()
    return manifest
  }

  /// The text of the `model.json`, keys sorted, so that equal manifests give equal bytes.
  ///
  /// - Throws: `FormatError` for a number that is not finite, or a text of more than `byteCountMax` bytes.
  package func json() throws(FormatError) -> [UInt8] {
    let bytes: [UInt8]
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      bytes = Array(try encoder.encode(self)) + [0x0A]
    } catch { throw FormatError("model.json", "\(error)") }
    // What could not be read again must not be written.
    guard bytes.count <= Self.byteCountMax else {
      throw FormatError("model.json", "\(bytes.count) bytes; at most \(Self.byteCountMax)")
    }
    return bytes
  }
}

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a finished job has made.
struct FineTuningResult: Codable, Equatable {
  var version: Int
  /// Whether the alias points to it, or did then.
  var isPromoted: Bool
  var steps: Int
  /// The epoch whose weights were kept, where early stopping chose one.
  var bestEpoch: Int?
  var decision: PromotionDecision

  /// As the job's record keeps it.
  func json() throws -> [UInt8] { Array(try JSONEncoder().encode(self)) }

  /// Reads what `json` has written.
  init(json: [UInt8]) throws { self = try JSONDecoder().decode(Self.self, from: Data(json)) }

  init(
    version: Int,
    isPromoted: Bool,
    steps: Int,
    bestEpoch: Int?,
    decision: PromotionDecision
  ) {
    self.version = version
    self.isPromoted = isPromoted
    self.steps = steps
    self.bestEpoch = bestEpoch
    self.decision = decision
  }
}

extension FineTuningSpecification {
  /// As the job's record keeps it.
  func payload() throws -> [UInt8] { Array(try JSONEncoder().encode(self)) }

  /// Reads what `payload` has written.
  init(payload: [UInt8]) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(payload))
  }
}

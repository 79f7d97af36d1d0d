import TestSupport
import Testing

@testable import Service

/// Damaged bodies are refused or read, never a trap.
@Suite struct BodyFuzzTests {
  static let samples = [
    #"{"instances": [[1,2,3],[4.5,-6e-1,0.25]], "signature_name": "serving_default"}"#,
    #"{"instances": [{"a": [1.0,2.0], "b": 7}, {"b": 8, "a": [3,4]}]}"#,
    #"{"inputs": {"a": [[0.125,NaN]], "b": [-Infinity], "c": {"d": [null, true, "x\u00e9"]}}}"#,
    #"{"instances": [{"b64": "iVBORw0KGgo="}, {"b64":"TWFu"}]}"#,
    #"{"inputs": [[0.10000000149011612,123456789.123456789,1e38]]}"#,
    #"{"examples": [{"x": [1,2,3], "y": "z"}, {"x": 4}]}"#,
  ]

  @Test func mutatedBodies() {
    var mutator = Mutator(seed: 7)
    let signatures = [
      FakeModel.plain, FakeModel.twoInputs, FakeModel.unbatched, FakeModel.classifier,
    ]
    var refused = 0
    var read = 0
    for round in 0..<6000 {
      let sample = Array(Self.samples[round % Self.samples.count].utf8)
      let bytes = round < Self.samples.count ? sample : mutator.mutate(sample)
      for signature in signatures {
        let collector = RowCollector(
          signature: signature,
          images: ImageInput(input: 0) { [1, 2, Float($0.count)] },
          rowsPerRequest: 16,
          inlineImagePixels: 1024,
          states: nil
        )
        let request = PendingPrediction(signature)
        do {
          try bytes.withUnsafeBytes { body in
            if round % 2 == 0 {
              _ = try PredictBody(collector: collector).read(body, into: request)
            } else {
              try ExamplesBody(collector: collector).read(body, into: request)
            }
          }
          read += 1
        } catch {
          #expect(error is ServiceError || error is RowCollector.ReadsSlowly, "\(error)")
          refused += 1
        }
      }
    }
    #expect(refused > 1000 && read > 100)
  }
}

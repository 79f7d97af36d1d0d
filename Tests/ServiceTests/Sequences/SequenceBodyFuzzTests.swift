import ONNXFormat
import TestSupport
import Testing

@testable import Service

/// Damaged bodies are refused or read, never a trap.
@Suite struct SequenceBodyFuzzTests {
  static let samples = [
    #"{"instances": ["ab\u00e9", "c"], "parameters": {"temperature": 0.5, "top_k": 3, "stop": ["x"]}}"#,
    #"{"instances": [[1,2.5,-3e2],[4]], "parameters": {"steps": 7}, "stream": false}"#,
    #"{"instances": [{"b64": "iVBORw0KGgo="}, [[[0.5, 1]]]], "parameters": {"beam_width": 4, "n_best": 2}}"#,
    #"{"instances": ["a"], "stream": true, "resume_seconds": 5, "parameters": {"seed": 12, "max_length": 9}}"#,
    #"{"id": "x", "text_input": "abc", "parameters": {"top_p": 0.9, "stream": true}}"#,
  ]

  @Test func mutatedBodies() {
    var mutator = Mutator(seed: 11)
    let limits = ServiceLimits()
    var refused = 0
    var read = 0
    for round in 0..<8000 {
      let sample = Array(Self.samples[round % Self.samples.count].utf8)
      let bytes = round < Self.samples.count ? sample : mutator.mutate(sample)
      for task in SequenceTask.allCases {
        let reader = SequenceParameterReader(task: task, answerLengthMax: 20, limits: limits)
        do {
          try bytes.withUnsafeBytes { body in
            if round % Self.samples.count == 4 {
              _ = try GenerateBody(parameterReader: reader, limits: limits)
                .read(body, isStream: true)
            } else {
              _ = try SequenceBody(task: task, parameterReader: reader, limits: limits).read(body)
            }
          }
          read += 1
        } catch {
          #expect(error is ServiceError, "\(error)")
          refused += 1
        }
      }
    }
    #expect(refused > 1000 && read > 100)
  }
}

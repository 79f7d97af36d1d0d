import GraphIR
import Tensors
import Testing

@Suite struct RecurrentTests {
  private let x = float("T", "N", 3)

  @Test func resultsHaveDirectionsAndHiddenUnits() throws {
    let lstm = try inferred(
      "LSTM",
      [x, float(2, 16, 3), float(2, 16, 4)],
      ["direction": .string("bidirectional"), "hidden_size": .int(4)]
    )
    #expect(
      lstm == [float("T", 2, "N", 4), float(2, "N", 4), float(2, "N", 4), float("T", 2, "N", 20)]
    )
    let gru = try inferred("GRU", [x, float(1, 12, 3), float(1, 12, 4)])
    #expect(gru == [float("T", 1, "N", 4), float(1, "N", 4), float("T", 1, "N", 16)])
    let rnn = try inferred("RNN", [unranked, float(1, 4, 3), float(1, 4, 4)])
    #expect(rnn == [float(.unknown, 1, .unknown, 4), float(1, .unknown, 4)])
  }

  @Test func hiddenSizeMayComeFromTheAttributeAlone() throws {
    let types = try inferred("GRU", [x, unranked, unranked], ["hidden_size": .int(5)])
    #expect(types[0] == float("T", 1, "N", 5))
  }

  @Test func gradientsHaveTheTypesOfTheOperands() throws {
    let types = try inferred(
      .martlet("LSTMGradient"),
      [
        x, float(1, 16, 3), float(1, 16, 4), nil, nil, nil, nil, nil, float("T", 1, "N", 4),
        float("T", 1, "N", 20), nil, float(1, "N", 4),
      ]
    )
    #expect(
      types == [
        x, float(1, 16, 3), float(1, 16, 4), float(1, 32), float(1, "N", 4), float(1, "N", 4),
        float(1, 12),
      ]
    )
  }

  @Test(arguments: [
    ([float("T", "N"), float(1, 4, 3), float(1, 4, 4)], "must have 3 dimensions"),
    ([float("T", "N", 3), float(1, 4, 2), float(1, 4, 4)], "input 1 is float32[1,4,2], expected"),
    ([float("T", "N", 3), float(2, 4, 3), float(2, 4, 4)], "expected float32[1,4,3]"),
    ([float("T", "N", 3), float(1, 4, 3), float(1, 8, 4)], "expected float32[1,4,4]"),
    ([float("T", "N", 3), float(1, 4, 3), float(1, 4, 4), float(1, 4)], "expected float32[1,8]"),
    ([float("T", "N", 3), float(1, 0, 3), float(1, 0, 0)], "R has 0 columns"),
    (
      [float("T", "N", 3), float(1, 4, 3), float(1, 4, 4), nil, int64("N")],
      "expected int32[N]"
    ),
    (
      [float("T", 2, 3), float(1, 4, 3), float(1, 4, 4), nil, nil, float(1, 3, 4)],
      "expected float32[1,2,4]"
    ),
  ])
  func operandsThatDoNotFitAreNamed(_ types: [ValueType?], _ message: String) throws {
    let failure = try #require(inferenceFailure("RNN", types))
    #expect(failure.contains(message), "\(failure)")
  }

  @Test(arguments: [
    ("direction", Attribute.string("sideways"), "expected forward, reverse or bidirectional"),
    ("activations", .strings(["Tanh"]), "expected 3 for each of 1 directions"),
    ("activations", .strings(["Tanh", "Tanh", "Gelu"]), "activation Gelu, expected one of Relu"),
    ("activations", .string("Tanh"), "attribute activations is not of type strings"),
    ("clip", .float(-1), "clip is -1.0"),
    ("clip", .float(.nan), "clip is nan"),
    ("hidden_size", .int(0), "hidden_size is 0"),
    ("hidden_size", .int(.max), "expected 1 to"),
    ("hidden_size", .int(7), "hidden_size is 7, R has 4 columns"),
    ("layout", .int(1), "layout 1"),
  ])
  func attributesThatONNXDoesNotDefineAreRefused(
    _ name: String,
    _ value: Attribute,
    _ message: String
  ) throws {
    let failure = try #require(
      inferenceFailure("LSTM", [x, float(1, 16, 3), float(1, 16, 4)], [name: value])
    )
    #expect(failure.contains(message), "\(failure)")
  }

  @Test func parametersAreConsumedByTheFunctionsThatHaveThem() throws {
    let node = Node(
      op: "LSTM",
      name: "node",
      inputs: [],
      outputs: [],
      attributes: [
        "activations": .strings(["sigmoid", "LeakyRelu", "hardsigmoid"]),
        "activation_alpha": .floats([0.5, 0.25]), "activation_beta": .floats([]),
      ]
    )
    let activations = try RecurrentAttributes(node).activations
    #expect(
      activations == [
        [
          RecurrentActivation(.sigmoid), RecurrentActivation(.leakyRelu, alpha: 0.5),
          RecurrentActivation(.hardSigmoid, alpha: 0.25, beta: 0.5),
        ]
      ]
    )
  }
}

import Foundation
import GraphIR
import ONNXFormat
import Storage
import TestSupport
import Tensors
import Testing

@Suite struct ReinforcementManifestTests {
  private static let digest = String(repeating: "0a", count: 32)

  /// The `model.json` of a dueling network with every key that such models have.
  private static let dueling = """
    {"format":1,"name":"n","version":1,"task":"q-values",
    "graphs":{"main":{"file":"model.onnx","sha256":"\(digest)"}},
    "signature":{"inputs":[{"name":"observation","dtype":"float32","shape":["N",4]}],
    "outputs":[{"name":"q","dtype":"float32","shape":["N",2]},
    {"name":"v","dtype":"float32","shape":["N",1]},{"name":"a","dtype":"float32","shape":["N",2]}]},
    "roles":{"q_values":"q","state_value":"v","advantage":"a"},
    "labels":["left","right"],
    "reinforcement":{"environment":"CartPole-v1","fields":["x","dx","angle","dangle"],
    "low":[-4.8,null,-0.5,null],"high":[4.8,null,0.5,null],"discount":0.98,"steps":3}}
    """

  private static let table = """
    {"format":1,"name":"n","version":1,"task":"q-values",
    "graphs":{"main":{"file":"model.onnx","sha256":"\(digest)"}},
    "signature":{"inputs":[{"name":"observation","dtype":"int64","shape":["N"]}],
    "outputs":[{"name":"q_values","dtype":"float32","shape":["N",4]}]},
    "roles":{"q_values":"q_values"},"labels":["left","down","right","up"],
    "reinforcement":{"low":[0],"high":[15]}}
    """

  @Test func theKeysOfADuelingNetworkAreReadAndWritten() throws {
    let manifest = try ModelManifest.read(Array(Self.dueling.utf8))
    #expect(manifest.isQValueModel && manifest.labels == ["left", "right"])
    let format = try #require(manifest.reinforcement)
    #expect(format.environment == "CartPole-v1" && format.discount == 0.98 && format.steps == 3)
    #expect(format.fields == ["x", "dx", "angle", "dangle"])
    #expect(format.low == [-4.8, nil, -0.5, nil] && format.high == [4.8, nil, 0.5, nil])
    #expect(try ModelManifest.read(manifest.json()) == manifest)
  }

  @Test func aTableOfStatesNeedsNoMoreThanItsActions() throws {
    let manifest = try ModelManifest.read(Array(Self.table.utf8))
    #expect(manifest.reinforcement == .init(low: [0], high: [15]))
    #expect(manifest.reinforcement?.discount == 0.99 && manifest.reinforcement?.steps == 1)
    let bare = Self.table.replacingOccurrences(
      of: ",\n\"reinforcement\":{\"low\":[0],\"high\":[15]}",
      with: ""
    )
    #expect(bare != Self.table)
    #expect(try ModelManifest.read(Array(bare.utf8)).reinforcement == nil)
  }

  @Test(arguments: [
    ("\"main\":", "\"other\":", "needs the key graphs.main"),
    ("[\"N\",4]", "[\"N\"]", "input 'observation' is float32 [N], expected float32 [N,D]"),
    ("[\"N\",4]", "[\"N\",\"D\"]", "is float32 [N,D], expected"),
    ("[\"N\",4]", "null", "is float32 of unknown rank"),
    ("[\"N\",4]", "[\"N\",5]", "reinforcement.fields has 4 entries, an observation of input"),
    (
      "\"dtype\":\"float32\",\"shape\":[\"N\",4]", "\"dtype\":\"int32\",\"shape\":[\"N\",4]",
      "int32"
    ),
    ("\"labels\":[\"left\",\"right\"]", "\"labels\":[]", "needs the key labels"),
    ("\"labels\":[\"left\",\"right\"]", "\"labels\":[\"a\",\"a\"]", "2 actions, 1 of them"),
    (
      "\"labels\":[\"left\",\"right\"]", "\"labels\":[\"a\",\"b\",\"c\"]",
      "roles.q_values: output 'q' is float32 [N,2], expected float32 [N,3] as there are 3 labels"
    ),
    ("\"q_values\":\"q\",", "", "needs the key roles.q_values"),
    ("\"state_value\":\"v\",", "", "a dueling network has both"),
    ("\"state_value\":\"v\"", "\"state_value\":\"a\"", "expected float32 [N,1]"),
    ("CartPole-v1", "../etc", "reinforcement.environment '../etc'"),
    ("\"dx\"", "\"x\"", "reinforcement.fields has an empty name or one twice"),
    ("\"dx\"", "\"\"", "reinforcement.fields has an empty name or one twice"),
    ("\"low\":[-4.8,null,", "\"low\":[null,", "reinforcement.low has 3 entries"),
    ("\"low\":[-4.8,", "\"low\":[4.9,", "low[0] 4.9 is above high[0] 4.8"),
    ("\"discount\":0.98", "\"discount\":1.5", "reinforcement.discount is 1.5, expected 0 to 1"),
    ("\"steps\":3", "\"steps\":0", "reinforcement.steps is 0, expected 1 to 1000"),
  ])
  func aBrokenModelSaysWhatIsWrong(old: String, new: String, message: String) throws {
    let bad = Self.dueling.replacingOccurrences(of: old, with: new)
    #expect(bad != Self.dueling)
    let error = #expect(throws: FormatError.self) { try ModelManifest.read(Array(bad.utf8)) }
    #expect(error?.detail.contains(message) == true, "\(error?.detail ?? "")")
  }

  @Test func mutationsOfItsKeysNeverTrap() throws {
    var mutator = Mutator(seed: 5)
    var refused = 0
    for sample in [Self.dueling, Self.table] {
      let bytes = Array(sample.utf8)
      for _ in 0..<5000 {
        do { _ = try ModelManifest.read(mutator.mutate(bytes)) } catch { refused += 1 }
      }
    }
    #expect(refused > 1000)
  }
}

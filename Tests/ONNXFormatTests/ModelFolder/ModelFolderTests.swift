import Datasets
import Foundation
import GraphIR
import ONNXFormat
import Storage
import TestSupport
import Tensors
import Testing

@Suite struct ModelFolderTests {
  private func graph() throws -> Graph {
    var graph = Graph(name: "net")
    let x = try graph.placeholder("x", .float32, ["N", 2])
    graph.outputs = [try graph.apply1("Neg", [x], name: "y")]
    return graph
  }

  private func manifest(_ graph: Graph) -> ModelManifest {
    ModelManifest(
      name: "net",
      version: 3,
      task: "classification",
      signature: .init(of: graph),
      roles: ["logits": "y"],
      labels: ["no", "yes"],
      preprocessing: .init(image: ImagePreprocessing(channels: 1, height: 28, width: 28)),
      training: .init(
        recipe: "lenet5",
        seed: .max,
        data: .init(name: "mnist", sha256: "00"),
        epochs: 2,
        batchSize: 64,
        optimizer: "adam",
        command: "martlet train",
        hyperparameters: [
          "learning_rate": .number(0.5), "augment": .flag(true), "schedule": .text("cosine"),
          "freeze": .list(["conv*"]), "patience": .number(1),
        ],
        curves: ["loss": [1.5, 0.25], "validation_accuracy": []]
      ),
      metrics: ["test_accuracy": 0.991],
      lineage: .init(
        parent: "net/2",
        parentSHA256: String(repeating: "0a", count: 32),
        job: "ftjob-1"
      ),
      created: "2026-11-21T00:00:00Z",
      description: "a net"
    )
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "martlet-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test func aWrittenVersionReadsBackWhole() throws {
    try withFolder { root in
      let graph = try graph()
      let golden = ModelFolder.Golden(
        inputs: [NPZ.Entry("x", Tensor([1, 2] as [Float], [1, 2]))],
        outputs: [NPZ.Entry("y", Tensor([-1, -2] as [Float], [1, 2]))]
      )
      let written = try ModelFolder.write(
        to: "\(root)/3",
        manifest(graph),
        graphs: ["main": graph],
        golden: golden
      )
      let found = try ModelFolder.open("\(root)/3")
      #expect(found.manifest == written.manifest)
      #expect(found.manifest.training?.seed == .max)
      #expect(try found.golden() == golden)
      #expect(try found.graph().nodes.map(\.op.name) == ["Neg"])
      #expect(try FileAccess.names(in: root) == ["3"])
      #expect(try FileAccess.names(in: "\(root)/3") == ["golden.npz", "model.json", "model.onnx"])
    }
  }

  @Test func whatCouldNotBeReadAgainIsNotWritten() throws {
    let graph = try graph()
    let digest = String(repeating: "0", count: 64)
    var manifest = manifest(graph)
    manifest.graphs["main"] = .init(file: "model.onnx", sha256: digest)
    manifest.lineage.parentSHA256 = "ABC"
    let wrong = #expect(throws: FormatError.self) { try manifest.validate() }
    #expect(wrong?.detail.contains("lineage.parent_sha256 'ABC'") == true)
    manifest.lineage.parentSHA256 = nil
    manifest.training?.curves?["loss"] = Array(repeating: 0, count: 10_001)
    let long = #expect(throws: FormatError.self) { try manifest.validate() }
    #expect(long?.detail.contains("training.curves.loss has 10001 points") == true)
    manifest.training?.curves = ["loss": [.nan]]
    #expect(throws: FormatError.self) { try manifest.json() }
    manifest.training?.curves = nil
    manifest.description = String(repeating: "x", count: ModelManifest.byteCountMax)
    #expect(throws: FormatError.self) { try manifest.json() }
  }

  @Test func aVersionIsNeverReplaced() throws {
    try withFolder { root in
      let graph = try graph()
      try ModelFolder.write(to: "\(root)/1", manifest(graph), graphs: ["main": graph])
      #expect(throws: FormatError.self) {
        try ModelFolder.write(to: "\(root)/1", manifest(graph), graphs: ["main": graph])
      }
      #expect(try FileAccess.names(in: root) == ["1"])
    }
  }

  @Test func aChangedGraphFileIsReportedWithBothDigests() throws {
    try withFolder { root in
      let graph = try graph()
      let folder = try ModelFolder.write(to: "\(root)/1", manifest(graph), graphs: ["main": graph])
      let file = "\(root)/1/model.onnx"
      var bytes = try FileAccess.read(file, byteCountMax: 1 << 20)
      bytes[bytes.count - 1] ^= 1
      try FileManager.default.removeItem(atPath: file)
      try FileAccess.create(file, bytes)
      do {
        _ = try ModelFolder.open("\(root)/1").graph()
        Issue.record("the changed file was read")
      } catch let error as FormatError {
        #expect(error.detail.contains(SHA256.hexDigest(of: bytes)))
        #expect(error.detail.contains(folder.manifest.graphs["main"]?.sha256 ?? "?"))
      }
    }
  }

  @Test func aBareFolderGetsAManifestFromItsGraph() throws {
    try withFolder { root in
      try FileAccess.createFolder("\(root)/digits")
      try FileAccess.createFolder("\(root)/digits/7")
      try FileAccess.create("\(root)/digits/7/model.onnx", ONNXWriter.bytes(of: graph()))
      let manifest = try ModelFolder.open("\(root)/digits/7").manifest
      #expect(manifest.name == "digits" && manifest.version == 7 && manifest.task == "tensor")
      #expect(manifest.signature.inputs.map(\.name) == ["x"])
      #expect(manifest.signature.inputs[0].shape == ["N", 2])
      #expect(throws: FormatError.self) { try ModelFolder.open(root) }
    }
  }

  @Test func theDocumentedExampleIsRead() throws {
    let digest = String(repeating: "0a", count: 32)
    let text = """
      {"format":1,"name":"lenet5","version":1,"task":"classification","graphs":{"main":{"file":"model.onnx",
      "sha256":"\(digest)"}},"signature":{"inputs":[{"name":"image","dtype":"float32","shape":["N",1,28,null]}],
      "outputs":[{"name":"logits","dtype":"float32","shape":["N",10]}]},"roles":{"logits":"logits"},"labels":["0","1"],
      "preprocessing":{"image":{"channels":1,"height":28,"width":28,"scale":0.00392156862745098,"mean":[0],
      "deviation":[1],"invert":false}},"training":{"recipe":"lenet5","seed":1,"data":{"name":"mnist","sha256":"ab"},
      "epochs":12,"batch_size":64,"optimizer":"adam","command":"martlet train"},"metrics":{"test_accuracy":0.991},
      "lineage":{"parent":null},"created":"2026-11-21T00:00:00Z","description":"...","unknown":{"key":[1]}}
      """
    let manifest = try ModelManifest.read(Array(text.utf8))
    #expect(manifest.signature.inputs[0].shape == ["N", 1, 28, .unknown])
    #expect(manifest.training?.batchSize == 64)
    let json = String(decoding: try manifest.json(), as: UTF8.self)
    #expect(json.contains("\"batch_size\" : 64") && json.contains("\"parent\" : null"))
    #expect(try ModelManifest.read(Array(json.utf8)) == manifest)
  }

  @Test(arguments: [
    ("\"format\":1", "\"format\":2"), ("\"name\":\"n\"", "\"name\":\".n\""),
    ("\"name\":\"n\"", "\"name\":\"a/b\""), ("\"version\":1", "\"version\":0"),
    ("\"file\":\"model.onnx\"", "\"file\":\"../model.onnx\""),
    ("\"file\":\"model.onnx\"", "\"file\":\"/etc/passwd\""), ("\"sha256\":\"0", "\"sha256\":\"G"),
    ("\"dtype\":\"float32\"", "\"dtype\":\"float\""), ("\"shape\":[1]", "\"shape\":[-1]"),
    ("\"shape\":[1]", "\"shape\":[1e30]"), ("\"roles\":{}", "\"roles\":{\"logits\":\"no\"}"),
    ("\"task\":\"t\",", ""), ("{\"format\"", "[\"format\""),
  ])
  func brokenManifestsAreErrors(old: String, new: String) throws {
    let digest = String(repeating: "0", count: 64)
    let good = """
      {"format":1,"name":"n","version":1,"task":"t","graphs":{"main":{"file":"model.onnx","sha256":"\(digest)"}},\
      "signature":{"inputs":[{"name":"x","dtype":"float32","shape":[1]}],"outputs":[]},"roles":{}}
      """
    _ = try ModelManifest.read(Array(good.utf8))
    let bad = good.replacingOccurrences(of: old, with: new)
    #expect(bad != good)
    #expect(throws: FormatError.self) { try ModelManifest.read(Array(bad.utf8)) }
  }

  @Test func twentyThousandManifestMutationsNeverTrap() throws {
    var mutator = Mutator(seed: 6)
    var manifest = ModelManifest(
      name: "n",
      version: 1,
      task: "t",
      signature: .init(of: try graph())
    )
    manifest.graphs["main"] = .init(
      file: "model.onnx",
      sha256: String(repeating: "0", count: 64)
    )
    let sample = try manifest.json()
    var refused = 0
    for _ in 0..<20_000 {
      do { _ = try ModelManifest.read(mutator.mutate(sample)) } catch { refused += 1 }
    }
    #expect(refused > 5_000)
  }
}

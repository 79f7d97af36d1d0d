import Storage
import Datasets
import Glibc
import Tensors
import Testing

@testable import Service

/// The same examples are the same set, whatever file they come from.
@Suite struct ExampleFormatTests {
  private typealias Fixtures = ExampleFixtures

  private func read(
    _ bytes: [UInt8],
    _ name: String = "data",
    _ targets: ExampleSchema.Targets = .classes(ExampleFixtures.labels)
  ) throws -> ExampleSet {
    try ExampleReader(try Fixtures.schema(targets)).read(bytes, name: name)
  }

  private func inline(
    _ bytes: [UInt8],
    _ targets: ExampleSchema.Targets = .classes(ExampleFixtures.labels)
  ) throws -> ExampleSet {
    let reader = InlineExamples(try Fixtures.schema(targets))
    return try bytes.withUnsafeBytes { body throws(ExampleProblems) in try reader.read(body) }
  }

  /// With a new head the targets of the first row tell how many numbers it gives.
  @Test func newValuesAreAsManyAsTheTargetsHave() throws {
    let inputs = try Fixtures.inputs()
    let x = Tensor(inputs.flatMap { $0 }, [6, 6])
    for width in 1...3 {
      let targets = (0..<6).map { row in (0..<width).map { Float(row * 10 + $0) } }
      let rows = zip(inputs, targets)
      let json = rows.map { "{\"input\":\($0),\"target\":\($1)}\n" }.joined()
      let plain = rows.map { ($0 + $1).map(\.description).joined(separator: ",") + "\n" }.joined()
      let names = "abcdef".map { "\($0)" } + (0..<width).map { "target_\($0)" }
      let y = Tensor(targets.flatMap { $0 }, width == 1 ? [6] : [6, width])
      let body = "{\"instances\":\(inputs),\"targets\":\(targets)}"
      let sets = [
        try read(Array(json.utf8), "a.jsonl", .newValues),
        try read(Array(plain.utf8), "a.csv", .newValues),
        try read(Array((names.joined(separator: ",") + "\n" + plain).utf8), "b.csv", .newValues),
        try read(NPZ.write([.init("x", x), .init("y", y)]), "a.npz", .newValues),
        try inline(Array(body.utf8), .newValues),
      ]
      for set in sets {
        #expect(set.dataset.labels == Tensor(targets.flatMap { $0 }, [6, width]))
        #expect(set.labels.isEmpty)
      }
    }
    let uneven =
      "{\"input\":\(inputs[0]),\"target\":[1,2]}\n{\"input\":\(inputs[1]),\"target\":3}\n"
    let problems = #expect(throws: ExampleProblems.self) {
      try read(Array(uneven.utf8), "a.jsonl", .newValues)
    }
    #expect("\(problems ?? ExampleProblems())" == "line 2, target: expected 2 numbers, got 1")
    #expect(throws: ExampleProblems.self) {
      try read(Array("{\"input\":\(inputs[0]),\"target\":[]}\n".utf8), "a.jsonl", .newValues)
    }
  }

  @Test func allFormatsGiveTheSameSet() throws {
    let reference = try read(Fixtures.jsonLines())
    #expect(reference.dataset.features.shape == [6, 1, 2, 3])
    #expect(
      reference.dataset.features.elements(of: Float.self) == (try Fixtures.inputs().flatMap { $0 })
    )
    #expect(reference.dataset.labels == Tensor(vector: Fixtures.classes))
    #expect(reference.labels == Fixtures.labels && reference.counts == [2, 2, 2])
    #expect(reference.digest.utf8.count == 64 && reference.warnings == [])
    let files = [
      ("mixed.jsonl", try Fixtures.mixedJSONLines()),
      ("header.csv", try Fixtures.csv(header: true)),
      ("plain.csv", try Fixtures.csv(header: false)), ("x.npz", try Fixtures.npz(pixels: false)),
      ("pixels.npz", try Fixtures.npz(pixels: true)),
      ("idx.tar", try Fixtures.idx(compressed: false)),
      ("idxgz.tar", try Fixtures.idx(compressed: true)),
      ("f.tar", try Fixtures.folders(leading: "")),
      ("own.npz", try reference.npz()), ("lead.tar", try Fixtures.folders(leading: "./set/")),
    ]
    for (name, bytes) in files {
      // The content tells the format; the name is only a help.
      for (given, bytes) in [
        (name, bytes), ("file-7", bytes), ("x.gz", try Deflate.deflate(bytes, .gzip)),
      ] {
        let set = try read(bytes, given)
        #expect(set.digest == reference.digest, "\(name) as \(given)")
        #expect(set.dataset.features == reference.dataset.features, "\(name)")
        #expect(set.dataset.labels == reference.dataset.labels, "\(name)")
      }
    }
    #expect(try inline(Fixtures.inline()).digest == reference.digest)
  }

  @Test func aStoredFileIsStreamed() throws {
    let path = "/tmp/martlet-examples-\(getpid()).jsonl"
    defer { unlink(path) }
    try FileAccess.create(path, try Fixtures.jsonLines())
    let reader = ExampleReader(try Fixtures.schema())
    #expect(try reader.read(path: path, name: "a.jsonl").count == 6)
    #expect(throws: ExampleProblems.self) { try reader.read(path: path + "-none", name: "a") }
  }

  @Test func theDigestKnowsValuesLabelsNamesAndOrder() throws {
    let rows = [
      #"{"input":[1,2,3,4,5,6],"label":"cat"}"#, #"{"input":[1,2,3,4,5,7],"label":"cat"}"#,
      #"{"input":[1,2,3,4,5,6],"label":"dog"}"#,
    ]
    let texts = [
      rows[0], rows[1], rows[2], rows[0] + "\n" + rows[1], rows[1] + "\n" + rows[0],
    ]
    var digests = Set(try texts.map { try read(Array($0.utf8)).digest })
    digests.insert(try read(Array(rows[0].utf8), "a", .classes(["cat", "dog"])).digest)
    #expect(digests.count == texts.count + 1)
  }

  @Test func newClassesAreCollectedAndSorted() throws {
    for bytes in [
      try Fixtures.jsonLines(), try Fixtures.csv(header: true), try Fixtures.folders(leading: ""),
    ] {
      let set = try read(bytes, "data", .newClasses(nil))
      #expect(set.labels == Fixtures.labels)
      #expect(set.dataset.labels == Tensor(vector: Fixtures.classes))
      // Collected names come back from the canonical file.
      #expect(try read(set.npz(), "a", .newClasses(nil)).digest == set.digest)
      #expect(try read(set.npz()).digest == set.digest)
    }
    let numbers = try read(Fixtures.idx(compressed: false), "data", .newClasses(nil))
    #expect(numbers.labels == ["0", "1", "2"])
    let given = try read(Fixtures.jsonLines(), "data", .newClasses(["owl", "dog", "cat", "newt"]))
    #expect(given.dataset.labels == Tensor(vector: Fixtures.classes.map { 2 - $0 }))
    #expect(given.counts == [2, 2, 2, 0] && given.warnings == ["no examples of 'newt'"])
  }

  @Test func severalLabelsARow() throws {
    let kind = ExampleSchema.Targets.multiLabel(Fixtures.labels)
    let text = """
      {"input": [1,2,3,4,5,6], "label": ["owl", 0]}
      {"input": [1,2,3,4,5,6], "label": []}
      {"input": [1,2,3,4,5,6], "label": "dog"}
      """
    let set = try read(Array(text.utf8), "a", kind)
    let answers = Tensor([1, 0, 1, 0, 0, 0, 0, 1, 0] as [Float], [3, 3])
    #expect(set.dataset.labels == answers && set.counts == [1, 1, 1])
    let csv = "a,b,c,d,e,f,label\n1,2,3,4,5,6,cat|owl\n1,2,3,4,5,6,\n1,2,3,4,5,6,1\n"
    #expect(try read(Array(csv.utf8), "a", kind).digest == set.digest)
    #expect(try read(set.npz(), "a", kind).digest == set.digest)
    let body = """
      {"instances": [[1,2,3,4,5,6],[1,2,3,4,5,6],[1,2,3,4,5,6]],
       "labels": [["cat","owl"], [], ["dog"]]}
      """
    #expect(try inline(Array(body.utf8), kind).digest == set.digest)
    let turned = try NPZ.write([
      .init("x", set.dataset.features), .init("y", answers),
      .init("class_names", Tensor(vector: Array("owl\ndog\ncat\n".utf8))),
    ])
    #expect(try read(turned, "a", kind).dataset.labels == answers)
  }

  @Test func values() throws {
    let kind = ExampleSchema.Targets.values(2)
    let text = """
      {"input": [1,2,3,4,5,6], "target": [0.5, -1]}
      {"target": [2, 1e3], "input": [6,5,4,3,2,1]}
      """
    let set = try read(Array(text.utf8), "a", kind)
    #expect(set.dataset.labels == Tensor([0.5, -1, 2, 1000] as [Float], [2, 2]))
    #expect(set.labels == [] && set.counts == [])
    for csv in [
      "1,2,3,4,5,6,0.5,-1\n6,5,4,3,2,1,2,1000", "1,2,3,4,5,6, +.5 ,-1\n6,5,4,3,2,1,2,\"1e3\"",
      "target_1,a,b,c,d,e,f,Target_2\n0.5,1,2,3,4,5,6,-1\n2,6,5,4,3,2,1,1000\n",
    ] {
      #expect(try read(Array(csv.utf8), "a.csv", kind).digest == set.digest)
    }
    #expect(try read(set.npz(), "a", kind).digest == set.digest)
    let body = #"{"instances": [[1,2,3,4,5,6],[6,5,4,3,2,1]], "targets": [[0.5,-1],[2,1000]]}"#
    #expect(try inline(Array(body.utf8), kind).digest == set.digest)
    let one = try read(Array("1,2,3,4,5,6,7\n".utf8), "a", .values(1))
    #expect(one.dataset.labels.shape == [1, 1])
  }

  @Test func coloursInBothOrders() throws {
    let image = ImagePreprocessing(channels: 3, height: 1, width: 2)
    let schema = try ExampleSchema(rowShape: [3, 1, 2], image: image, targets: .classes(["a"]))
    let sets = try [
      Tensor([1, 2, 3, 4, 5, 6] as [UInt8], [1, 3, 1, 2]),
      Tensor([1, 3, 5, 2, 4, 6] as [UInt8], [1, 1, 2, 3]),
      Tensor([1, 2, 3, 4, 5, 6] as [UInt8], [1, 6]),
    ].map { pixels in
      let file = try NPZ.write([
        .init("x", pixels), .init("y", Tensor(vector: [0] as [Int64])),
      ])
      return try ExampleReader(schema).read(file, name: "a.npz")
    }
    #expect(Set(sets.map(\.digest)).count == 1)
    #expect(sets[0].dataset.features.elements(of: Float.self)[5] == Float(6) * Float(1.0 / 255))
  }

  @Test func jpegStandsBesidePNG() throws {
    let png = try PNG.encode(Fixtures.picture([UInt8](repeating: 200, count: 6)))
    let archive = try TarWriter.write([
      ("cat/1.jpg", SmallJPEG.file), ("dog/2.JPEG", SmallJPEG.file), ("owl/3.png", png),
      ("owl/4", SmallJPEG.file),
    ])
    let lines = ["\"\(SmallJPEG.base64)\"", "\"\(Fixtures.base64(png))\""].map {
      "{\"input\": {\"b64\": \($0)}, \"label\": 0}\n"
    }
    for (file, count) in [(archive, 4), (Array(lines.joined().utf8), 2)] {
      let set = try read(file)
      #expect(set.warnings.allSatisfy { !$0.contains("no pictures") })
      let values = set.dataset.features.elements(of: Float.self)
      #expect(values == [Float](repeating: 200 * Float(1.0 / 255), count: 6 * count))
    }
  }

  @Test func whatIsLeftOutIsSaid() throws {
    #expect(try read(Fixtures.idx(compressed: true)).warnings.count == 1)
    var files: [(String, [UInt8])] = [("set/readme.txt", Array("hello".utf8))]
    files.append(("set/cat/1.png", try PNG.encode(Fixtures.picture(Fixtures.pixels[0]))))
    let set = try read(TarWriter.write(files))
    #expect(
      set.warnings == ["1 files that are no pictures are not used", "no examples of 'dog', 'owl'"]
    )
    let plain = try ExampleReader(Fixtures.schema(image: nil)).read(
      Fixtures.npz(pixels: true),
      name: "a"
    )
    #expect(plain.warnings.count == 1 && plain.dataset.features.elements(of: Float.self)[1] == 7)
  }

  @Test func theSplitFollowsSeedAndContent() throws {
    let set = try read(Fixtures.jsonLines())
    let split = set.split(validationFraction: 0.5, seed: 3)
    #expect(split == (try read(Fixtures.csv(header: true)).split(validationFraction: 0.5, seed: 3)))
    #expect(split.validation.map { Fixtures.classes[$0] }.sorted() == [0, 1, 2])
    let others = (0..<20).map { set.split(validationFraction: 0.5, seed: $0) }
    #expect(others.contains { $0 != split })
  }
}

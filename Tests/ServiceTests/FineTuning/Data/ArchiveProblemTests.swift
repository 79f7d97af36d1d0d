import Datasets
import Tensors
import Testing

@testable import Service

/// What can be wrong with archives and arrays of examples.
@Suite struct ArchiveProblemTests {
  private typealias Fixtures = ExampleFixtures

  private func text(
    _ bytes: [UInt8],
    _ targets: ExampleSchema.Targets = .classes(ExampleFixtures.labels),
    image: ImagePreprocessing? = ExampleFixtures.image
  ) throws -> String {
    let reader = ExampleReader(try Fixtures.schema(targets, image: image))
    return try #require(throws: ExampleProblems.self) { try reader.read(bytes, name: "a") }
      .description
  }

  private func pack(_ names: [String]) throws -> [UInt8] {
    let png = try PNG.encode(Fixtures.picture(Fixtures.pixels[0]))
    return try TarWriter.write(names.map { ($0, png) })
  }

  @Test(arguments: [
    (["1.png"], "member '1.png', member: expected class/picture.png, got no folder"),
    (
      ["bat/1.png"],
      "member 'bat/1.png', label: expected one of 'cat', 'dog', 'owl', or an index of 0 to 2, got 'bat'"
    ),
    (
      ["set/cat/1.png", "other/dog/2.png"],
      "member 'other/dog/2.png', member: expected class/picture.png in the folder 'set', got a class in 'other'"
    ),
    (
      ["cat/1.png", "cat/more/2.png"],
      "member 'cat/more/2.png', member: expected class/picture.png, got a class in 'cat'"
    ),
  ]) func folders(names: [String], message: String) throws {
    #expect(try text(pack(names)) == message)
  }

  @Test func picturesThatCannotBeRead() throws {
    let png = try PNG.encode(Fixtures.picture(Fixtures.pixels[0]))
    let gif = try TarWriter.write([("cat/1.gif", Array("GIF89a".utf8))])
    #expect(
      try text(gif)
        == "member 'cat/1.gif', member: expected a PNG or JPEG picture, got another format"
    )
    let cut = try TarWriter.write([("cat/1.png", Array(png.dropLast(9))), ("cat/2.png", png)])
    #expect(try text(cut).hasPrefix("member 'cat/1.png', member: png, byte"))
    #expect(
      try text(pack(["cat/1.png"]), image: nil).contains("no image preprocessing, got a picture")
    )
    let link = try TarWriter.write([("../cat/1.png", png)])
    #expect(try text(link).hasPrefix("file, archive: tar, byte 0: entry '../cat/1.png' has '..'"))
  }

  @Test func idxFilesThatDoNotFit() throws {
    let images = try IDX.write(Tensor(Fixtures.pixels.flatMap { $0 }, [6, 2, 3]))
    let labels = try IDX.write(Tensor(vector: [0, 1, 2, 0, 1] as [UInt8]))
    let png = try PNG.encode(Fixtures.picture(Fixtures.pixels[0]))
    func pair(_ files: [(String, [UInt8])]) throws -> String { try text(TarWriter.write(files)) }
    #expect(
      try pair([("a-images", images), ("a-labels", labels)]).contains(
        "label: expected 6 rows, got 5"
      )
    )
    #expect(try pair([("a-images", images)]).contains("expected a pair such as"))
    #expect(
      try pair([("a-images", images), ("b-labels", labels)]).contains("got a-images, b-labels")
    )
    #expect(try pair([("x/a-images", images), ("y/a-images", images)]).contains("got two"))
    #expect(
      try pair([
        ("a-images", images), ("a-labels", labels), ("b-images", images), ("b-labels", labels),
      ]).contains("expected a pair such as")
    )
    #expect(try pair([("a-images", images), ("cat/1.png", png)]).contains("got both"))
    #expect(
      try pair([("a-images.idx", [1, 2])]).hasPrefix("member 'a-images.idx', idx: idx, byte 0")
    )
  }

  @Test func arraysThatDoNotFit() throws {
    let x = Tensor(zeros: .float32, [2, 6])
    let y = Tensor(vector: [0, 1] as [Int64])
    func message(
      _ entries: [NPZ.Entry],
      _ targets: ExampleSchema.Targets = .classes(Fixtures.labels)
    ) throws -> String { try text(NPZ.write(entries), targets) }
    #expect(try message([.init("x", x)]).contains("label: expected one array named label"))
    #expect(try message([.init("y", y)]).contains("input: expected one array named input"))
    #expect(
      try message([.init("x", x), .init("y", y), .init("label", y)]).contains("got y, label")
    )
    let five = Tensor(zeros: .float32, [2, 5])
    #expect(
      try message([.init("x", five), .init("y", y)]).contains("expected 6 numbers ([1,2,3]), got 5")
    )
    #expect(
      try message([.init("x", x), .init("y", Tensor(vector: [0] as [Int64]))])
        .contains("label: expected 2 rows, got 1")
    )
    #expect(try message([.init("x", x), .init("y", x)]).contains("expected shape [N], got [2,6]"))
    #expect(
      try message([.init("x", x), .init("y", y)], .values(3)).contains(
        "expected shape [N,3], got [2]"
      )
    )
    #expect(
      try message([.init("x", x), .init("y", Tensor(vector: [0, 0.5] as [Float]))])
        == "row 2, label: expected a whole number, got 0.5"
    )
    #expect(
      try message([.init("x", x), .init("y", Tensor(vector: [3, .infinity] as [Float]))])
        .hasSuffix("got index 3; row 2, label: expected a whole number, got inf")
    )
    let infinite = Tensor([0, 0, 0, 0, 0, 0, 0, 1e300, 0, 0, 0, 0] as [Double], [2, 6])
    #expect(
      try message([.init("x", infinite), .init("y", y)])
        == "row 2, input: expected finite numbers, got inf as value 2"
    )
    let shares = Tensor([0, 1, 2, 0, 1, 0] as [Float], [2, 3])
    #expect(
      try message([.init("x", x), .init("y", shares)], .multiLabel(Fixtures.labels))
        == "row 1, label: expected 0 or 1 for each class, got 2.0"
    )
    let names = NPZ.Entry("class_names", Tensor(vector: Array("cat".utf8)))
    #expect(try message([.init("x", x), .init("y", y), names]).contains("a line feed behind each"))
    let one = NPZ.Entry("class_names", Tensor(vector: Array("cat\n".utf8)))
    #expect(
      try message([.init("x", x), .init("y", y), one]) == "row 2, label: expected 0 to 0, got 1"
    )
    let bytes = NPZ.Entry("x", Tensor(zeros: .uint8, [2, 2, 9, 9, 9]))
    #expect(try message([bytes, .init("y", y)]).contains("expected bytes of pictures"))
    let scalar = NPZ.Entry("x", Tensor(scalar: 1 as Float))
    #expect(try message([scalar, .init("y", y)]).contains("expected arrays with rows"))
    let none = NPZ.Entry("x", Tensor(zeros: .float32, [0, 6]))
    #expect(
      try message([none, .init("y", Tensor(zeros: .int64, [0]))]).contains("at least one example")
    )
  }
}

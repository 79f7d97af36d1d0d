import Dispatch
import GraphIR
import HTTP
import ONNXFormat
import Storage
import Synchronization
import Testing

@testable import Service

@Suite struct VersionPublisherTests {
  let fixture: AliasFixture
  let publisher: VersionPublisher

  init() throws {
    fixture = try AliasFixture(["plain 1", "plain 2"])
    publisher = VersionPublisher(fixture.repository, aliases: fixture.store)
  }

  static func manifest(_ version: Int, job: String?, model: String = "m") -> ModelManifest {
    ModelManifest(
      name: model,
      version: version,
      task: "tensor",
      signature: .init(inputs: [], outputs: []),
      lineage: .init(parent: "m/1", job: job)
    )
  }

  func publish(_ version: Int, job: String?, _ text: String = "plain 7", model: String = "m") throws
  {
    try publisher.publish(
      Self.manifest(version, job: job, model: model),
      graphBytes: ["main": Array(text.utf8)]
    )
  }

  @Test func aJobHasOneNumber() throws {
    #expect(try publisher.reserve("m", job: "a") == 3)
    #expect(try publisher.reserve("m", job: "b") == 4)
    #expect(try publisher.reserve("m", job: "a") == 3)
    try publisher.release("m", job: "b")
    #expect(try publisher.reserve("m", job: "c") == 4)
    // What a crash has left of a version that was being written takes its number too.
    try fixture.folder.write("m/.9.123.456/model.onnx", "")
    #expect(try publisher.reserve("m", job: "d") == 10)
    // Nothing of this is served.
    fixture.repository.refresh()
    #expect(fixture.model?.versions.map(\.number) == [2, 1])
    #expect(throws: ServiceError.self) { try publisher.reserve("none", job: "a") }
  }

  @Test func noTwoJobsGetTheSameNumber() throws {
    let numbers = Mutex<[Int]>([])
    // A second publisher stands for a second process.
    let other = VersionPublisher(
      try AliasFixture([], in: fixture.folder).repository,
      aliases: fixture.store
    )
    DispatchQueue.concurrentPerform(iterations: 40) { [publisher] index in
      let number = try? (index % 2 == 0 ? publisher : other).reserve("m", job: "job-\(index)")
      numbers.withLock { $0.append(number ?? -1) }
    }
    #expect(numbers.withLock { $0.sorted() } == Array(3...42))
  }

  @Test func aPublishedVersionWaitsForItsPromotion() throws {
    let number = try publisher.reserve("m", job: "a")
    try publish(number, job: "a")
    #expect(fixture.model?.versions.map(\.number) == [3, 2, 1])
    #expect(fixture.model?.latest?.version == 3)
    #expect(fixture.model?.serving?.version == 2)
    #expect(fixture.alias() == AliasDocument(name: "stable", version: 2, revision: 1))
    let names = try FileAccess.names(in: "\(fixture.folder.path)/m")
    #expect(names == ["1", "2", "3", "aliases.json"])
    try fixture.store.promote(3, of: "m", expected: .version(2), actor: "job a")
    #expect(fixture.model?.serving?.version == 3)
    let entry = try fixture.store.audit(.init(limit: 1)).entries.first?.entry
    #expect(entry?.sha256 == SHA256.hexDigest(of: Array("plain 7".utf8)))
    #expect(try fixture.log() == ["pin ->2 r1", "promote 2>3 r2"])
  }

  @Test func publishingAgainIsNotPublishingTwice() throws {
    let number = try publisher.reserve("m", job: "a")
    try fixture.folder.write("m/.3.123.456/model.onnx", "half")
    try publish(number, job: "a")
    try publish(number, job: "a", "other bytes")
    let file = "\(fixture.folder.path)/m/3/model.onnx"
    #expect(try FileAccess.read(file, byteCountMax: 100) == Array("plain 7".utf8))
    #expect(try publisher.reserve("m", job: "a") == 3)
    #expect(try publisher.reserve("m", job: "b") == 4)
    for (version, job) in [(3, "b"), (4, "a"), (7, "a")] {
      let error = #expect(throws: ServiceError.self) { try publish(version, job: job) }
      #expect(error?.status == .conflict)
    }
    #expect(throws: ServiceError.self) { try publish(3, job: nil) }
    #expect(throws: ServiceError.self) { try publish(1, job: "a", model: "../m") }
  }

  @Test func aSingleFileGetsVersionsBesideIt() throws {
    try fixture.folder.write("mnist-8.onnx", "plain 1")
    fixture.repository.refresh()
    fixture.repository.refresh()
    let number = try publisher.reserve("mnist-8", job: "a")
    #expect(number == 2)
    try publish(number, job: "a", model: "mnist-8")
    let model = fixture.repository.snapshot.models.first { $0.name == "mnist-8" }
    #expect(model?.versions.map(\.number) == [2, 1])
    #expect(model?.serving?.version == 1)
    try fixture.store.promote(2, of: "mnist-8", actor: "job a")
    fixture.repository.refresh()
    #expect(fixture.repository.snapshot.models.last?.serving?.version == 2)
  }

  @Test func graphsAreWrittenAsONNX() throws {
    let number = try publisher.reserve("m", job: "a")
    let graph = try CheckpointLoaderTests.graph()
    var manifest = Self.manifest(number, job: "a")
    manifest.signature = .init(of: graph)
    try publisher.publish(manifest, graphs: ["main": graph])
    let folder = try ModelFolder.open("\(fixture.folder.path)/m/\(number)")
    #expect(try folder.graph().outputs.count == 2)
  }
}

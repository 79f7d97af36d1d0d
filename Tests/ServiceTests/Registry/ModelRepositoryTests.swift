import HTTP
import Synchronization
import Tensors
import Testing

@testable import Service

/// The models folder: what is found, loaded, swapped and given up.
@Suite struct ModelRepositoryTests {
  let folder = TemporaryFolder()

  func repository(_ change: (inout ServiceLimits) -> Void = { _ in }) -> ModelRepository {
    var limits = ServiceLimits()
    limits.pollSeconds = 0
    change(&limits)
    return ModelRepository(root: folder.path, loader: FakeLoader(), limits: limits)
  }

  /// `name/version state ...` of everything.
  static func states(_ repository: ModelRepository) -> [String] {
    repository.snapshot.models.flatMap { model in
      model.versions.map { "\(model.name)/\($0.number) \($0.state.name)" }
    }
  }

  @Test func findsFoldersAndFiles() throws {
    try folder.write("a/1/model.onnx", "plain")
    try folder.write("a/10/model.onnx", "plain")
    try folder.write("a/2/model.onnx", "plain")
    try folder.write("a/02/model.onnx", "plain")
    try folder.write("a/x/model.onnx", "plain")
    try folder.write("a/5/other.txt", "")
    try folder.write("mnist-8.onnx", "plain")
    try folder.write(".hidden/1/model.onnx", "plain")
    try folder.write("bad name/1/model.onnx", "plain")
    try folder.write("readme.txt", "")
    let repository = repository()
    #expect(repository.unreadyReasons == ["models are loading"])
    repository.refresh()
    #expect(
      Self.states(repository) == [
        "a/10 AVAILABLE", "a/2 AVAILABLE", "a/1 AVAILABLE", "mnist-8/1 AVAILABLE",
      ]
    )
    #expect(repository.unreadyReasons == [])
  }

  @Test func aFileAndAFolderOfOneNameAreOneModel() throws {
    try folder.write("mnist-8.onnx", "plain 1")
    try folder.write("mnist-8/2/model.onnx", "plain 2")
    try folder.write("mnist-8/aliases.json", #"{"stable": 1}"#)
    try folder.write("both.onnx", "plain")
    try folder.write("both/1/model.onnx", "plain")
    let scan = try RepositoryScan(root: folder.path, limits: ServiceLimits())
    #expect(scan.problems == ["'both.onnx' is left out: it is version 1, and so is 'both/1'"])
    let repository = repository()
    repository.refresh()
    #expect(
      Self.states(repository) == ["both/1 AVAILABLE", "mnist-8/2 AVAILABLE", "mnist-8/1 AVAILABLE"]
    )
    #expect(try host(repository.snapshot, "mnist-8", nil).version == 1)
  }

  @Test func anAliasedVersionIsListedHoweverOld() throws {
    for version in 1...5 { try folder.write("m/\(version)/model.onnx", "plain") }
    try folder.write(
      "m/aliases.json",
      #"{"stable": {"version": 1, "canary": {"version": 2, "percent": 5}}}"#
    )
    let repository = repository {
      $0.loadedVersionsPerModel = 1
      $0.listedVersionsPerModel = 2
    }
    repository.refresh()
    #expect(
      Self.states(repository) == ["m/5 AVAILABLE", "m/4 END", "m/2 AVAILABLE", "m/1 AVAILABLE"]
    )
  }

  @Test func keepsTheNewestAndTheAliased() throws {
    for version in 1...6 {
      try folder.write("m/\(version)/model.onnx", version == 5 ? "damaged" : "plain")
    }
    try folder.write("m/aliases.json", #"{"old": 1, "gone": 9}"#)
    let repository = repository { $0.loadedVersionsPerModel = 2 }
    repository.refresh()
    #expect(
      Self.states(repository) == [
        "m/6 AVAILABLE", "m/5 END", "m/4 AVAILABLE", "m/3 END", "m/2 END", "m/1 AVAILABLE",
      ]
    )
    let snapshot = repository.snapshot
    #expect(throws: ServiceError.self) { try host(snapshot, "m", .version("3")) }
    #expect(throws: ServiceError.self) { try host(snapshot, "m", .label("gone")) }
    #expect(try host(snapshot, "m", .label("old")).version == 1)
    #expect(try host(snapshot, "m", nil).version == 6)
    try folder.write("m/7/model.onnx", "plain")
    try folder.write("m/7/model.json", "{}")
    repository.refresh()
    #expect(Self.states(repository).prefix(3) == ["m/7 AVAILABLE", "m/6 AVAILABLE", "m/5 END"])
    #expect(Self.states(repository)[3] == "m/4 END")
  }

  @Test func aHalfWrittenVersionIsNotSeen() throws {
    try folder.write("m/1/model.onnx", "plain 1")
    let repository = repository()
    repository.refresh()
    try folder.write("m/2/model.onnx", "dam")
    repository.refresh()
    #expect(try host(repository.snapshot, "m", nil).version == 1)
    #expect(Self.states(repository) == ["m/2 LOADING", "m/1 AVAILABLE"])
    // Still growing: it must stand still for a whole look.
    try folder.write("m/2/model.onnx", "plain 2")
    repository.refresh()
    #expect(try host(repository.snapshot, "m", nil).version == 1)
    repository.refresh()
    #expect(try host(repository.snapshot, "m", nil).version == 2)
    // With a manifest, which is written last, there is nothing to wait for.
    try folder.write("m/3/model.onnx", "plain 3")
    try folder.write("m/3/model.json", "{}")
    repository.refresh()
    #expect(try host(repository.snapshot, "m", nil).version == 3)
  }

  @Test func aReplacedFileIsLoadedAgainAndADamagedOneRetried() throws {
    try folder.write("m.onnx", "damaged")
    let repository = repository()
    repository.refresh()
    #expect(Self.states(repository) == ["m/1 END"])
    #expect(repository.unreadyReasons == ["model 'm' has no version that answers"])
    try folder.write("m.onnx", "plain 7")
    repository.refresh()
    repository.refresh()
    let first = try host(repository.snapshot, "m", nil)
    try folder.write("m.onnx", "plain 8")
    repository.refresh()
    #expect(try host(repository.snapshot, "m", nil) === first)
    repository.refresh()
    #expect(try host(repository.snapshot, "m", nil) !== first)
  }

  @Test func removedModelsGoWithTheirMemory() throws {
    try folder.write("m/1/model.onnx", "plain")
    try folder.write("m/2/model.onnx", "plain")
    let repository = repository()
    repository.refresh()
    weak let second = try host(repository.snapshot, "m", nil)
    #expect(second?.version == 2)
    folder.remove("m/2")
    repository.refresh()
    #expect(second == nil)
    #expect(Self.states(repository) == ["m/1 AVAILABLE"])
    folder.remove("m")
    repository.refresh()
    #expect(Self.states(repository) == [])
  }

  @Test func damagedAliasesAreReported() throws {
    try folder.write("m/1/model.onnx", "plain")
    let repository = repository()
    for (text, message) in [
      ("{", "expected a string, found the end"),
      ("[]", "expected an object of version numbers, found an array"),
      (#"{"a": 1.5}"#, "'a' must be a valid name with a version number"),
      (#"{"../a": 1}"#, "'../a' must be a valid name"), (#"{"a": 0}"#, "'a' must be"),
    ] {
      try folder.write("m/aliases.json", text)
      repository.refresh()
      #expect(repository.snapshot.models[0].aliasProblem?.contains(message) == true, "\(text)")
    }
  }

  @Test func aMissingFolderIsAReasonThatIsToldOnce() {
    let told = Mutex<[String]>([])
    let repository = ModelRepository(root: "/nonexistent/models", loader: FakeLoader()) { event in
      if case .problem(let text) = event { told.withLock { $0.append(text) } }
    }
    repository.refresh()
    repository.refresh()
    let reason = "cannot read the models folder /nonexistent/models"
    #expect(repository.unreadyReasons == [reason])
    #expect(told.withLock { $0 } == [reason])
  }

  @Test func names() {
    for good in ["a", "A-b_c.9", String(repeating: "x", count: 128)] {
      #expect(ModelName.isValid(good))
    }
    for bad in ["", ".a", "a/b", "a b", "é", "a\u{0}", String(repeating: "x", count: 129)] {
      #expect(!ModelName.isValid(bad), "\(bad)")
    }
    #expect(ModelName.version("7") == 7)
    for bad in ["", "0", "07", "+7", "-7", "7a", "٧", "99999999999999999999"] {
      #expect(ModelName.version(bad) == nil, "\(bad)")
    }
  }

  /// A selector as text.
  enum Selected {
    case version(String)
    case label(String)
  }

  func host(_ snapshot: RegistrySnapshot, _ name: String, _ selected: Selected?) throws -> ModelHost
  {
    try Array(name.utf8).withUnsafeBytes { name in
      switch selected {
      case nil: return try snapshot.host(BorrowedBytes(name), .latest)
      case .version(let text):
        return try Array(text.utf8).withUnsafeBytes {
          try snapshot.host(BorrowedBytes(name), .version(BorrowedBytes($0)))
        }
      case .label(let text):
        return try Array(text.utf8).withUnsafeBytes {
          try snapshot.host(BorrowedBytes(name), .label(BorrowedBytes($0)))
        }
      }
    }
  }
}

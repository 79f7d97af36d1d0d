import Glibc
import Storage
import Testing

@testable import Service

@Suite struct FileLibraryTests {
  private static let id = "file-abcdefghijklmnopqrstuvwx"

  /// Stores a file as an upload does.
  private func store(_ content: String, in library: FileLibrary) throws -> StoredFile {
    let id = RandomIdentifier.make(FileLibrary.idPrefix)
    let bytes = Array(content.utf8)
    try library.beginUpload(announcedBytes: bytes.count)
    try library.reserve(bytes.count)
    try FileAccess.create(library.partPath(of: id), bytes)
    return try library.store(
      id,
      filename: "a \"quoted\"\nname",
      purpose: "fine-tune",
      byteCount: bytes.count,
      digest: SHA256.hexDigest(of: bytes)
    )
  }

  @Test func storedFilesAreThereAfterARestart() throws {
    let folder = TemporaryFolder()
    let files = try (0..<3).map {
      try store("content \($0)", in: try FileLibrary(folder: folder.path))
    }
    let library = try FileLibrary(folder: folder.path)
    #expect(library.files == files)
    #expect(library.problems.isEmpty)
    #expect(files.map(\.sequence) == [1, 2, 3])
    #expect(library.file(files[1].id) == files[1])
    #expect(library.holding(files[2].id) { $0 } == files[2])
    #expect(library.file("file-") == nil)
  }

  /// The states that a crash can leave behind, step by step of an upload and of a deletion.
  @Test(arguments: [
    ["part"], ["data"], ["data", "part"], ["data", "json"],
  ])
  func crashLeavesTheWholeFileOrNothing(suffixes: [String]) throws {
    let folder = TemporaryFolder()
    let file = try store("content", in: try FileLibrary(folder: folder.path))
    for suffix in ["data", "json"] where !suffixes.contains(suffix) {
      unlink("\(folder.path)/\(file.id).\(suffix)")
    }
    if suffixes.contains("part") {
      try FileAccess.create("\(folder.path)/\(file.id).part", [1, 2, 3])
    }
    if suffixes == ["data"] {
      try FileAccess.create("\(folder.path)/\(file.id).json.7-0.tmp", [0x7B])
    }
    let library = try FileLibrary(folder: folder.path)
    let isWhole = suffixes == ["data", "json"]
    #expect(library.files == (isWhole ? [file] : []))
    #expect(library.problems.isEmpty)
    #expect(try FileAccess.names(in: folder.path).count == (isWhole ? 2 : 0))
  }

  @Test func foreignFilesAreLeftAlone() throws {
    let folder = TemporaryFolder()
    for name in ["notes.json", "x.part", "file-short.data", "file-ABCDEFGHIJKLMNOPQRSTUVWX.part"] {
      try folder.write(name, "x")
    }
    #expect(try FileLibrary(folder: folder.path).files.isEmpty)
    #expect(try FileAccess.names(in: folder.path).count == 4)
  }

  @Test(arguments: [
    "", "{}", "[]", "{\"id\":7}", "{\"id\":\"file-other\"", "\u{0}",
    "{\"id\":\"file-abcdefghijklmnopqrstuvwx\",\"filename\":\"a\",\"purpose\":\"p\",\"bytes\":-1,\"created_at\":1,\"sha256\":\"\",\"sequence\":1}",
    "{\"id\":\"file-abcdefghijklmnopqrstuvwx\",\"filename\":\"a\",\"purpose\":\"p\",\"bytes\":1e300,\"created_at\":1,\"sha256\":\"\",\"sequence\":1}",
    "{\"id\":\"file-abcdefghijklmnopqrstuvwx\",\"filename\":\"a\",\"purpose\":\"p\",\"bytes\":5,\"created_at\":1,\"sha256\":\"\",\"sequence\":1}",
    "{\"id\":\"file-bbbbbbbbbbbbbbbbbbbbbbbb\",\"filename\":\"a\",\"purpose\":\"p\",\"bytes\":1,\"created_at\":1,\"sha256\":\"\",\"sequence\":1}",
  ])
  func damagedRecordsAreProblemsAndKept(record: String) throws {
    let folder = TemporaryFolder()
    try folder.write("\(Self.id).json", record)
    try folder.write("\(Self.id).data", "x")
    let library = try FileLibrary(folder: folder.path)
    #expect(library.files.isEmpty)
    #expect(library.problems.count == 1)
    #expect(try FileAccess.names(in: folder.path).count == 2)
  }

  @Test func failedStoringLeavesNothingAndGivesTheRoomBack() throws {
    let folder = TemporaryFolder()
    var limits = ServiceLimits()
    limits.libraryBytes = 10
    limits.concurrentUploads = 1
    let library = try FileLibrary(folder: folder.path, limits: limits)
    try library.beginUpload(announcedBytes: 10)
    try library.reserve(10)
    #expect(throws: FormatError.self) {
      // Nothing was written.
      _ = try library.store(Self.id, filename: "a", purpose: "p", byteCount: 10, digest: "")
    }
    library.endUpload(reserved: 10)
    #expect(library.files.isEmpty)
    #expect(try FileAccess.names(in: folder.path).isEmpty)
    _ = try store("0123456789", in: library)
    #expect(throws: AdminError.self) { try library.beginUpload(announcedBytes: 1) }
  }

  @Test func identifiersAreOfOneShape() {
    let ids = Set((0..<100).map { _ in RandomIdentifier.make("file-") })
    #expect(ids.count == 100)
    #expect(ids.allSatisfy { RandomIdentifier.isValid($0, "file-") })
    for id in ["", "file-", "file-../../etc/passwd/abcdefg", Self.id + "a", "ftjob-" + Self.id] {
      #expect(!RandomIdentifier.isValid(id, "file-"), "\(id)")
    }
  }

  @Test func aFolderThatCannotBeMadeIsAnError() {
    #expect(throws: FormatError.self) { try FileLibrary(folder: "/proc/nowhere/files") }
  }

  @Test func whatTheServerAddsIsAFileLikeOthers() throws {
    let folder = TemporaryFolder()
    let bytes: [UInt8] = [1, 2, 3]
    let file = try FileLibrary(folder: folder.path).add(
      bytes,
      filename: "inline.npz",
      purpose: "fine-tune"
    )
    let library = try FileLibrary(folder: folder.path)
    #expect(library.files == [file])
    #expect(file.byteCount == 3 && file.digest == SHA256.hexDigest(of: bytes))
    #expect(try FileAccess.read(library.path(of: file), byteCountMax: 10) == bytes)
    try library.delete(file.id)
    #expect(try FileAccess.names(in: folder.path).isEmpty)
  }

  @Test func whatDoesNotFitIsNotAddedAndTakesNoRoom() throws {
    let folder = TemporaryFolder()
    var limits = ServiceLimits()
    limits.libraryBytes = 4
    limits.concurrentUploads = 1
    let library = try FileLibrary(folder: folder.path, limits: limits)
    for _ in 0..<2 {
      let error = #expect(throws: AdminError.self) {
        try library.add([1, 2, 3, 4, 5], filename: "a", purpose: "fine-tune")
      }
      #expect(error?.code == "library_full")
    }
    // A disk that fails gives the room back as well.
    folder.remove("")
    for _ in 0..<2 {
      #expect(throws: FormatError.self) {
        try library.add([1, 2, 3, 4], filename: "a", purpose: "fine-tune")
      }
    }
    try FileAccess.createFolder(folder.path)
    #expect(try library.add([1, 2, 3, 4], filename: "a", purpose: "fine-tune").byteCount == 4)
  }
}

import Storage
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func makesAndReplaces() throws {
    let path = "\(folder.path)/file"
    for bytes in [[1, 2, 3], [], [9]] as [[UInt8]] {
      try AtomicFile.replace(path, bytes)
      #expect(try FileAccess.read(path, byteCountMax: 10) == bytes)
    }
    #expect(try FileAccess.names(in: folder.path) == ["file"])
  }

  @Test func aFailureLeavesTheOldFileAndNothingElse() throws {
    let path = "\(folder.path)/target"
    try FileAccess.createFolder(path)
    try FileAccess.create("\(path)/inside", [7])
    #expect(throws: FormatError.self) { try AtomicFile.replace(path, [1]) }
    #expect(try FileAccess.names(in: folder.path) == ["target"])
    #expect(try FileAccess.read("\(path)/inside", byteCountMax: 1) == [7])
    #expect(throws: FormatError.self) {
      try AtomicFile.replace("\(folder.path)/missing/file", [1])
    }
  }

  @Test func leftoversOfACrashAreRemoved() throws {
    try FileAccess.create("\(folder.path)/a.77-0.tmp", [1])
    try FileAccess.create("\(folder.path)/a", [2])
    AtomicFile.removeLeftovers(in: folder.path)
    #expect(try FileAccess.names(in: folder.path) == ["a"])
  }

  @Test func foldersOfPaths() {
    #expect(FileAccess.folder(of: "a") == ".")
    #expect(FileAccess.folder(of: "/a") == "/")
    #expect(FileAccess.folder(of: "a/b/c") == "a/b")
  }

  @Test func treesAreRemovedWhole() throws {
    try FileAccess.createFolders("\(folder.path)/tree/a/b")
    try FileAccess.create("\(folder.path)/tree/a/b/file", [1])
    try FileAccess.create("\(folder.path)/tree/file", [1])
    FileAccess.removeTree("\(folder.path)/tree")
    #expect(try FileAccess.names(in: folder.path) == [])
  }
}

import Storage
import TestSupport
import Testing

@Suite struct FolderLockTests {
  @Test func oneOwnerAtATime() throws {
    let folder = try TemporaryFolder()
    do {
      let lock = try FolderLock(folder.path)
      #expect(throws: FormatError.self) { _ = try FolderLock(folder.path) }
      withExtendedLifetime(lock) {}
    }
    _ = try FolderLock(folder.path)
  }
}

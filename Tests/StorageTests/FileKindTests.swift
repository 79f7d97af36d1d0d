import Glibc
import Testing

@testable import Storage

@Suite struct FileKindTests {
  @Test func filesFoldersAndDevicesAreToldApart() throws {
    let folder = "/tmp/martlet-kind-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try FileAccess.createFolder(folder)
    defer { FileAccess.removeFlatFolder(folder) }
    try FileAccess.create("\(folder)/a", [1, 2, 3])
    try #require(symlink("\(folder)/a", "\(folder)/b") == 0)
    #expect(try FileKind(folder) == .folder)
    #expect(try FileKind("\(folder)/a") == .file(byteCount: 3))
    #expect(try FileKind("\(folder)/b") == .file(byteCount: 3))
    #expect(try FileKind("/dev/null") == .other)
    #expect(throws: FormatError.self) { try FileKind("\(folder)/c") }
  }
}

import Glibc
import Storage
import Testing

@testable import Datasets

/// Folders of pictures, removed with the suite's instance.
@Suite final class ClassFoldersTests {
  let root = "/tmp/martlet-classes-\(getpid())-\(UInt64.random(in: 0 ... .max))"
  private var folders: [String] = []

  deinit {
    for folder in folders.reversed() { FileAccess.removeFlatFolder(folder) }
  }

  func make(_ folder: String, _ files: [String] = []) throws {
    let path = folder.isEmpty ? root : "\(root)/\(folder)"
    try FileAccess.createFolders(path)
    folders.append(path)
    for (index, file) in files.enumerated() {
      try FileAccess.create("\(path)/\(file)", [UInt8](repeating: 7, count: index + 1))
    }
  }

  @Test func picturesAreListedByTheBytesOfTheirNames() throws {
    try make("")
    try make("dogs", ["b.png", "a.PNG", "c.jpg", "d.JPEG"])
    try make("Cats", ["10.png", "9.png", ".DS_Store"])
    try make(".git", ["x"])
    try make("empty")
    let listed = try ClassFolders(root)
    #expect(
      listed.pictures.map(\.name) == [
        "Cats/10.png", "Cats/9.png", "dogs/a.PNG", "dogs/b.png", "dogs/c.jpg", "dogs/d.JPEG",
      ]
    )
    #expect(listed.pictures.map(\.byteCount) == [1, 2, 2, 1, 3, 4])
    #expect(listed.pictures[0].path == "\(root)/Cats/10.png")
    #expect(listed.classCount == 2)
  }

  @Test(arguments: ["notes.txt", "picture.png"])
  func filesBesideTheClassesAreRefused(name: String) throws {
    try make("", [name])
    try make("cats", ["1.png"])
    let error = #expect(throws: FormatError.self) { try ClassFolders(self.root) }
    #expect(error?.detail.contains("\(root)/\(name) is not a folder") == true)
  }

  @Test func otherPicturesAndDeeperFoldersAreRefused() throws {
    try make("")
    try make("cats", ["1.gif"])
    let error = #expect(throws: FormatError.self) { try ClassFolders(self.root) }
    #expect(error?.detail.contains("\(root)/cats/1.gif is not a PNG or JPEG picture") == true)
    unlink("\(root)/cats/1.gif")
    try make("cats/deep.png")
    #expect(throws: FormatError.self) { try ClassFolders(self.root) }
  }

  @Test func aFolderWithoutPicturesIsRefused() throws {
    #expect(throws: FormatError.self) { try ClassFolders(self.root) }
    try make("")
    try make("cats")
    #expect(throws: FormatError.self) { try ClassFolders(self.root) }
  }
}

import Glibc

/// Keeps a folder for one owner; the system gives it free when the owner or its process goes.
package struct FolderLock: ~Copyable {
  private let file: File

  /// Takes the lock, a file named `lock` in the folder.
  ///
  /// - Throws: `FormatError` where somebody has it.
  package init(_ folder: String) throws(FormatError) {
    let file = try File("\(folder)/lock", O_RDWR | O_CREAT, "cannot open")
    try file.lock()
    self.file = file
  }
}

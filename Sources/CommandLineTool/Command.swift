/// A word behind the program's name.
package protocol Command: Sendable {
  /// Name, arguments and help.
  var specification: CommandSpecification { get }

  /// Does it.
  ///
  /// - Returns: The exit code, 0 for success.
  /// - Throws: `UsageError` for arguments that make no sense together; anything else is reported in one line. Both
  ///   exit with 2.
  func run(_ arguments: Arguments) throws -> Int32
}

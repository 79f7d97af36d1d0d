import Storage

/// The names in a model's folder that stand for version numbers.
///
/// `7` is a version, `.7.reserved` a number that a job will publish under, `.7.<anything>` a version that is being
/// written (or was, when the server crashed). Hidden names are never served.
enum VersionNumbers {
  /// The file that reserves a number; it holds the job's id.
  static func reservation(_ number: Int) -> String { ".\(number).reserved" }

  /// The number that a file reserves; nil for other names.
  static func reserved(_ name: String) -> Int? {
    guard let number = number(name), name == reservation(number) else { return nil }
    return number
  }

  /// Whether a hidden name belongs to the making of that version.
  static func isWork(_ name: String, on number: Int) -> Bool {
    name.hasPrefix(".") && self.number(name) == number
  }

  /// The version that a name stands for, hidden or not.
  private static func number(_ name: String) -> Int? {
    guard name.hasPrefix(".") else { return ModelName.version(name) }
    return name.dropFirst().split(separator: ".").first.flatMap { ModelName.version(String($0)) }
  }

  /// The highest number in use in a model's folder, 1 where only the single file is there, 0 where nothing is.
  static func highest(_ folder: String, file: String) throws -> Int {
    let names = try FileAccess.names(in: folder).compactMap(number)
    return max(names.max() ?? 0, FileAccess.exists(file) ? 1 : 0)
  }
}

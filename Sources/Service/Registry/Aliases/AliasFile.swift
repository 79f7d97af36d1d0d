import HTTP
import Storage

/// `aliases.json` of a model: `{"stable": {"version": 4, "previous": 3, "revision": 7}, "old": 1}`.
///
/// The file is what counts: it may be edited by hand, with bare version numbers where nothing else is to be said. The
/// audit log follows it, see `AliasStore`.
enum AliasFile {
  static let name = "aliases.json"
  /// What is being written, until it gets its name; there after a crash only.
  static let temporaryName = ".aliases.json.new"
  /// Largest file that is read, bytes.
  static let byteCountMax = 1 << 16
  /// Aliases of one model.
  static let countMax = 100

  /// The aliases of the model in this folder; none where there is no file.
  ///
  /// - Throws: `ServiceError`, `AdminError` or `FormatError` for a file that cannot be understood.
  static func read(_ folder: String) throws -> [AliasDocument] {
    let path = "\(folder)/\(name)"
    guard FileAccess.exists(path) else { return [] }
    let bytes = try FileAccess.read(path, byteCountMax: byteCountMax)
    let value: JSONValue
    do {
      value = try bytes.withUnsafeBytes { try JSONValueReader.read($0) }
    } catch let error as JSONError {
      throw ServiceError.invalid(bytes.withUnsafeBytes { error.message(in: $0) })
    }
    guard case .object(let members) = value else {
      throw ServiceError.invalid("expected an object of version numbers, found \(value.kind)")
    }
    guard members.count <= countMax else {
      throw ServiceError.invalid("\(members.count) aliases; at most \(countMax)")
    }
    return try members.map { try AliasDocument(name: $0.key, $0.value) }
  }

  /// Replaces the file: the old one or the new one is there after a crash at any step, the new one once this returns.
  ///
  /// - Throws: `FormatError` where a step fails; then either may be there.
  static func write(
    _ aliases: [AliasDocument],
    folder: String,
    _ files: some DurableFiles
  ) throws {
    if !FileAccess.exists(folder) {
      // A model that is a single .onnx file gets its folder with its first alias.
      try files.createFolder(folder)
      try files.syncFolder("\(folder)/..")
    }
    let temporary = "\(folder)/\(temporaryName)"
    try files.remove(temporary)
    try files.create(temporary, text(aliases))
    try files.move(temporary, to: "\(folder)/\(name)")
    try files.syncFolder(folder)
  }

  private static func text(_ aliases: [AliasDocument]) -> [UInt8] {
    var buffer = ByteBuffer()
    buffer.append(0x7B)
    for (index, alias) in aliases.enumerated() {
      buffer.append(index > 0 ? ",\n " : "\n " as StaticString)
      buffer.append(jsonString: alias.name)
      buffer.append(": " as StaticString)
      if alias == AliasDocument(name: alias.name, version: alias.version) {
        // Written by hand: stays as it was.
        buffer.append(decimal: alias.version)
      } else {
        alias.append(to: &buffer, isNamed: false)
      }
    }
    buffer.append("\n}\n" as StaticString)
    return [UInt8](buffer.readable)
  }
}

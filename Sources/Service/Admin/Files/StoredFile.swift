package import HTTP
import Storage

/// A file of the library, as clients see it and as its record keeps it.
package struct StoredFile: Equatable, Sendable {
  /// `file-` and 24 characters: all that names it in paths and requests.
  package let id: String
  /// The name that the client gave it: a label.
  package let filename: String
  /// What it is for; `fine-tune`.
  package let purpose: String
  /// Its size, bytes.
  package let byteCount: Int
  /// When it was stored, seconds since 1970.
  package let createdAt: Int
  /// The SHA-256 of its bytes, 64 hexadecimal digits.
  package let digest: String
  /// Counts the files in the order in which they were stored, from 1: several may share a second.
  let sequence: Int

  /// Largest record, bytes.
  static let recordBytesMax = 16 * 1024

  /// Appends OpenAI's file object, and our `sha256`.
  package func append(to buffer: inout ByteBuffer) {
    appendMembers(to: &buffer)
    buffer.append(0x7D)
  }

  /// The bytes of the record on the disk: the same object and the sequence number.
  var record: [UInt8] {
    var buffer = ByteBuffer()
    appendMembers(to: &buffer)
    buffer.append(",\"sequence\":" as StaticString)
    buffer.append(decimal: sequence)
    buffer.append("}\n" as StaticString)
    return Array(buffer.readable)
  }

  private func appendMembers(to buffer: inout ByteBuffer) {
    buffer.append("{\"id\":" as StaticString)
    buffer.append(jsonString: id)
    buffer.append(",\"object\":\"file\",\"bytes\":" as StaticString)
    buffer.append(decimal: byteCount)
    buffer.append(",\"created_at\":" as StaticString)
    buffer.append(decimal: createdAt)
    buffer.append(",\"filename\":" as StaticString)
    buffer.append(jsonString: filename)
    buffer.append(",\"purpose\":" as StaticString)
    buffer.append(jsonString: purpose)
    buffer.append(",\"status\":\"processed\",\"expires_at\":null,\"sha256\":" as StaticString)
    buffer.append(jsonString: digest)
  }
}

extension StoredFile {
  /// Reads a record.
  ///
  /// - Throws: `FormatError` where it is not what `record` writes.
  init(record bytes: [UInt8]) throws(FormatError) {
    let read = bytes.withUnsafeBytes { text in
      Result { () throws(JSONError) in try JSONValueReader.read(text) }
    }
    let value: JSONValue
    switch read {
    case .success(let read): value = read
    case .failure(let error): throw FormatError("file record", at: error.offset, error.reason)
    }
    self.init(
      id: try Self.string(value, "id"),
      filename: try Self.string(value, "filename"),
      purpose: try Self.string(value, "purpose"),
      byteCount: try Self.integer(value, "bytes"),
      createdAt: try Self.integer(value, "created_at"),
      digest: try Self.string(value, "sha256"),
      sequence: try Self.integer(value, "sequence")
    )
  }

  private static func string(_ value: JSONValue, _ key: String) throws(FormatError) -> String {
    guard case .string(let text)? = value[key] else {
      throw FormatError("file record", "'\(key)' must be a string")
    }
    return text
  }

  private static func integer(_ value: JSONValue, _ key: String) throws(FormatError) -> Int {
    guard case .number(let number)? = value[key], number >= 0, number < 0x1p53 else {
      throw FormatError("file record", "'\(key)' must be a whole number from 0 up")
    }
    return Int(number)
  }
}

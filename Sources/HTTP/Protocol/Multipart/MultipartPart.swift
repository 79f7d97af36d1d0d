/// What the header of one part of a form says (RFC 7578 §4.2).
package struct MultipartPart: Equatable, Sendable {
  /// The field's name.
  package let name: String
  /// The file's name as the client sent it: a label, never a path; nil for a plain field.
  package let filename: String?
  /// The part's media type; nil when absent, which means `text/plain`.
  package let contentType: String?

  package init(name: String, filename: String? = nil, contentType: String? = nil) {
    self.name = name
    self.filename = filename
    self.contentType = contentType
  }

  /// Reads the field lines of a part, each without its CR LF.
  init(lines: [[UInt8]]) throws(RequestError) {
    var disposition: (name: String, filename: String?)?
    var contentType: String?
    for line in lines {
      let read = try line.withUnsafeBytes { buffer in
        Result { () throws(RequestError) in try Field(BorrowedBytes(buffer)) }
      }.get()
      switch read {
      case .disposition(let name, let filename):
        guard disposition == nil else {
          throw .malformed("A part of the form has two Content-Disposition lines.")
        }
        disposition = (name, filename)
      case .contentType(let value):
        guard contentType == nil else {
          throw .malformed("A part of the form has two Content-Type lines.")
        }
        contentType = value
      case .other: break
      }
    }
    guard let disposition else {
      throw .malformed("A part of the form has no Content-Disposition with its name.")
    }
    self.init(name: disposition.name, filename: disposition.filename, contentType: contentType)
  }

  private enum Field {
    case disposition(name: String, filename: String?)
    case contentType(String)
    case other

    init(_ line: BorrowedBytes) throws(RequestError) {
      let range = try FieldLine.parse(line, ByteRange(start: 0, end: line.count))
      let name = line[Int(range.nameStart), Int(range.nameStart + range.nameCount)]
      let value = line[Int(range.valueStart), Int(range.valueStart + range.valueCount)]
      if name.equalsIgnoringCase("content-disposition") {
        self = try Self.disposition(value)
      } else if name.equalsIgnoringCase("content-type") {
        guard let text = value.string else {
          throw .malformed("The Content-Type of a part is not UTF-8.")
        }
        self = .contentType(text)
      } else if name.equalsIgnoringCase("content-transfer-encoding") {
        // RFC 7578 §4.7: deprecated; what changes the bytes is not understood.
        guard
          value.equalsIgnoringCase("binary") || value.equalsIgnoringCase("8bit")
            || value.equalsIgnoringCase("7bit")
        else { throw .malformed("A part must not use a Content-Transfer-Encoding.") }
        self = .other
      } else {
        self = .other
      }
    }

    private static func disposition(_ bytes: BorrowedBytes) throws(RequestError) -> Field {
      let value = try ParameterizedValue(bytes)
      guard value.value.equalsIgnoringCase("form-data"), let name = value["name"] else {
        throw .malformed("A Content-Disposition must be: form-data; name=\"...\".")
      }
      guard value["filename"] != nil || value["filename*"] == nil else {
        throw .malformed("A file needs filename=; filename*= is not for forms (RFC 7578).")
      }
      return .disposition(
        name: try text(name, "name"),
        filename: try value["filename"].map { bytes throws(RequestError) in
          try text(bytes, "filename")
        }
      )
    }

    /// Forms are UTF-8; clients write a quote in a name as `%22`.
    private static func text(_ bytes: [UInt8], _ what: String) throws(RequestError) -> String {
      var decoded: [UInt8] = []
      var index = 0
      while index < bytes.count {
        let isQuote = bytes[index...].starts(with: [ASCII.percent, 0x32, 0x32])
        decoded.append(isQuote ? 0x22 : bytes[index])
        index += isQuote ? 3 : 1
      }
      guard let text = String(validating: decoded, as: UTF8.self) else {
        throw .malformed("The \(what) of a part is not UTF-8.")
      }
      return text
    }
  }
}

import HTTP

/// The body of `POST /admin/v1/files` as it arrives: takes the form apart and passes the file on.
///
/// `@unchecked Sendable`: used by the request's event loop only; its end, on whatever thread, comes
/// after that.
final class FileUpload: BodySink, @unchecked Sendable {
  /// The fields of the form besides the file.
  private enum Field: String {
    case purpose
  }

  /// What the part that is being read is.
  private enum Part {
    case field(Field)
    case file
  }

  private let library: FileLibrary
  private let id = RandomIdentifier.make(FileLibrary.idPrefix)
  private var parser: MultipartParser
  private var part: Part?
  private var fields: [Field: [UInt8]] = [:]
  private var filename: String?
  private var writer: FileWriter?
  private var reservedBytes = 0

  /// Longest value of a field of the form, bytes.
  static let fieldBytesMax = 256
  /// Bytes of a form besides its file: boundaries, headers and other fields.
  static let formBytesMax = 64 * 1024
  /// What files may be for.
  static let purposes = ["fine-tune"]

  /// - Throws: `AdminError` where the request is no form or there is no room.
  init(_ request: Request, _ library: FileLibrary) throws(AdminError) {
    let boundary: MultipartBoundary
    do throws(RequestError) {
      boundary = try MultipartBoundary(contentType: request.headers["content-type"])
    } catch {
      throw AdminError(error)
    }
    let announced = max(0, (request.announcedBodyLength ?? 0) - Self.formBytesMax)
    try library.beginUpload(announcedBytes: announced)
    // Last: once all is set, `deinit` runs and ends an upload that must have begun.
    self.library = library
    parser = MultipartParser(boundary)
  }

  /// A failed upload gives its room back; the writer removes what it wrote.
  deinit { if !isStored { library.endUpload(reserved: reservedBytes) } }

  /// Whether the library has taken the file over; set on the writer's queue.
  private var isStored = false

  /// Nothing to do: what was written goes with this object.
  func abandon() {}

  func receive(_ bytes: UnsafeRawBufferPointer, _ flow: BodyFlow) throws(Refusal) {
    do throws(AdminError) {
      var rest = bytes
      while let event = try next(&rest) {
        switch event {
        case .begin(let part): try begin(part)
        case .bytes(let bytes): try take(bytes, flow)
        case .end: part = nil
        }
      }
    } catch {
      throw error.refusal
    }
  }

  private func next(
    _ rest: inout UnsafeRawBufferPointer
  ) throws(AdminError) -> MultipartParser.Event? {
    do throws(RequestError) {
      return try parser.next(&rest)
    } catch {
      throw AdminError(error)
    }
  }

  private func begin(_ header: MultipartPart) throws(AdminError) {
    if header.name == "file" {
      guard writer == nil else { throw .invalid("there is more than one file", parameter: "file") }
      filename = try checkedName(header.filename)
      writer = FileWriter(library.partPath(of: id), backlogBytes: library.limits.uploadBacklogBytes)
      part = .file
      return
    }
    guard let field = Field(rawValue: header.name) else {
      throw .invalid(
        "the form has the unknown field '\(header.name.prefix(64))'; it takes 'purpose' and 'file'",
        parameter: String(header.name.prefix(64))
      )
    }
    guard fields[field] == nil, header.filename == nil else {
      throw .invalid("'\(field.rawValue)' must be one plain field", parameter: field.rawValue)
    }
    fields[field] = []
    part = .field(field)
  }

  private func checkedName(_ name: String?) throws(AdminError) -> String {
    guard let name, !name.isEmpty else {
      throw .invalid(
        "'file' has no filename; send it as curl -F file=@data.jsonl",
        parameter: "file"
      )
    }
    guard name.utf8.count <= library.limits.filenameBytes else {
      throw .invalid(
        "the filename has \(name.utf8.count) bytes; at most \(library.limits.filenameBytes) are kept",
        parameter: "file"
      )
    }
    guard name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw .invalid("the filename has control characters", parameter: "file")
    }
    return name
  }

  private func take(_ bytes: UnsafeRawBufferPointer, _ flow: BodyFlow) throws(AdminError) {
    switch part {
    case .field(let field):
      fields[field, default: []].append(contentsOf: bytes)
      guard fields[field, default: []].count <= Self.fieldBytesMax else {
        throw .invalid(
          "'\(field.rawValue)' is longer than \(Self.fieldBytesMax) bytes",
          parameter: field.rawValue
        )
      }
    case .file:
      guard bytes.count <= library.limits.fileBytes - reservedBytes else {
        throw AdminError(
          .contentTooLarge,
          "the file is larger than \(library.limits.fileBytes) bytes",
          code: "file_too_large",
          parameter: "file"
        )
      }
      try library.reserve(bytes.count)
      reservedBytes += bytes.count
      writer?.append(bytes, flow)
    case nil: break
    }
  }

  /// The body is complete: calls `body`, on another thread, with the file once it is stored for good.
  ///
  /// - Throws: `AdminError` where the form lacks something.
  func finish(
    _ body: @escaping @Sendable (Result<StoredFile, AdminError>) -> Void
  ) throws(AdminError) {
    do throws(RequestError) {
      try parser.finish()
    } catch {
      throw AdminError(error)
    }
    guard let writer, let filename, reservedBytes > 0 else {
      throw .invalid(
        writer == nil ? "the form has no field 'file'" : "the file is empty",
        parameter: "file"
      )
    }
    guard let purpose = fields[.purpose].map({ String(decoding: $0, as: UTF8.self) }),
      Self.purposes.contains(purpose)
    else {
      let expected = Self.purposes.map { "'\($0)'" }.joined(separator: " or ")
      throw .invalid("the form needs a field 'purpose' with \(expected)", parameter: "purpose")
    }
    writer.finish { [self] result in
      switch result {
      case .success(let written): body(store(written, filename: filename, purpose: purpose))
      case .failure(let error): body(.failure(error))
      }
    }
  }

  private func store(
    _ written: FileWriter.Written,
    filename: String,
    purpose: String
  ) -> Result<StoredFile, AdminError> {
    do {
      let file = try library.store(
        id,
        filename: filename,
        purpose: purpose,
        byteCount: written.byteCount,
        digest: written.digest
      )
      isStored = true
      return .success(file)
    } catch {
      return .failure(
        AdminError(
          .internalServerError,
          "the server cannot store the file",
          code: "storage_failed"
        )
      )
    }
  }
}

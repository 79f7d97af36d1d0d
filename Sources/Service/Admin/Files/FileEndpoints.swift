import Dispatch
import HTTP

/// The routes below `/admin/v1/files`, in the shape of OpenAI's Files API.
struct FileEndpoints {
  let library: FileLibrary

  /// Files on one page of a list, at most; OpenAI's number.
  static let pageFilesMax = 10_000

  /// The largest body of `create`, bytes.
  var uploadBytes: Int { library.limits.fileBytes + FileUpload.formBytesMax }

  /// What takes the body of `create`.
  func bodySink(_ request: Request) throws(AdminError) -> any BodySink {
    try FileUpload(request, library)
  }

  /// `POST /admin/v1/files`: stores the form's file.
  func create(_ request: Request, _ responder: Responder) throws(AdminError) {
    guard let upload = request.sink as? FileUpload else {
      throw .invalid("send a form, as curl -F purpose=fine-tune -F file=@data.jsonl")
    }
    try upload.finish { result in
      switch result {
      case .success(let file): responder.respond(.ok, .json) { file.append(to: &$0) }
      case .failure(let error): responder.fail(error)
      }
    }
  }

  /// `GET /admin/v1/files`: a page of the list, the newest first unless `order=asc`.
  func list(_ request: Request, _ responder: Responder) throws(AdminError) {
    let limit = try limit(request)
    var files = library.files
    switch request.queryValue("order") {
    case nil, "desc": files.reverse()
    case "asc": break
    default: throw .invalid("order must be 'asc' or 'desc'", parameter: "order")
    }
    if let after = request.queryValue("after") {
      guard let index = files.firstIndex(where: { $0.id.utf8.elementsEqual(after.utf8) }) else {
        throw .noFile(after, parameter: "after")
      }
      files.removeFirst(index + 1)
    }
    if let purpose = request.queryValue("purpose") { files.removeAll { $0.purpose != purpose } }
    let page = files.prefix(limit)
    let hasMore = page.count < files.count
    responder.respond(.ok, .json) { Self.append(page, hasMore: hasMore, to: &$0) }
  }

  private func limit(_ request: Request) throws(AdminError) -> Int {
    guard let text = request.queryValue("limit") else { return Self.pageFilesMax }
    let value = Array(text.utf8).withUnsafeBytes { BorrowedBytes($0).decimal }
    guard let value, (1...Self.pageFilesMax).contains(value) else {
      throw .invalid("limit must be a number from 1 to \(Self.pageFilesMax)", parameter: "limit")
    }
    return value
  }

  private static func append(
    _ page: ArraySlice<StoredFile>,
    hasMore: Bool,
    to buffer: inout ByteBuffer
  ) {
    buffer.append("{\"object\":\"list\",\"data\":[" as StaticString)
    for (index, file) in page.enumerated() {
      if index > 0 { buffer.append(0x2C) }
      file.append(to: &buffer)
    }
    buffer.append("],\"first_id\":" as StaticString)
    append(page.first?.id, to: &buffer)
    buffer.append(",\"last_id\":" as StaticString)
    append(page.last?.id, to: &buffer)
    buffer.append(",\"has_more\":" as StaticString)
    buffer.append(hasMore ? "true}" : "false}" as StaticString)
  }

  private static func append(_ id: String?, to buffer: inout ByteBuffer) {
    if let id { buffer.append(jsonString: id) } else { buffer.append("null" as StaticString) }
  }

  /// `GET /admin/v1/files/{file}`.
  func retrieve(_ request: Request, _ responder: Responder) throws(AdminError) {
    let file = try file(request)
    responder.respond(.ok, .json) { file.append(to: &$0) }
  }

  /// `GET /admin/v1/files/{file}/content`: the bytes as they were sent.
  func content(_ request: Request, _ responder: Responder) throws(AdminError) {
    let file = try file(request)
    let path = library.path(of: file)
    library.queue.async { [queue = library.queue] in
      FileDownload.start(path, length: file.byteCount, queue: queue, responder)
    }
  }

  /// `DELETE /admin/v1/files/{file}`: refused with 409 while a job needs it.
  func delete(_ request: Request, _ responder: Responder) throws(AdminError) {
    let file = try file(request)
    library.queue.async { [library] in
      do {
        try library.delete(file.id)
        responder.respond(.ok, .json) { buffer in
          buffer.append("{\"id\":" as StaticString)
          buffer.append(jsonString: file.id)
          buffer.append(",\"object\":\"file\",\"deleted\":true}" as StaticString)
        }
      } catch let error as AdminError {
        responder.fail(error)
      } catch {
        responder.fail(
          AdminError(
            .internalServerError,
            "the server cannot delete the file",
            code: "storage_failed"
          )
        )
      }
    }
  }

  private func file(_ request: Request) throws(AdminError) -> StoredFile {
    let id = request.parameter(0)
    guard let file = library.file(id) else { throw .noFile(id) }
    return file
  }
}

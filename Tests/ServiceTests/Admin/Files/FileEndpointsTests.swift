import Glibc
import HTTP
import Storage
import Synchronization
import Testing

@testable import Service

@Suite struct FileEndpointsTests {
  static let type = ("Content-Type", "multipart/form-data; boundary=B")
  static let token = ("Authorization", "Bearer \(ServiceServer.token)")

  static func field(_ name: String, _ value: String) -> String {
    "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
  }

  static func file(_ content: String, name: String = "train.jsonl") -> String {
    "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\nContent-Type: application/octet-stream\r\n\r\n\(content)\r\n"
  }

  static let purpose = field("purpose", "fine-tune")
  static let end = "--B--\r\n"

  func upload(_ form: String, _ server: ServiceServer) throws -> ClientResponse {
    try server.client().send(
      "POST",
      "/admin/v1/files",
      headers: [Self.token, Self.type],
      body: Array(form.utf8)
    )
  }

  /// Uploads a file and answers its id.
  func store(_ content: String, _ server: ServiceServer, name: String = "train.jsonl") throws
    -> String
  {
    let response = try upload(Self.purpose + Self.file(content, name: name) + Self.end, server)
    try #require(response.status == 200, "\(response.text)")
    return try #require(string(response, "id"))
  }

  func string(_ response: ClientResponse, _ key: String) -> String? {
    guard case .string(let text)? = value(response)?[key] else { return nil }
    return text
  }

  func value(_ response: ClientResponse) -> JSONValue? {
    try? response.body.withUnsafeBytes { try JSONValueReader.read($0) }
  }

  func code(_ response: ClientResponse) -> String? {
    guard case .string(let text)? = value(response)?["error"]?["code"] else { return nil }
    return text
  }

  func names(_ server: ServiceServer) throws -> [String] {
    try FileAccess.names(in: server.library.folder)
  }

  /// Waits until the folder holds this many files.
  func waitForNames(_ count: Int, _ server: ServiceServer) throws -> Bool {
    for _ in 0..<2000 {
      if try names(server).count == count { return true }
      usleep(1000)
    }
    return false
  }

  @Test(arguments: [purpose + file("{\"a\":1}\n") + end, file("{\"a\":1}\n") + purpose + end])
  func fieldsMayComeInAnyOrder(form: String) throws {
    let server = try ServiceServer()
    let response = try upload(form, server)
    #expect(response.status == 200)
    let file = try #require(server.library.files.first)
    #expect(
      response.text
        == "{\"id\":\"\(file.id)\",\"object\":\"file\",\"bytes\":8,\"created_at\":\(file.createdAt),\"filename\":\"train.jsonl\",\"purpose\":\"fine-tune\",\"status\":\"processed\",\"expires_at\":null,\"sha256\":\"\(SHA256.hexDigest(of: Array("{\"a\":1}\n".utf8)))\"}"
    )
    #expect(try server.admin("GET", "/files/\(file.id)").text == response.text)
    #expect(
      try FileAccess.read(server.library.path(of: file), byteCountMax: 100)
        == Array("{\"a\":1}\n".utf8)
    )
    #expect(try names(server).count == 2)
  }

  @Test func largeFilesComeBackAsTheyWere() throws {
    let server = try ServiceServer()
    var content = [UInt8](repeating: 0, count: 5_000_000)
    for index in content.indices { content[index] = UInt8(truncatingIfNeeded: index &* 31 >> 3) }
    try server.folder.write("big", "")
    let path = "\(server.folder.path)/big"
    unlink(path)
    try FileAccess.create(path, content)
    var form = MultipartForm()
    form.append("purpose", "fine-tune")
    try form.append("file", file: path)
    let response = try server.client().send(
      "POST",
      "/admin/v1/files",
      headers: [Self.token, ("Content-Type", form.contentType)],
      upload: form.finished()
    )
    #expect(string(response, "sha256") == SHA256.hexDigest(of: content))
    #expect(string(response, "filename") == "big")
    let id = try #require(string(response, "id"))
    let read = try server.admin("GET", "/files/\(id)/content")
    #expect(read.body == content)
    #expect(read["content-type"] == "application/octet-stream")
    #expect(read["content-length"] == "5000000")
  }

  @Test func listsArePaged() throws {
    let server = try ServiceServer()
    #expect(
      try server.admin("GET", "/files").text
        == "{\"object\":\"list\",\"data\":[],\"first_id\":null,\"last_id\":null,\"has_more\":false}"
    )
    let ids = try (0..<5).map { try store("\($0)", server) }
    func page(_ query: String) throws -> (ids: [String], hasMore: Bool) {
      let response = try server.admin("GET", "/files\(query)")
      guard case .array(let data)? = value(response)?["data"],
        case .bool(let hasMore)? = value(response)?["has_more"]
      else { return ([response.text], false) }
      return (
        data.compactMap {
          if case .string(let id)? = $0["id"] { id } else { nil }
        }, hasMore
      )
    }
    #expect(try page("") == (ids.reversed(), false))
    #expect(try page("?order=asc&limit=2") == (Array(ids[..<2]), true))
    #expect(try page("?order=asc&limit=2&after=\(ids[1])") == (Array(ids[2..<4]), true))
    #expect(try page("?order=asc&limit=2&after=\(ids[3])") == ([ids[4]], false))
    #expect(try page("?after=\(ids[0])") == ([], false))
    #expect(try page("?purpose=fine-tune&limit=5").ids.count == 5)
    #expect(try page("?purpose=assistants") == ([], false))
    for query in ["?limit=0", "?limit=10001", "?limit=+1", "?limit=x", "?order=up"] {
      #expect(try server.admin("GET", "/files\(query)").status == 400, "\(query)")
    }
    #expect(try server.admin("GET", "/files?after=file-x").status == 404)
  }

  @Test func deletedFilesAreGoneAndUsedOnesStay() throws {
    let server = try ServiceServer()
    let id = try store("x", server)
    server.filesInUse.ids.withLock { $0 = [id] }
    let refused = try server.admin("DELETE", "/files/\(id)")
    #expect(refused.status == 409)
    #expect(code(refused) == "file_in_use")
    #expect(try server.admin("GET", "/files/\(id)/content").text == "x")
    server.filesInUse.ids.withLock { $0 = [] }
    #expect(
      try server.admin("DELETE", "/files/\(id)").text
        == "{\"id\":\"\(id)\",\"object\":\"file\",\"deleted\":true}"
    )
    for path in ["/files/\(id)", "/files/\(id)/content"] {
      #expect(try server.admin("GET", path).status == 404)
    }
    #expect(try server.admin("DELETE", "/files/\(id)").status == 404)
    #expect(try names(server).isEmpty)
  }

  @Test(arguments: [
    ("", "malformed"), (purpose + end, "file"), (file("x") + end, "purpose"),
    (field("purpose", "world domination") + file("x") + end, "purpose"),
    (purpose + purpose + file("x") + end, "purpose"),
    (purpose + file("x") + file("y") + end, "file"), (purpose + file("") + end, "file"),
    (purpose + field("file", "x") + end, "file"), (purpose + file("x", name: "") + end, "file"),
    (purpose + file("x", name: "a\tb") + end, "file"),
    (purpose + file("x", name: String(repeating: "n", count: 256)) + end, "file"),
    (field("expires_after[anchor]", "created_at") + end, "expires_after[anchor]"),
    (field("purpose", String(repeating: "p", count: 257)) + end, "purpose"),
    (purpose + file("x"), "malformed"),
  ])
  func faultyFormsLeaveNothing(form: String, parameter: String) throws {
    let server = try ServiceServer()
    let response = try upload(form, server)
    #expect(response.status == 400, "\(response.text)")
    if case .string(let named)? = value(response)?["error"]?["param"] {
      #expect(named == parameter)
    } else {
      #expect(parameter == "malformed")
    }
    #expect(try waitForNames(0, server))
    #expect(server.library.files.isEmpty)
    // Its room and its place are free again.
    for _ in 0..<ServiceLimits().concurrentUploads { _ = try store("x", server) }
  }

  @Test func otherBodiesThanFormsAreRefusedUnread() throws {
    let server = try ServiceServer()
    #expect(try server.admin("POST", "/files", "{}").status == 415)
    #expect(try server.admin("POST", "/files").status == 400)
  }

  @Test(arguments: [
    "../../etc/passwd", "/etc/passwd", "..", "a/b", "x.json", "é\u{301}日本", "\u{202E}",
  ])
  func namesOfClientsAreLabelsOnly(name: String) throws {
    let server = try ServiceServer()
    let id = try store("x", server, name: name)
    #expect(server.library.file(id)?.filename == name)
    #expect(try names(server) == ["\(id).data", "\(id).json"])
  }

  @Test func limitsAreKept() throws {
    var limits = ServiceLimits()
    limits.fileBytes = 10
    limits.libraryBytes = 25
    limits.files = 3
    let server = try ServiceServer(limits: limits)
    let large = try upload(Self.purpose + Self.file("01234567890") + Self.end, server)
    #expect(large.status == 413)
    #expect(code(large) == "file_too_large")
    let first = try store("0123456789", server)
    _ = try store("0123456789", server)
    let full = try upload(Self.purpose + Self.file("012345") + Self.end, server)
    #expect(full.status == 507)
    #expect(code(full) == "library_full")
    _ = try store("01234", server)
    #expect(try upload(Self.purpose + Self.file("x") + Self.end, server).status == 507)
    #expect(try server.admin("DELETE", "/files/\(first)").status == 200)
    _ = try store("0123456789", server)
    // Announced as larger than any form may be: refused from the head.
    let client = server.client()
    try client.sendRaw(
      Array(
        "POST /admin/v1/files HTTP/1.1\r\nHost: localhost\r\n\(Self.token.0): \(Self.token.1)\r\nContent-Length: 1000000\r\n\r\n"
          .utf8
      )
    )
    let announced = try client.receive()
    #expect(announced.status == 413)
    #expect(code(announced) == "body_too_large")
  }

  @Test func uploadsAtOneTimeAreBoundedAndTheirClientsMayGo() throws {
    var limits = ServiceLimits()
    limits.concurrentUploads = 1
    let server = try ServiceServer(limits: limits)
    let client = server.client()
    let form = Self.purpose + Self.file("half")
    try client.sendRaw(
      Array(
        "POST /admin/v1/files HTTP/1.1\r\nHost: localhost\r\n\(Self.token.0): \(Self.token.1)\r\n\(Self.type.0): \(Self.type.1)\r\nContent-Length: 1000\r\n\r\n\(form)"
          .utf8
      )
    )
    #expect(try waitForNames(1, server))
    // Refusing one must not make room for the next.
    for _ in 0..<3 {
      let second = try upload(Self.purpose + Self.file("x") + Self.end, server)
      #expect(second.status == 429)
      #expect(second["retry-after"] == "1")
    }
    client.close()
    #expect(try waitForNames(0, server))
    _ = try store("x", server)
    #expect(server.library.files.count == 1)
  }

  @Test func failureOfTheDiskIsAnsweredAndNothingIsKept() throws {
    let server = try ServiceServer()
    rmdir(server.library.folder)
    let response = try upload(Self.purpose + Self.file("x") + Self.end, server)
    #expect(response.status == 500)
    #expect(code(response) == "storage_failed")
    #expect(!response.text.contains(server.folder.path))
    mkdir(server.library.folder, 0o755)
    _ = try store("x", server)
  }

  @Test func serverWithoutAFolderSaysSo() throws {
    let server = try ServiceServer(keepsFiles: false)
    for response in [
      try upload(Self.purpose + Self.file("x") + Self.end, server),
      try server.admin("GET", "/files"), try server.admin("DELETE", "/files/file-x"),
    ] {
      #expect(response.status == 503)
      #expect(code(response) == "no_state_folder")
    }
  }

  @Test func nothingWithoutTheToken() throws {
    let server = try ServiceServer()
    let response = try server.client().send(
      "POST",
      "/admin/v1/files",
      headers: [Self.type],
      body: Array((Self.purpose + Self.file("x") + Self.end).utf8)
    )
    #expect(response.status == 401)
    #expect(try names(server).isEmpty)
  }
}

import Datasets
import HTTP
import Testing

@testable import Service

@Suite struct FineTuningClientTests {
  private static let jobs = "/admin/v1/fine_tuning/jobs"

  func problem(_ body: () throws -> Void) -> ClientProblem? {
    do {
      try body()
      return nil
    } catch { return error as? ClientProblem }
  }

  @Test func aFileIsSentAsItIs() throws {
    let server = try FakeJobServer(answers: ["POST /admin/v1/files": #"{"id": "file-1"}"#])
    let folder = TemporaryFolder()
    let text = String(repeating: "{}\n", count: 100_000)
    try folder.write("rows.jsonl", text)
    var sent: [Int] = []
    var total = 0
    let id = try server.client().upload(try ExampleUpload("\(folder.path)/rows.jsonl")) {
      sent.append($0)
      total = $1
    }
    #expect(id == "file-1")
    let body = try #require(server.seen.first?.body)
    #expect(sent == sent.sorted() && sent.count > 3)
    #expect(sent.last == total)
    #expect(body.count == total)
    let form = String(decoding: body, as: UTF8.self)
    #expect(form.contains("name=\"purpose\"\r\n\r\nfine-tune\r\n"))
    #expect(form.contains("filename=\"rows.jsonl\""))
    #expect(form.contains("\r\n\r\n\(text)\r\n--"))
  }

  @Test func aFolderOfClassesIsPackedOnTheWay() throws {
    let server = try FakeJobServer(answers: ["POST /admin/v1/files": #"{"id": "file-1"}"#])
    let folder = TemporaryFolder()
    try folder.write("set/dog/1.png", "dog one")
    try folder.write("set/cat/2.png", "cat two")
    try folder.write("set/cat/1.png", String(repeating: "c", count: 700))
    let upload = try ExampleUpload("\(folder.path)/set/")
    #expect(upload.filename == "set.tar")
    #expect(upload.folder?.pictureCount == 3)
    #expect(upload.folder?.classCount == 2)
    _ = try server.client().upload(upload) { _, _ in }
    let archive = try TarWriter.write([
      ("cat/1.png", [UInt8](repeating: 0x63, count: 700)), ("cat/2.png", Array("cat two".utf8)),
      ("dog/1.png", Array("dog one".utf8)),
    ])
    #expect(upload.content.count == archive.count)
    let body = try #require(server.seen.first?.body)
    let form = String(decoding: body, as: UTF8.self)
    #expect(form.contains("filename=\"set.tar\""))
    #expect(form.contains("\r\n\r\n\(String(decoding: archive, as: UTF8.self))\r\n--"))
  }

  @Test func requestsGoToTheirRoutesWithTheToken() throws {
    let server = try FakeJobServer(answers: [
      "POST \(Self.jobs)": #"{"id": "ftjob-1", "status": "queued"}"#,
      "GET \(Self.jobs)": #"{"data": [], "has_more": false}"#,
      "POST \(Self.jobs)/ftjob-1/cancel": #"{"id": "ftjob-1", "status": "cancelled"}"#,
      "POST /admin/v1/models/lenet5/aliases/stable/rollback": #"{"version": 1}"#,
    ])
    let client = try server.client()
    let order = FineTuningOrder(model: "lenet5", source: .feedback)
    #expect(try client.create(order)["id"] == "ftjob-1")
    #expect(try client.list()["data"]?.elements == [])
    #expect(try client.cancel("ftjob-1")["status"] == "cancelled")
    #expect(try client.rollBack("lenet5", alias: "stable")["version"]?.whole == 1)
    #expect(server.seen.count == 4)
    #expect(server.seen.allSatisfy { $0.authorization == "Bearer the-token-of-the-tests" })
    #expect(server.seen.first?.body == order.body.bytes)
  }

  @Test(arguments: ["", "../x", "a/b", "ftjob-1?x", "ftjob 1", "ftjob-1\r\nX: y", "ü"])
  func nothingButAnIDBecomesPartOfAPath(id: String) throws {
    let server = try FakeJobServer([.events("")])
    let client = try server.client()
    #expect(problem { _ = try client.cancel(id) } != nil)
    #expect(problem { _ = try client.events(of: id, after: nil) } != nil)
    #expect(problem { _ = try client.rollBack(id, alias: "stable") } != nil)
    #expect(problem { _ = try client.rollBack("lenet5", alias: id) } != nil)
    #expect(server.seen == [])
  }

  @Test func answersThatMakeNoSenseAreProblems() throws {
    let server = try FakeJobServer(answers: [
      "POST \(Self.jobs)/ftjob-1/cancel": "{", "POST /admin/v1/files": "{}",
    ])
    let client = try server.client()
    #expect(problem { _ = try client.cancel("ftjob-1") }?.message.contains("no JSON") == true)
    #expect(problem { _ = try client.cancel("ftjob-2") }?.description == "not here")
    let folder = TemporaryFolder()
    try folder.write("rows.csv", "a,b\n")
    let upload = try ExampleUpload("\(folder.path)/rows.csv")
    let missing = problem { _ = try client.upload(upload) { _, _ in } }
    #expect(missing?.message == "the server's answer has no 'id'")
  }

  @Test func errorsAreReadInEveryShape() {
    func read(_ text: String) -> ClientProblem { ClientProblem(status: 400, Array(text.utf8)) }
    let full = read(#"{"error": {"message": "too large", "param": "n_epochs", "code": "x"}}"#)
    #expect(full.description == "too large (param: n_epochs)")
    #expect(read(#"{"error": "no such route"}"#).description == "no such route")
    #expect(read("<html>").description == "the server answered 400: <html>")
    #expect(read("").description == "the server answered 400")
    #expect(!full.isTemporary)
    #expect(ClientProblem(status: 503, []).isTemporary)
    #expect(ClientProblem(status: 429, []).isTemporary)
  }

  @Test func noServerIsAProblemThatNamesIt() throws {
    let client = FineTuningClient(try ServerAddress("http://127.0.0.1:1"), token: "t")
    let text = problem { _ = try client.list() }?.description
    #expect(text == "cannot reach http://127.0.0.1:1: connect: Connection refused")
  }
}

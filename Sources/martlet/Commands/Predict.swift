import CommandLineTool
import Glibc
import HTTP
import ONNXFormat
import Service
import Storage

/// `martlet predict`: asks a model once, without a running server; answers what the server would.
struct Predict: Command {
  /// Bytes that the input may have.
  static let inputByteCountMax = 1 << 28

  let specification = CommandSpecification(
    "predict",
    "ask a model once: a file or the standard input in, JSON out",
    positionals: [
      .init("MODEL", ModelLocation.help),
      .init("FILE", "JSON, .npy, PNG or JPEG (default: the standard input)", isRequired: false),
    ],
    notes: "example: martlet predict lenet5 docs/digit-7.png"
  )

  func run(_ arguments: Arguments) throws -> Int32 {
    let found = try ModelLocation.open(arguments.positional(0) ?? "")
    let path = found.path
    let verb = found.folder?.manifest.sequenceTask?.verb ?? "predict"
    let body = try Self.body(arguments.positional(1))
    // models/NAME/VERSION or FOLDER/NAME.onnx, as the server finds them.
    let parts = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    let isFile = path.hasSuffix(".onnx")
    let depth = isFile ? 1 : 2
    let prefix = path.hasPrefix("/") ? "/" : ""
    let root = prefix + parts.dropLast(depth).joined(separator: "/")
    let name = parts[max(0, parts.count - depth)].droppingSuffix(".onnx")
    let target = isFile ? name : "\(name)/versions/\(parts[parts.count - 1])"

    var configuration = ServerConfiguration()
    configuration.port = 0
    let repository = ModelRepository(
      root: root.isEmpty ? "." : root,
      loader: CheckpointLoader(),
      limits: ServiceLimits(),
      onChange: { _ in }
    )
    repository.refresh()
    let server = try Server(
      configuration,
      handler: Service(repository, loopCount: configuration.loopCount)
    )
    server.start()
    defer {
      server.stop()
      server.waitUntilStopped()
    }
    let response = try HTTPClient(port: server.port, timeoutSeconds: 300).send(
      "POST",
      "/v1/models/\(target):\(verb)",
      body: body
    )
    guard response.status == 200 else {
      Terminal.error.write(response.text + "\n")
      return 2
    }
    Terminal.output.write(response.text.hasSuffix("\n") ? response.text : response.text + "\n")
    return 0
  }

  private static func body(_ file: String?) throws -> [UInt8] {
    if let file, file != "-" { return try FileAccess.read(file, byteCountMax: inputByteCountMax) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= inputByteCountMax else {
        throw UsageError("the standard input has more than \(inputByteCountMax) bytes")
      }
    }
  }
}

extension String {
  fileprivate func droppingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}

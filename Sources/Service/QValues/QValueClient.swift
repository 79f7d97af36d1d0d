package import HTTP
import Tensors

/// Asks a running server's policy what to do, over one connection that is kept.
package final class QValueClient {
  package let address: ServerAddress
  package let model: String
  private let client: HTTPClient

  /// Time to connect and send, and then to wait for an answer, seconds.
  private static let requestSeconds = 10.0

  /// What the policy thinks of an observation.
  package struct Answer: Equatable, Sendable {
    /// The position of the best action.
    package let action: Int
    /// Names of all actions.
    package let actions: [String]
    /// Their values.
    package let values: [Double]
  }

  /// - Throws: `ClientProblem` for what can be no model's name.
  package init(_ address: ServerAddress, model: String) throws(ClientProblem) {
    // It becomes part of a path.
    guard ModelName.isValid(model) else {
      throw ClientProblem(
        "'\(model)' is no model's name: 1 to \(ModelName.byteCountMax) of A-Z a-z 0-9 . _ - without a leading dot"
      )
    }
    self.address = address
    self.model = model
    client = HTTPClient(
      host: address.host,
      port: address.port,
      timeoutSeconds: Self.requestSeconds
    )
  }

  /// The names of the models that a server has.
  package static func models(of address: ServerAddress) throws(ClientProblem) -> [String] {
    let client = HTTPClient(
      host: address.host,
      port: address.port,
      timeoutSeconds: requestSeconds
    )
    let answer = try send("GET", "/v1/models", nil, client, address)
    return answer["models"]?.elements.compactMap { $0["name"]?.text } ?? []
  }

  /// Asks for the values of every action.
  ///
  /// - Parameters:
  ///   - observation: Its numbers in row-major order.
  ///   - sizes: Its shape; empty for the number of a state.
  /// - Returns: The values, and the best action.
  /// - Throws: `ClientProblem` where the server is not there, refuses the observation, or answers something else.
  package func ask(_ observation: [Float], sizes: [Int]) throws(ClientProblem) -> Answer {
    var body = ByteBuffer()
    body.append("{\"instances\":[" as StaticString)
    if sizes.isEmpty {
      body.append(decimal: Int(exactly: observation.first ?? 0) ?? 0)
    } else {
      observation.withUnsafeBytes { body.append(jsonTensor: $0, .float32, sizes[...]) }
    }
    body.append("]}" as StaticString)
    let answer = try Self.send(
      "POST",
      "/v1/models/\(model):qvalues",
      Array(body.readable),
      client,
      address
    )
    guard let prediction = answer["predictions"]?.elements.first,
      let action = prediction["action"]?.whole,
      let actions = prediction["actions"]?.elements.compactMap(\.text),
      let values = prediction["q_values"]?.elements.compactMap(\.double),
      actions.indices.contains(action), values.count == actions.count
    else { throw ClientProblem(status: 200, "the server's answer holds no Q-values") }
    return Answer(action: action, actions: actions, values: values)
  }

  private static func send(
    _ method: String,
    _ path: String,
    _ body: [UInt8]?,
    _ client: HTTPClient,
    _ address: ServerAddress
  ) throws(ClientProblem) -> JSONValue {
    let response: ClientResponse
    do throws(HTTPClient.Failure) {
      response = try client.send(method, path, body: body)
    } catch { throw ClientProblem(error, address) }
    guard response.status == 200 else {
      throw ClientProblem(status: response.status, response.body)
    }
    return try FineTuningClient.value(response.body)
  }
}

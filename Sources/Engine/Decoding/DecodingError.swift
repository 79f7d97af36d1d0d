package import Tensors

/// Why a stream cannot be decoded.
package enum DecodingError: Error, Equatable, CustomStringConvertible {
  /// A graph is not the decoder, or encoder, that it is said to be.
  case notADecoder(String)
  /// A field of a request is not possible.
  case request(field: String, detail: String)
  /// A tensor for the encoder, or from it, does not fit.
  case source(name: String, expected: String, given: Shape)
  /// Too many streams wait.
  case overloaded(waiting: Int, limit: Int)
  /// The model computed something that is not a number, so there is no next token.
  case notFinite(step: Int)

  package var description: String {
    switch self {
    case .notADecoder(let detail): "not a decoder: \(detail)"
    case .request(let field, let detail): "\(field): \(detail)"
    case .source(let name, let expected, let given):
      "source '\(name)' has shape \(given), expected \(expected)"
    case .overloaded(let waiting, let limit):
      "\(waiting) streams wait for the model, at most \(limit) may"
    case .notFinite(let step):
      "step \(step): the model's scores are not finite"
    }
  }
}

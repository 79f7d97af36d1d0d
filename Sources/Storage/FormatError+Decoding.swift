extension FormatError {
  /// Why a JSON document is not what it should be, with the path of the key.
  package init(_ format: String, decoding error: DecodingError) {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    let detail =
      switch error {
      case .keyNotFound(let key, let context):
        "key '\(key.stringValue)' is missing in '\(place(context))'"
      case .typeMismatch(let type, let context):
        "'\(place(context))' is not of type \(type)"
      case .valueNotFound(_, let context): "'\(place(context))' is null"
      case .dataCorrupted(let context): "'\(place(context))': \(context.debugDescription)"
      @unknown default: "\(error)"
      }
    self.init(format, detail)
  }
}

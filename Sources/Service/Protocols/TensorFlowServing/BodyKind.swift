import Datasets
import HTTP

/// What a prediction's body is, by its content type or, where that says nothing, by its first bytes.
enum BodyKind {
  case json
  case npy
  /// A picture: PNG or JPEG.
  case image

  /// - Throws: `ServiceError` 415 for a type that no model takes.
  init(_ request: Request) throws(ServiceError) {
    let body = request.body
    if ImageDecoder.isPicture(body) {
      self = .image
    } else if body.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) {
      self = .npy
    } else if let type = request.headers["content-type"] {
      self = try Self.named(type)
    } else {
      self = .json
    }
  }

  private static func named(_ value: BorrowedBytes) throws(ServiceError) -> BodyKind {
    // Parameters such as a charset are no part of the type.
    let end = value.buffer.firstIndex { $0 == 0x3B || $0 == 0x20 || $0 == 0x09 } ?? value.count
    let type = BorrowedBytes(UnsafeRawBufferPointer(rebasing: value.buffer[0..<end]))
    if type.equalsIgnoringCase("application/json") { return .json }
    if type.equalsIgnoringCase("application/x-npy") { return .npy }
    // The first bytes of the body say which it really is; "image/jpg" is a common mistake.
    for picture: StaticString in ["image/png", "image/jpeg", "image/jpg"]
    where type.equalsIgnoringCase(picture) {
      return .image
    }
    // What curl and browsers send where nobody chose.
    for other: StaticString in [
      "application/x-www-form-urlencoded", "text/plain", "application/octet-stream", "text/json",
      "*/*", "",
    ] where type.equalsIgnoringCase(other) {
      return .json
    }
    let shown = String(decoding: type.buffer.prefix(100), as: UTF8.self)
    throw ServiceError(
      .unsupportedMediaType,
      "content type '\(shown)' is not supported: send application/json, application/x-npy, image/png or image/jpeg"
    )
  }

  /// Refuses compressed bodies.
  static func requireIdentityCoding(_ request: Request) throws(ServiceError) {
    guard let coding = request.headers["content-encoding"], !coding.equalsIgnoringCase("identity")
    else { return }
    throw ServiceError(
      .unsupportedMediaType,
      "Content-Encoding is not supported: send the body as it is"
    )
  }
}

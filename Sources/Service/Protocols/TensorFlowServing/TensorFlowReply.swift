import HTTP

/// Writes the body of an answer to rows.
protocol ReplyWriter: AnyObject, Sendable {
  /// Extra field lines of the answer, rendered once.
  var headers: ResponseHeaders { get }

  /// Writes the whole body.
  ///
  /// - Throws: `ServiceError` where the outputs do not have the shape that the body needs.
  func write(_ outputs: PredictionOutputs, to buffer: inout ByteBuffer) throws(ServiceError)
}

/// Answers a prediction over HTTP as TensorFlow Serving does.
///
/// As large as an existential holds without allocating: a request costs no memory here.
struct TensorFlowReply<Writer: ReplyWriter>: PredictionReply {
  let responder: Responder
  let writer: Writer

  var isCancelled: Bool { responder.isCancelled }

  func finish(_ outputs: PredictionOutputs) {
    do {
      try responder.respond(.ok, .json, headers: writer.headers) {
        try writer.write(outputs, to: &$0)
      }
    } catch let error as ServiceError {
      responder.fail(error)
    } catch {
      responder.fail(ServiceError(.internalServerError, "\(error)"))
    }
  }

  func fail(_ error: ServiceError) { responder.fail(error) }
}

extension Responder {
  /// Answers `{"error": "..."}`, with `Retry-After` where the error knows when.
  func fail(_ error: ServiceError) {
    var headers = ResponseHeaders()
    if let seconds = error.retryAfterSeconds { headers.add("Retry-After", String(seconds)) }
    if error.status == .unsupportedMediaType {
      headers.add("Accept", "application/json, application/x-npy, image/png, image/jpeg")
    }
    respond(error.status, .json, headers: headers) { buffer in
      buffer.append("{\"error\":" as StaticString)
      buffer.append(jsonString: error.message)
      buffer.append(0x7D)
    }
  }
}

import HTTP

extension Request {
  /// Calls `body` with the bytes of a route parameter and passes its error on.
  func readParameter<Result>(
    _ index: Int,
    _ body: (BorrowedBytes) throws(ServiceError) -> Result
  ) throws(ServiceError) -> Result {
    try withParameter(index) { bytes in
      Swift.Result { () throws(ServiceError) in try body(bytes) }
    }.get()
  }
}

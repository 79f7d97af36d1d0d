extension JSONCursor {
  /// Reads `{"b64": "..."}`, as TensorFlow Serving writes bytes in JSON.
  ///
  /// Leaves the cursor and answers nil where something else stands.
  ///
  /// - Throws: `JSONError` for a value that is no base64, or more members.
  mutating func binaryObject() throws(JSONError) -> [UInt8]? {
    var ahead = self
    guard ahead.take(0x7B) else { return nil }
    ahead.skipSpace()
    guard ahead.peek() == 0x22, try ahead.string({ $0.elementsEqual("b64".utf8) }) else {
      return nil
    }
    try ahead.expect(0x3A, "after \"b64\"")
    ahead.skipSpace()
    let offset = ahead.offset
    guard let bytes = try ahead.string({ Base64.decode($0) }) else {
      throw JSONError(offset: offset, reason: "the value of \"b64\" is not base64")
    }
    try ahead.expect(0x7D, "after the value of \"b64\": it stands alone in its object")
    self = ahead
    return bytes
  }
}

/// Validation of `Host` and of the authority of an absolute target (RFC 9110 §7.2, RFC 3986 §3.2).
enum Authority {
  /// Whether these bytes are `host [":" port]` with a host that is not empty, and no user info.
  static func isValid(_ bytes: BorrowedBytes) -> Bool {
    var index = 0
    if !bytes.isEmpty, bytes.buffer[0] == 0x5B {  // [
      guard let end = ipLiteralEnd(bytes) else { return false }
      index = end
    } else {
      while index < bytes.count, bytes.buffer[index] != ASCII.colon {
        guard isHostByte(bytes, index) else { return false }
        index += 1
      }
      guard index > 0 else { return false }
    }
    if index == bytes.count { return true }
    guard bytes.buffer[index] == ASCII.colon, bytes.count - index <= 6 else { return false }
    for position in (index + 1)..<bytes.count where !ASCII.isDigit(bytes.buffer[position]) {
      return false
    }
    return true
  }

  /// `unreserved / pct-encoded / sub-delims` of a reg-name.
  private static func isHostByte(_ bytes: BorrowedBytes, _ index: Int) -> Bool {
    let byte = bytes.buffer[index]
    if byte == ASCII.percent {
      return index + 2 < bytes.count && ASCII.hexValue(bytes.buffer[index + 1]) != nil
        && ASCII.hexValue(bytes.buffer[index + 2]) != nil
    }
    return ASCII.isPath(byte) && byte != ASCII.slash && byte != 0x40  // @
  }

  /// The offset behind `[...]`, holding hexadecimal digits, colons and dots.
  private static func ipLiteralEnd(_ bytes: BorrowedBytes) -> Int? {
    for index in 1..<bytes.count {
      let byte = bytes.buffer[index]
      if byte == 0x5D { return index > 2 ? index + 1 : nil }  // ]
      guard ASCII.hexValue(byte) != nil || byte == ASCII.colon || byte == 0x2E else { return nil }
    }
    return nil
  }
}

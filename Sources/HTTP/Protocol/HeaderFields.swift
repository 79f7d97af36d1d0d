/// Where one field line lies in the head's bytes.
struct FieldRange: Equatable {
  var nameStart: UInt32
  var nameCount: UInt32
  var valueStart: UInt32
  var valueCount: UInt32
}

/// The field lines of a request head, as ranges into its bytes: nothing is copied per header.
///
/// Names are compared exactly, A-Z and a-z being the same (RFC 9110 §5.1). The view is valid until
/// the request's responder completes.
package struct HeaderFields {
  let head: BorrowedBytes
  let ranges: [FieldRange]

  /// How many field lines there are.
  package var count: Int { ranges.count }

  /// The name of the field line at `index`, as sent.
  package func name(at index: Int) -> BorrowedBytes {
    let range = ranges[index]
    return head[Int(range.nameStart), Int(range.nameStart + range.nameCount)]
  }

  /// The value of the field line at `index`, without the blanks around it.
  package func value(at index: Int) -> BorrowedBytes {
    let range = ranges[index]
    return head[Int(range.valueStart), Int(range.valueStart + range.valueCount)]
  }

  /// The value of the first field line with this name, which must be given in lower case.
  package subscript(_ lowercaseName: StaticString) -> BorrowedBytes? {
    let length = UInt32(truncatingIfNeeded: lowercaseName.utf8CodeUnitCount)
    for index in ranges.indices
    where ranges[index].nameCount == length && name(at: index).equalsIgnoringCase(lowercaseName) {
      return value(at: index)
    }
    return nil
  }

  /// How many field lines have this lower-case name.
  package func count(of lowercaseName: StaticString) -> Int {
    ranges.indices.count { name(at: $0).equalsIgnoringCase(lowercaseName) }
  }

  /// Whether a list-valued field such as `Connection` contains this lower-case token in any of its
  /// lines (RFC 9110 §5.6.1).
  package func contains(_ lowercaseName: StaticString, token: StaticString) -> Bool {
    var found = false
    for index in ranges.indices where name(at: index).equalsIgnoringCase(lowercaseName) {
      value(at: index).forEachListElement { element in
        found = found || element.equalsIgnoringCase(token)
        return !found
      }
    }
    return found
  }
}

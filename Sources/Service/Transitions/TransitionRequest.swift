import HTTP

/// Reads the body of `POST /v1/models/{model}:transitions`: `{"transitions": [row, ...]}`, see `TransitionReader`.
struct TransitionRequest {
  let observations: ObservationReader
  let limits: ServiceLimits

  /// Reads a body: all rows of it or none.
  ///
  /// - Parameters:
  ///   - body: The text.
  ///   - time: When it came, seconds since 1970.
  /// - Returns: The rows as they are kept.
  /// - Throws: `AdminError` 400 that names the row and the field, 413 for too many rows or bytes.
  func read(_ body: UnsafeRawBufferPointer, time: Double) throws(AdminError) -> TransitionBatch {
    var reader = TransitionReader(observations)
    var hasRows = false
    do {
      var cursor = JSONCursor(body)
      var members = BodyMembers(reservesSignatureName: false)
      try members.read(&cursor) { name, cursor in
        guard name == "transitions" else {
          throw AdminError.invalid(
            "'\(name.prefix(64))' is not known here; known is transitions",
            parameter: String(name.prefix(64))
          )
        }
        try readRows(&cursor, &reader)
        hasRows = true
        return true
      }
      guard hasRows else {
        throw AdminError.invalid(
          "'transitions' is missing\(members.namesText)",
          parameter: "transitions"
        )
      }
    } catch let error as AdminError {
      throw error
    } catch let fault as TransitionReader.Fault {
      throw .invalid(fault.message, parameter: fault.field)
    } catch let error as JSONError {
      throw .invalid("JSON parse error: \(error.message(in: body))")
    } catch {
      throw AdminError(error)
    }
    let batch = reader.batch(time: time)
    guard batch.encodedByteCount <= TransitionMemory.batchByteCountMax else {
      throw Self.tooMuch("\(batch.encodedByteCount) of \(TransitionMemory.batchByteCountMax) bytes")
    }
    return batch
  }

  private func readRows(
    _ cursor: inout JSONCursor,
    _ reader: inout TransitionReader
  ) throws {
    guard cursor.take(0x5B) else {
      throw AdminError.invalid(
        "'transitions' must be a list, found \(cursor.found)",
        parameter: "transitions"
      )
    }
    guard !cursor.take(0x5D) else {
      throw AdminError.invalid(
        "'transitions' is empty: send at least one",
        parameter: "transitions"
      )
    }
    repeat {
      guard reader.count < limits.transitionsPerRequest else {
        throw Self.tooMuch("more than \(limits.transitionsPerRequest) rows")
      }
      try reader.read("transitions[\(reader.count)]", &cursor)
      // Four times: pixels are kept in a quarter of what they take here.
      guard reader.byteCount / 4 < TransitionMemory.batchByteCountMax else {
        throw Self.tooMuch("more than \(TransitionMemory.batchByteCountMax) bytes of observations")
      }
    } while cursor.take(0x2C)
    try cursor.expect(0x5D, "or ',' after transitions[\(reader.count - 1)]")
  }

  /// 413.
  static func tooMuch(_ what: String) -> AdminError {
    AdminError(
      .contentTooLarge,
      "'transitions' has \(what), which is the limit of one request: send several",
      code: "too_many_rows",
      parameter: "transitions"
    )
  }
}

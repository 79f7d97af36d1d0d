import Storage

extension JobRecord {
  /// The record as the store has it.
  var encoded: [UInt8] {
    var writer = RecordWriter(.job)
    writer.append(id)
    writer.append(Int(truncatingIfNeeded: number))
    writer.append(group)
    writer.append(priority)
    writer.append(payload)
    writer.append(status.rawValue)
    writer.append(createdAt)
    writer.append(startedAt) { $0.append($1) }
    writer.append(finishedAt) { $0.append($1) }
    writer.append(attempt)
    writer.append(crashes)
    writer.append(isActive)
    writer.append(requested) { $0.append($1.rawValue) }
    writer.append(failure) { writer, failure in
      writer.append(failure.code)
      writer.append(failure.message)
      writer.append(failure.param) { $0.append($1) }
    }
    writer.append(result) { $0.append($1) }
    writer.append(marks.count)
    for (name, bytes) in marks.sorted(by: { $0.key < $1.key }) {
      writer.append(name)
      writer.append(bytes)
    }
    writer.append(outbox.count)
    for event in outbox { event.encode(to: &writer) }
    writer.seal()
    return writer.bytes
  }

  /// Reads a record of the store.
  ///
  /// - Throws: `FormatError` where the bytes are damaged, of another format, or another job's.
  init(_ bytes: [UInt8], id expected: String) throws(FormatError) {
    var reader = try RecordReader(try RecordSeal.open(bytes), .job)
    let id = try reader.string("id")
    guard id == expected else { throw reader.error("the id is '\(id)', expected '\(expected)'") }
    self.init(
      id: id,
      number: UInt64(try reader.count("number")),
      group: try reader.string("group"),
      priority: try reader.int("priority"),
      payload: try reader.bytes("payload"),
      status: try reader.word("status", JobStatus.init(rawValue:)),
      createdAt: try reader.int("createdAt")
    )
    startedAt = try reader.optional("startedAt") { (reader) throws(FormatError) in
      try reader.int("startedAt")
    }
    finishedAt = try reader.optional("finishedAt") { (reader) throws(FormatError) in
      try reader.int("finishedAt")
    }
    attempt = try reader.count("attempt")
    crashes = try reader.count("crashes")
    isActive = try reader.bool("isActive")
    requested = try reader.optional("requested") { (reader) throws(FormatError) in
      try reader.word("requested", JobRequest.init(rawValue:))
    }
    failure = try reader.optional("failure") { (reader) throws(FormatError) in
      JobFailure(
        code: try reader.string("code"),
        message: try reader.string("message"),
        param: try reader.optional("param") { (reader) throws(FormatError) in
          try reader.string("param")
        }
      )
    }
    result = try reader.optional("result") { (reader) throws(FormatError) in
      try reader.bytes("result")
    }
    for _ in 0..<(try reader.count("marks")) {
      let name = try reader.string("mark")
      guard marks.updateValue(try reader.bytes("mark"), forKey: name) == nil else {
        throw reader.error("mark '\(name)' is there twice")
      }
    }
    for _ in 0..<(try reader.count("outbox")) {
      outbox.append(try JobEvent(&reader, jobID: id))
    }
    try reader.finish()
    guard (failure != nil) == (status == .failed), (result != nil) == (status == .succeeded),
      !(status.isFinal && isActive), isActive || status != .running
    else { throw reader.error("status '\(status.rawValue)' does not fit the other fields") }
  }
}

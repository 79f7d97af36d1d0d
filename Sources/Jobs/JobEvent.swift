import Storage

/// One line of a job's log.
package struct JobEvent: Sendable, Equatable {
  /// How much it matters.
  package enum Level: String, Sendable, CaseIterable {
    /// Things go as planned.
    case info
    /// Something was changed or left out.
    case warn
    /// The job cannot go on.
    case error
  }

  /// What its data is.
  package enum Kind: String, Sendable, CaseIterable {
    /// A sentence.
    case message
    /// Numbers of the training, in `data`.
    case metrics
  }

  /// What an executor says; the queue adds the rest.
  package struct Content: Sendable, Equatable {
    package var level: Level
    package var kind: Kind
    package var message: String
    /// JSON, opaque here; empty where there is none.
    package var data: [UInt8]

    /// A sentence of level info without data, where nothing else is said.
    package init(
      _ message: String,
      level: Level = .info,
      kind: Kind = .message,
      data: [UInt8] = []
    ) {
      self.level = level
      self.kind = kind
      self.message = message
      self.data = data
    }
  }

  package let jobID: String
  /// From 1 on, without gaps within a job.
  package let sequence: Int
  /// Unix seconds.
  package let createdAt: Int
  package let content: Content

  /// `ftevent-`, the random part of the job's id, and the sequence number, so that no index is needed to find it.
  package var id: String {
    "\(JobIdentifier.eventPrefix)\(jobID.dropFirst(JobIdentifier.jobPrefix.count))-\(sequence)"
  }

  /// The sequence number in an event's id, nil where it is none of this job's ids.
  package static func sequence(of id: String, jobID: String) -> Int? {
    let random = jobID.dropFirst(JobIdentifier.jobPrefix.count)
    let prefix = "\(JobIdentifier.eventPrefix)\(random)-"
    guard id.hasPrefix(prefix) else { return nil }
    let digits = id.dropFirst(prefix.count)
    guard let sequence = Int(digits), sequence > 0, String(sequence) == digits else { return nil }
    return sequence
  }
}

extension JobEvent {
  /// The event as the log has it.
  var encoded: [UInt8] {
    var writer = RecordWriter(.event)
    encode(to: &writer)
    return writer.bytes
  }

  /// Reads an event of the log.
  ///
  /// - Throws: `FormatError` where the bytes are none, or of another format.
  init(_ bytes: [UInt8], jobID: String) throws(FormatError) {
    var reader = try RecordReader(bytes, .event)
    self = try JobEvent(&reader, jobID: jobID)
    try reader.finish()
  }

  func encode(to writer: inout RecordWriter) {
    writer.append(sequence)
    writer.append(createdAt)
    writer.append(content.level.rawValue)
    writer.append(content.kind.rawValue)
    writer.append(content.message)
    writer.append(content.data)
  }

  init(_ reader: inout RecordReader, jobID: String) throws(FormatError) {
    self.jobID = jobID
    sequence = try reader.count("sequence")
    createdAt = try reader.int("createdAt")
    let level = try reader.word("level", Level.init(rawValue:))
    let kind = try reader.word("kind", Kind.init(rawValue:))
    let message = try reader.string("message")
    content = Content(message, level: level, kind: kind, data: try reader.bytes("data"))
  }
}

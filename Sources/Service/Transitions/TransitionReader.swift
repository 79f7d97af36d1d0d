import HTTP
import Tensors

/// Reads transitions of a text, row by row, into columns.
///
/// A row is `{"observation", "action", "reward", "next_observation", "terminated", "truncated"}`; `truncated` may be missing. An
/// observation is what `:qvalues` takes, an action its position or its name. Strict: a misspelt key is an error.
struct TransitionReader {
  private let observations: ObservationReader
  /// Positions of the actions by the bytes of their names.
  private let actions: [[UInt8]: UInt32]
  private let actionCount: Int
  private let actionNames: String
  private let staging: TensorStaging
  private let nextStaging: TensorStaging
  private var actionColumn: [UInt32] = []
  private var rewardColumn: [Float] = []
  private var endColumn: [TransitionBatch.End] = []

  /// A row that cannot be taken.
  struct Fault: Error {
    /// `transitions[3].action`.
    let field: String
    let reason: String

    /// Readers of observations begin with where it is; others do not.
    var message: String { reason.hasPrefix(field) ? reason : "\(field): \(reason)" }
  }

  private static let known = [
    "observation", "action", "reward", "next_observation", "terminated", "truncated",
  ]

  init(_ observations: ObservationReader) {
    self.observations = observations
    let names = observations.format.actions
    actions = Dictionary(
      names.enumerated().map { (Array($1.utf8), UInt32($0)) },
      uniquingKeysWith: { first, _ in first }
    )
    actionCount = names.count
    let shown = names.prefix(Self.namesShown).map { "'\($0)'" }.joined(separator: ", ")
    actionNames = "\(shown)\(names.count > Self.namesShown ? ", ..." : "")"
    let dtype: DType = observations.format.states == nil ? .float32 : .int64
    staging = TensorStaging(dtype)
    nextStaging = TensorStaging(dtype)
  }

  /// Actions that a message lists.
  private static let namesShown = 16

  /// Rows so far.
  var count: Int { actionColumn.count }

  /// Bytes that the observations so far take.
  var byteCount: Int { 2 * staging.bytes.count }

  /// Reads the row at the cursor.
  ///
  /// - Parameters:
  ///   - name: What the text calls it: `transitions[3]`.
  ///   - cursor: Before the row; behind it afterwards.
  /// - Throws: `Fault` that names the field; the rows before stay.
  mutating func read(_ name: String, _ cursor: inout JSONCursor) throws(Fault) {
    cursor.skipSpace()
    guard cursor.peek() == 0x7B else {
      throw Fault(field: name, reason: "expected an object, found \(cursor.found)")
    }
    var row = Row()
    var members = BodyMembers(object: name, reservesSignatureName: false)
    var field = name
    do {
      try members.readObject(&cursor) { key, cursor in
        field = "\(name).\(key.prefix(64))"
        cursor.skipSpace()
        try read(key, field, &cursor, &row)
        field = name
        return true
      }
    } catch let error as Fault {
      throw error
    } catch {
      throw Fault(field: field, reason: (error as? JSONError)?.reason ?? "\(error)")
    }
    try finish(row, name)
  }

  /// What was read of a row.
  private struct Row {
    var hasObservation = false
    var hasNext = false
    var action: UInt32?
    var reward: Float?
    var isTerminated: Bool?
    var isTruncated: Bool?
  }

  private func read(
    _ key: String,
    _ field: String,
    _ cursor: inout JSONCursor,
    _ row: inout Row
  ) throws {
    switch key {
    case "observation":
      try observations.read(field, &cursor, into: staging)
      row.hasObservation = true
    case "next_observation":
      try observations.read(field, &cursor, into: nextStaging)
      row.hasNext = true
    case "action": row.action = try action(field, &cursor)
    case "reward":
      let reward = try cursor.double()
      guard reward.isFinite, Float(reward).isFinite else {
        throw Fault(field: field, reason: "\(reward) is not a finite number of 32 bits")
      }
      row.reward = Float(reward)
    case "terminated": row.isTerminated = try flag(field, &cursor)
    case "truncated": row.isTruncated = try flag(field, &cursor)
    default:
      throw Fault(
        field: field,
        reason: "not known here; known are \(Self.known.joined(separator: ", "))"
      )
    }
  }

  private func action(_ field: String, _ cursor: inout JSONCursor) throws -> UInt32 {
    if cursor.peek() == 0x22 {
      let name = try cursor.string { Array($0) }
      guard let action = actions[name] else {
        let text = String(decoding: name.prefix(64), as: UTF8.self)
        throw Fault(
          field: field,
          reason: "the model has no action '\(text)'; it has \(actionNames)"
        )
      }
      return action
    }
    let number = try cursor.double()
    guard let action = UInt32(exactly: number), action < actionCount else {
      throw Fault(
        field: field,
        reason:
          "\(number) is no action; the model has 0 to \(actionCount - 1), which are \(actionNames)"
      )
    }
    return action
  }

  private func flag(_ field: String, _ cursor: inout JSONCursor) throws(Fault) -> Bool {
    if cursor.take(word: "true") { return true }
    if cursor.take(word: "false") { return false }
    throw Fault(field: field, reason: "expected true or false, found \(cursor.found)")
  }

  private mutating func finish(_ row: Row, _ name: String) throws(Fault) {
    func need(_ isThere: Bool, _ key: String) throws(Fault) {
      guard isThere else { throw Fault(field: "\(name).\(key)", reason: "missing") }
    }
    try need(row.hasObservation, "observation")
    try need(row.hasNext, "next_observation")
    guard let action = row.action else { throw Fault(field: "\(name).action", reason: "missing") }
    guard let reward = row.reward else { throw Fault(field: "\(name).reward", reason: "missing") }
    guard let isTerminated = row.isTerminated else {
      throw Fault(field: "\(name).terminated", reason: "missing")
    }
    var end: TransitionBatch.End = isTerminated ? .terminated : []
    if row.isTruncated ?? false { end.insert(.truncated) }
    actionColumn.append(action)
    rewardColumn.append(reward)
    endColumn.append(end)
  }

  /// All rows.
  ///
  /// - Parameter time: Seconds since 1970.
  /// - Returns: The rows as they are kept.
  func batch(time: Double) -> TransitionBatch {
    let packed = TransitionBatch.packed(staging.dtype, staging.bytes, nextStaging.bytes)
    return TransitionBatch(
      time: time,
      elements: packed.elements,
      width: observations.format.count,
      actions: actionColumn,
      rewards: rewardColumn,
      ends: endColumn,
      observations: packed.observations,
      nextObservations: packed.nextObservations
    )
  }
}

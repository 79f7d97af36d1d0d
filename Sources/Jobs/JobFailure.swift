/// Why a job failed, in the shape of the wire; executors throw it.
package struct JobFailure: Error, Sendable, Equatable {
  /// A word for programs, as `invalid_training_file`.
  package var code: String
  /// A sentence for people.
  package var message: String
  /// The field of the specification that is to blame, nil where none is.
  package var param: String?

  /// Longest message that is kept, characters; the rest is cut off.
  package static let messageCharacterCountMax = 2000
  /// Longest code and param that are kept, characters.
  package static let wordCharacterCountMax = 100

  /// A failure; overlong texts are cut.
  package init(code: String, message: String, param: String? = nil) {
    self.code = String(code.prefix(Self.wordCharacterCountMax))
    self.message = String(message.prefix(Self.messageCharacterCountMax))
    self.param = param.map { String($0.prefix(Self.wordCharacterCountMax)) }
  }
}

/// What an executor throws when it stops because it was asked to, with its checkpoint written.
package struct JobInterruption: Error, Sendable, Equatable {
  /// The one interruption there is.
  package init() {}
}

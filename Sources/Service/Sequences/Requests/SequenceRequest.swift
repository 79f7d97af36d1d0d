import HTTP

/// What a client asks of a sequence model.
struct SequenceRequest: Sendable {
  var instances: [SequenceInstance]
  var parameters: SequenceParameters
  /// Whether the answer is sent as it is made.
  var isStream = false
  /// How long the answer is made on after its reader has gone, seconds.
  var resumeSeconds = 0
  /// What the answers call each instance in errors.
  var instanceName: @Sendable (Int) -> String = { "instances[\($0)]" }
}

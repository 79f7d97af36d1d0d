package import ONNXFormat

/// Answers instances of one version of a sequence model: the seam between the routes and the decode loop.
package protocol SequenceBackend: Sendable {
  var task: SequenceTask { get }

  /// Tokens or numbers of the longest instance.
  var sourceLengthMax: Int { get }

  /// Tokens or numbers of the longest answer.
  var answerLengthMax: Int { get }

  /// Reads an instance: tokens of a text, elements of an image.
  ///
  /// Called on many threads. An image is decoded here.
  ///
  /// - Throws: What is wrong with the instance, as a `ServiceError` or with a description for the client.
  func encode(_ instance: SequenceInstance) throws -> EncodedSequence

  /// Begins to answer, and returns at once.
  ///
  /// - Parameters:
  ///   - sequence: What `encode` made.
  ///   - parameters: Checked against `task` and the limits above.
  ///   - sink: Gets the pieces and then the answer or an error. It is let go afterwards.
  func submit(
    _ sequence: EncodedSequence,
    _ parameters: SequenceParameters,
    _ sink: any SequenceSink
  )

  /// Tells where the load that the model makes is counted, once it is served.
  func attach(_ load: ServingLoad)
}

extension SequenceBackend {
  /// Counts nothing.
  package func attach(_ load: ServingLoad) {}
}

/// Where an answer goes while it is made.
///
/// One thread at a time calls it, and waits for nothing in it.
package protocol SequenceSink: AnyObject, Sendable {
  /// Whether nobody waits for the answer any more.
  ///
  /// Asked before every step: a sequence that is cancelled takes part in no other step, and ends with `fail`.
  var isCancelled: Bool { get }

  /// Takes what the last step has added; beam search adds nothing before its end.
  func append(_ piece: SequencePiece)

  /// Takes the whole answer: the last call.
  func finish(_ answer: SequenceAnswer)

  /// Takes the reason why there is no answer, whatever it is where the sequence was cancelled: the last call.
  func fail(_ error: ServiceError)
}

import Datasets
import Engine
import HTTP

/// Turns the tokens of one stream into text for a sink.
///
/// `@unchecked Sendable`: only the decode loop's thread touches the text.
final class TextObserver: DecodingObserver, @unchecked Sendable {
  private let vocabulary: Vocabulary
  private let sink: any SequenceSink
  private var decoder: TextDecoder

  init(_ vocabulary: Vocabulary, _ sink: any SequenceSink) {
    self.vocabulary = vocabulary
    self.sink = sink
    decoder = TextDecoder(vocabulary)
  }

  var isCancelled: Bool { sink.isCancelled }

  func produced(_ token: DecodedToken) -> Bool {
    sink.append(
      .token(
        vocabulary.text(of: token.token),
        text: decoder.append(token.token),
        logProbability: token.logProbability
      )
    )
    return true
  }

  func finished(_ result: DecodingResult) {
    guard result.answer.finishReason != .cancelled else {
      sink.fail(ServiceError(.clientClosedRequest, "nobody waits for the answer"))
      return
    }
    // The pieces together are the answer's text, also where it ends within a character.
    let rest = decoder.finish()
    if !rest.isEmpty { sink.append(.token("", text: rest, logProbability: 0)) }
    let texts = result.answers.map { answer in
      GeneratedText(
        vocabulary.decode(answer.tokens),
        tokens: answer.tokens.map { vocabulary.text(of: $0) },
        answer.finishReason == .stop ? .stop : .length,
        logProbability: Float(answer.logProbability)
      )
    }
    sink.finish(.texts(texts))
  }

  func failed(_ error: any Error) { sink.fail(ServiceError(decoding: error)) }
}

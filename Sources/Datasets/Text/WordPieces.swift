/// Words as the tokens of a vocabulary, for models that label words by their first tokens.
package struct WordPieces: Sendable, Equatable {
  package let words: [String]
  package let ids: [Int]
  /// Position of each word's first token; equally many as words.
  package let starts: [Int]

  /// Encodes each word by itself, after a space, so that its tokens do not depend on its neighbours.
  package init(_ words: [String], _ vocabulary: Vocabulary) {
    var ids: [Int] = []
    var starts: [Int] = []
    for word in words {
      starts.append(ids.count)
      ids += vocabulary.encode(" " + word).ids
    }
    self.words = words
    self.ids = ids
    self.starts = starts
  }

  /// The words of a text that are separated by white space, as corpora have them.
  package init(of text: String, _ vocabulary: Vocabulary) {
    let words = text.unicodeScalars.split { $0.properties.isWhitespace }
    self.init(words.map { String($0) }, vocabulary)
  }
}

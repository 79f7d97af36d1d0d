/// A text as ids, with what the vocabulary does not have.
package struct EncodedText: Sendable, Equatable {
  /// A part of the text that became `Vocabulary.unknown`.
  package struct Unknown: Sendable, Equatable {
    /// Its position among the ids.
    package let position: Int
    /// Where it starts in the text, in bytes of UTF-8.
    package let offset: Int
    /// The part as it stands in the text.
    package let text: String

    package init(position: Int, offset: Int, text: String) {
      self.position = position
      self.offset = offset
      self.text = text
    }
  }

  package var ids: [Int]
  /// In the order of the text; each has an entry here.
  package var unknown: [Unknown]

  package init(ids: [Int], unknown: [Unknown]) {
    self.ids = ids
    self.unknown = unknown
  }
}

package import Storage

/// The sentence polarity data set v1.0 (Pang and Lee 2005): sentences of film reviews, latin-1, one on a line, tokens separated by
/// spaces; `rt-polarity.pos` and `rt-polarity.neg`.
package enum SentencePolarity {
  /// Reads the sentences of a folder's two files, compressed or not.
  ///
  /// - Throws: `FormatError` where a file cannot be read.
  package static func read(
    in folder: String
  ) throws(FormatError) -> (positive: [String], negative: [String]) {
    func sentences(_ name: String) throws(FormatError) -> [String] {
      try TextLines.read(contentsOf: "\(folder)/\(name)", encoding: .latin1).map { line in
        String(line.reversed().drop { $0 == " " }.reversed())
      }
    }
    return (try sentences("rt-polarity.pos"), try sentences("rt-polarity.neg"))
  }
}

import Datasets
import Storage
import TestSupport
import Tensors
import Testing

@Suite struct WordVectorsTests {
  private func read(_ text: String) throws -> WordVectors {
    try WordVectors.read(ByteStream(MemorySource(Array(text.utf8))))
  }

  @Test func readsWhatItWrites() throws {
    let vectors = WordVectors(
      words: ["the", "naïve", ","],
      values: Tensor([0.1, -2.5, 1e-8, 3, .pi, -0] as [Float], [3, 2])
    )
    let file = try vectors.file()
    #expect(String(decoding: file, as: UTF8.self).hasPrefix("3 2\nthe 0.1 -2.5\n"))
    #expect(try WordVectors.read(ByteStream(MemorySource(file))) == vectors)
  }

  @Test func keepsTheWordsThatAreAskedFor() throws {
    let text = "3 2\na 1 2 \nb 3 4 \nc 5 6\n"
    let stream = ByteStream(MemorySource(Array(text.utf8)))
    let vectors = try WordVectors.read(stream) { $0 != "b" }
    #expect(vectors.words == ["a", "c"])
    #expect(vectors.values == Tensor([1, 2, 5, 6] as [Float], [2, 2]))
  }

  @Test(arguments: [
    ("", "line 1"), ("2\n", "line 1"), ("1 0\na\n", "line 1"), ("99999999999 2\n", "line 1"),
    ("-1 2\n", "line 1"), ("2 2\na 1 2\n", "after line 2"), ("1 2\na 1\n", "line 2 has 2 fields"),
    ("1 2\na 1 x\n", "'x'"), ("1 2\na 1 nan\n", "'nan'"), ("1 1\na 1\nb 2\n", "more lines"),
  ]) func malformedFilesAreErrors(text: String, expected: String) {
    let error = #expect(throws: FormatError.self) { try read(text) }
    #expect(error?.detail.contains(expected) == true, "\(error?.detail ?? "")")
  }

  @Test func mutatedFilesNeverTrap() {
    var mutator = Mutator(seed: 3)
    let sample = Array("3 2\nthe 0.5 -1\nof 1e3 2\nto 3 4\n".utf8)
    var refused = 0
    for _ in 0..<5_000 {
      do { _ = try WordVectors.read(ByteStream(MemorySource(mutator.mutate(sample)))) } catch {
        refused += 1
      }
    }
    #expect(refused > 1_000)
  }

  @Test func wordsWithWhiteSpaceAreNotWritten() {
    for word in ["", "a b", "a\n"] {
      let vectors = WordVectors(words: [word], values: Tensor([1] as [Float], [1, 1]))
      #expect(throws: FormatError.self) { try vectors.file() }
    }
  }

  @Test func anEmbeddingTakesKnownWordsAndDrawsTheOthers() throws {
    let vectors = try read("3 2\ncat 1 -1\ndog 2 -2\nunused 3 -3\n")
    let vocabulary = Vocabulary.words(in: ["cat cat bird dog dog"], rule: WordRule())
    let table = EmbeddingTable(vocabulary, from: vectors, seed: 7)
    let rows = table.values.elements(of: Float.self)
    // Ids: four special ones, cat, dog, bird.
    #expect(table.values.shape == [7, 2] && table.missing == [1, 2, 3, 6])
    #expect(Array(rows[0..<2]) == [0, 0])
    #expect(Array(rows[8..<12]) == [1, -1, 2, -2])
    // The variance of ±1, ±2, ±3 is 28 / 6, so the numbers lie within sqrt(14).
    #expect(rows.allSatisfy { abs($0) <= Float(14).squareRoot() } && rows[12] != 0)
    #expect(EmbeddingTable(vocabulary, from: vectors, seed: 7) == table)
    #expect(EmbeddingTable(vocabulary, from: vectors, seed: 8) != table)
    // A row depends on its id alone, not on what else there is.
    let larger = Vocabulary.words(in: ["cat cat cat dog dog bird", "zebra"], rule: WordRule())
    let others = EmbeddingTable(larger, from: vectors, seed: 7).values.elements(of: Float.self)
    #expect(others[12..<14] == rows[12..<14])
  }
}

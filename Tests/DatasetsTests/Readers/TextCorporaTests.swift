import Datasets
import Storage
import TestSupport
import Tensors
import Testing

@Suite struct TextCorporaTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    try FileAccess.create("\(folder.path)/\(name)", bytes)
  }

  private func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  @Test func linesPlainAndCompressedInBothEncodings() throws {
    try write("plain.txt", "eins\r\nzwei\n\nvier")
    try write("packed.txt.gz", Deflate.deflate(Array("über\n".utf8), .gzip))
    try write("latin.txt", Array("caf".utf8) + [0xE9, 0x0A])
    #expect(
      try TextLines.read(contentsOf: "\(folder.path)/plain.txt") == ["eins", "zwei", "", "vier"]
    )
    #expect(try TextLines.read(contentsOf: "\(folder.path)/packed.txt") == ["über"])
    #expect(
      try TextLines.read(contentsOf: "\(folder.path)/latin.txt", encoding: .latin1) == ["café"]
    )
    let error = #expect(throws: FormatError.self) {
      try TextLines.read(contentsOf: "\(folder.path)/latin.txt")
    }
    #expect(error?.detail.contains("line 1 is not UTF-8") == true)
    let missing = #expect(throws: FormatError.self) {
      try TextLines.read(contentsOf: "\(folder.path)/none.txt")
    }
    #expect(missing?.detail.contains("none.txt") == true)
  }

  @Test func multi30kPairsLinesOfTwoFiles() throws {
    try write("val.en", "Two dogs.\nA man.\n")
    try write("val.de.gz", Deflate.deflate(Array("Zwei Hunde.\nEin Mann.\n".utf8), .gzip))
    let pairs = try Multi30k.read(.validation, in: folder.path, source: "en", target: "de")
    #expect(
      pairs == [
        SentencePair(source: "Two dogs.", target: "Zwei Hunde."),
        SentencePair(source: "A man.", target: "Ein Mann."),
      ]
    )
    try write("val.fr", "Deux chiens.\n")
    let error = #expect(throws: FormatError.self) {
      try Multi30k.read(.validation, in: folder.path, source: "en", target: "fr")
    }
    #expect(error?.detail.contains("2 lines of en, 1 of fr") == true)
  }

  @Test func tatoebaPairsHalvesOfALine() throws {
    try write("deu.txt", "1\t2\r\nGo.\tGeh.\r\nHi.\tHallo!\tCC-BY 2.0\n")
    let pairs = try Tatoeba.read(contentsOf: "\(folder.path)/deu.txt")
    #expect(
      pairs == [
        SentencePair(source: "Go.", target: "Geh."), SentencePair(source: "Hi.", target: "Hallo!"),
      ]
    )
    try write("bad.txt", "Go.\tGeh.\nHi.\n")
    let error = #expect(throws: FormatError.self) {
      try Tatoeba.read(contentsOf: "\(folder.path)/bad.txt")
    }
    #expect(error?.detail.contains("line 2") == true)
  }

  @Test func conll2000ReadsBothPartsOfTheArchive() throws {
    let training = "He PRP B-NP\nreckons VBZ B-VP\n\nthe DT B-NP\ndeficit NN I-NP\n. . O\n\n"
    try write(
      "conll2000.zip",
      ZipWriter.write([
        ZipFile(name: "conll2000/", bytes: []),
        ZipFile(name: "conll2000/train.txt", bytes: Array(training.utf8)),
        // Without an empty line at the end.
        ZipFile(name: "conll2000/test.txt", bytes: Array("Rockwell NNP B-NP".utf8)),
      ])
    )
    let corpus = try CoNLL2000.read(contentsOf: "\(folder.path)/conll2000.zip")
    #expect(corpus.training.map(\.words) == [["He", "reckons"], ["the", "deficit", "."]])
    #expect(corpus.training.last?.partsOfSpeech == ["DT", "NN", "."])
    #expect(corpus.training.last?.chunks == ["B-NP", "I-NP", "O"])
    #expect(corpus.test.map(\.words) == [["Rockwell"]])
    try write(
      "bad.zip",
      ZipWriter.write([ZipFile(name: "train.txt", bytes: Array("He PRP\n".utf8))])
    )
    let error = #expect(throws: FormatError.self) {
      try CoNLL2000.read(contentsOf: "\(folder.path)/bad.zip")
    }
    #expect(error?.detail.contains("train.txt, line 1: 2 fields") == true)
  }

  @Test func sentencePolarityIsLatin1WithoutSpacesAtTheEnd() throws {
    try write("rt-polarity.pos", Array("a ".utf8) + [0xE9] + Array("clair . \n".utf8))
    try write("rt-polarity.neg", "bad .\nworse . \n")
    let (positive, negative) = try SentencePolarity.read(in: folder.path)
    #expect(positive == ["a éclair ."] && negative == ["bad .", "worse ."])
  }

  @Test func tinyShakespeareKeepsTheLastTenthForValidation() throws {
    try write("input.txt", "0123456789abcdefghijé")
    let parts = try TinyShakespeare.read(contentsOf: "\(folder.path)/input.txt")
    #expect(parts.training == "0123456789abcdefgh" && parts.validation == "ijé")
    try write("bad.txt", [0xFF])
    #expect(throws: FormatError.self) {
      try TinyShakespeare.read(contentsOf: "\(folder.path)/bad.txt")
    }
  }

  @Test func seriesHaveTimesAndValues() throws {
    let series = try SeriesCSV(
      Array("\"Month\",\"Passengers\"\r\n\"1949-01\",112\r\n\"1949-02\",118.5\r\n".utf8)
    )
    #expect(series.name == "Passengers" && series.times == ["1949-01", "1949-02"])
    #expect(series.values == [112, 118.5])
  }

  @Test(arguments: [
    ("", "header"), ("a,b,c\n", "header"), ("t,v\n1,2,3\n", "line 2 has 3"),
    ("t,v\n1,2\n2,?0.2\n", "line 3, column 2: '?0.2'"), ("t,v\n1,inf\n", "'inf'"),
  ]) func seriesThatAreWrongAreErrors(text: String, expected: String) {
    let error = #expect(throws: FormatError.self) { try SeriesCSV(Array(text.utf8)) }
    #expect(error?.detail.contains(expected) == true, "\(error?.detail ?? "")")
  }

  @Test func flickr8kJoinsPicturesCaptionsAndTheSplit() throws {
    try write(
      "captions.csv",
      "image,caption\nb.jpg,\"A dog , \"\"Rex\"\" .\"\nb.jpg,A dog\na.jpg,A man\n"
    )
    try write("split_by_sha1.tsv", "b.jpg\ttrain\na.jpg\ttrain\n")
    try write(
      "images_64x64_jpeg.zip",
      ZipWriter.write([ZipFile(name: "b.jpg", bytes: [2]), ZipFile(name: "a.jpg", bytes: [1])])
    )
    let corpus = try Flickr8k(in: folder.path)
    let training = try #require(corpus.examples[.training])
    #expect(training.map(\.name) == ["a.jpg", "b.jpg"] && training.map(\.image) == [[1], [2]])
    #expect(training[1].captions == ["A dog , \"Rex\" .", "A dog"])
    #expect(corpus.examples[.test] == nil)
  }

  @Test func flickr8kNamesAPictureThatIsMissing() throws {
    try write("captions.csv", "image,caption\nb.jpg,A dog\n")
    try write("split_by_sha1.tsv", "b.jpg\ttest\n")
    try write("images_64x64_jpeg.zip", ZipWriter.write([ZipFile(name: "a.jpg", bytes: [1])]))
    let error = #expect(throws: FormatError.self) { try Flickr8k(in: folder.path) }
    #expect(error?.detail.contains("b.jpg") == true)
  }

  @Test func mutatedCorporaNeverTrap() throws {
    var mutator = Mutator(seed: 11)
    let sentences = Array("He PRP B-NP\nran VBD B-VP\n\nIt PRP B-NP\n".utf8)
    let archive = try ZipWriter.write([
      ZipFile(name: "train.txt", bytes: sentences), ZipFile(name: "test.txt", bytes: sentences),
    ])
    let pairs = Array("1\t2\r\nGo.\tGeh.\nHi.\tHallo!\n".utf8)
    let series = Array("\"t\",\"v\"\r\n\"1949-01\",112\r\n\"1949-02\",-1e3\r\n".utf8)
    var refused = 0
    for _ in 0..<1_000 {
      for (sample, read) in [
        (archive, { _ = try CoNLL2000.read($0) }),
        (pairs, { _ = try Tatoeba.pairs(TextLines.read($0)) }),
        (series, { _ = try SeriesCSV($0) }),
      ] as [([UInt8], ([UInt8]) throws -> Void)] {
        do { try read(mutator.mutate(sample)) } catch { refused += 1 }
      }
    }
    #expect(refused > 1_000)
  }
}

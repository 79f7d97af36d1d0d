import Datasets
import Storage
import TestSupport
import Testing

@Suite struct VocabularyTests {
  private static let texts = [
    "The naïve café: 3 crêpes, please! 🥐", "Don't stop; it's 12:30 (or 12:45).",
    "the the the of of dog", "日本語も", "\"Quoted\" and/or T-shirt 50 % off",
  ]

  static let vocabularies = [
    Vocabulary.characters(in: texts),
    Vocabulary.words(in: texts, rule: WordRule()),
    Vocabulary.bytePairs(in: texts, countMax: 300),
  ]

  @Test(arguments: vocabularies) func aFileGivesTheSameVocabularyAndTheSameBytes(
    vocabulary: Vocabulary
  ) throws {
    let bytes = try vocabulary.json()
    let read = try Vocabulary.read(bytes)
    #expect(read == vocabulary && read.kind == vocabulary.kind && read.count == vocabulary.count)
    #expect(try read.json() == bytes)
    for text in Self.texts { #expect(read.encode(text) == vocabulary.encode(text)) }
  }

  @Test func theFormatOfTheFile() throws {
    let vocabulary = Vocabulary.words(in: ["b b a"], rule: WordRule(isLowerCased: true))
    let text = String(decoding: try vocabulary.json(), as: UTF8.self)
    #expect(
      text == #"{"format":1,"kind":"words","special":{"end":3,"padding":0,"start":2,"unknown":1},"#
        + #""tokens":["b","a"],"words":{"digits":"keep","lower_case":true,"#
        + #""split_punctuation":true}}"# + "\n"
    )
    let characters = Vocabulary.characters(["b", "a", "b"])
    #expect(characters.count == 6 && characters.encode("ab").ids == [5, 4])
  }

  private static let special = #""special":{"padding":0,"unknown":1,"start":2,"end":3}"#

  @Test(arguments: [
    ("{}", "'format' is missing"),
    (#"{"format":2,"kind":"words",\#(special)}"#, "'format': is 2"),
    (#"{"format":1,"kind":"runes",\#(special)}"#, "'kind' is 'runes'"),
    (#"{"format":1,"kind":"characters","tokens":[],"special":{"padding":0}}"#, "'unknown'"),
    (
      #"{"format":1,"kind":"characters","tokens":[],"#
        + #""special":{"padding":0,"unknown":1,"start":3,"end":2}}"#, "'special' must be"
    ),
    (
      #"{"format":1,"kind":"characters","tokens":[],"#
        + #""special":{"padding":0,"unknown":1,"start":2,"end":3,"stop":4}}"#, "special.stop"
    ),
    (#"{"format":1,"kind":"characters",\#(special)}"#, "'tokens'"),
    (#"{"format":1,"kind":"characters","tokens":["a"],"merges":[],\#(special)}"#, "'merges'"),
    (#"{"format":1,"kind":"characters","tokens":["a"],"colour":1,\#(special)}"#, "'colour'"),
    (#"{"format":1,"kind":"characters","tokens":["a",7],\#(special)}"#, "tokens"),
    (#"{"format":1,"kind":"characters","tokens":["a","bc"],\#(special)}"#, "'tokens.1'"),
    (#"{"format":1,"kind":"characters","tokens":["a","b","a"],\#(special)}"#, "'tokens.2'"),
    (#"{"format":1,"kind":"words","tokens":["a"],\#(special)}"#, "'words'"),
    (
      #"{"format":1,"kind":"words","tokens":["a"],\#(special),"#
        + #""words":{"lower_case":true,"split_punctuation":true,"digits":"drop"}}"#,
      "'words.digits' is 'drop'"
    ),
    (
      #"{"format":1,"kind":"words","tokens":[""],\#(special),"#
        + #""words":{"lower_case":true,"split_punctuation":true,"digits":"keep"}}"#, "'tokens.0'"
    ),
    (#"{"format":1,"kind":"byte-pairs","merges":[[4]],\#(special)}"#, "'merges.0' has 1"),
    (#"{"format":1,"kind":"byte-pairs","merges":[[4,5],[4,261]],\#(special)}"#, "'merges.1'"),
    (#"{"format":1,"kind":"byte-pairs","merges":[[4,3]],\#(special)}"#, "'merges.0'"),
    (#"{"format":1,"kind":"byte-pairs","merges":[[4,5],[4,5]],\#(special)}"#, "'merges.1'"),
    (
      #"{"format":1,"kind":"byte-pairs","merges":[[4,4],[260,260],[261,261],[262,262],"#
        + #"[263,263],[264,264],[265,265]],\#(special)}"#, "'merges.6' makes 128 bytes"
    ),
  ]) func filesThatAreWrongNameTheKey(text: String, expected: String) {
    let error = #expect(throws: FormatError.self) { try Vocabulary.read(Array(text.utf8)) }
    #expect(error?.detail.contains(expected) == true, "\(error?.detail ?? "")")
  }

  @Test(arguments: vocabularies) func mutatedFilesNeverTrap(vocabulary: Vocabulary) throws {
    var mutator = Mutator(seed: 4)
    let sample = try vocabulary.json()
    var refused = 0
    for _ in 0..<2_000 {
      do {
        let read = try Vocabulary.read(mutator.mutate(sample))
        _ = read.decode(read.encode("a café").ids)
      } catch { refused += 1 }
    }
    #expect(refused > 500)
  }

  @Test(arguments: vocabularies) func anyIdsDecodeAndStreamToTheSameText(vocabulary: Vocabulary) {
    var mutator = Mutator(seed: 9)
    for round in 0..<300 {
      let bytes = mutator.mutate(Array(Self.texts[round % Self.texts.count].utf8))
      let text = String(decoding: bytes, as: UTF8.self)
      _ = vocabulary.encode(text)
      let ids = bytes.map { Int($0) * 7 % (vocabulary.count + 5) - 2 }
      var decoder = TextDecoder(vocabulary)
      let pieces = ids.map { decoder.append($0) } + [decoder.finish()]
      #expect(pieces.joined() == vocabulary.decode(ids))
    }
  }

  @Test func specialTokensBecomeNothingAndForeignIdsTheReplacementCharacter() {
    for vocabulary in Self.vocabularies {
      #expect(vocabulary.decode([0, 2, 3]) == "")
      #expect(vocabulary.decode([1]) == "\u{FFFD}")
      #expect(vocabulary.decode([vocabulary.count, -1, Int.max]).contains("\u{FFFD}"))
      #expect((0..<4).map(vocabulary.text(of:)) == ["<padding>", "<unknown>", "<start>", "<end>"])
    }
  }
}

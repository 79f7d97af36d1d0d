import Datasets
import ONNXFormat
import TestSupport
import Testing

@testable import Service

/// Files of examples for each task: what they become, and what is said about bad ones.
@Suite struct SequenceExampleReaderTests {
  static let letters = SmallSequenceModels.letters

  static func schema(_ task: SequenceTask) -> SequenceExampleSchema {
    SequenceExampleSchema(
      task: task,
      format: .init(
        tokens: task == .forecasting ? nil : "tokens",
        values: task == .forecasting ? "values" : nil,
        start: task.hasTargetText ? Vocabulary.start : nil,
        end: task.hasTargetText ? Vocabulary.end : nil,
        sourceReversed: task == .translation,
        sourceLengthMax: task == .forecasting ? 3 : 6,
        lengthMax: 5
      ),
      source: letters,
      target: letters,
      labels: ["low", "high"],
      image: .init(channels: 1, height: 2, width: 2),
      forecast: .init(mean: 1, scale: 2)
    )
  }

  static func read(
    _ task: SequenceTask,
    _ text: String,
    _ name: String = "train.jsonl"
  ) throws(ExampleProblems) -> SequenceExampleSet {
    try SequenceExampleReader(schema(task)).read(Array(text.utf8), name: name)
  }

  static func ids(_ text: String) -> [Int32] { letters.encode(text).ids.map(Int32.init) }

  @Test func pairsOfTextsComeAsLinesOrTables() throws {
    let expected = try Self.read(
      .translation,
      #"{"source": "abc", "target": "b"}"# + "\n\n" + #"{"target": "cd", "source": "e"}"#
    )
    #expect(expected.sources == [Self.ids("cba"), Self.ids("e")])
    #expect(expected.inputs == [[2] + Self.ids("b"), [2] + Self.ids("cd")])
    #expect(expected.targets == [Self.ids("b") + [3], Self.ids("cd") + [3]])
    for (text, name) in [
      ("abc,b\ne,cd\n", "a.csv"), ("source,target\nabc,b\ne,cd\n", "a.csv"),
      ("target,source\n\"b\",\"abc\"\ncd,e\n", "a.csv"), ("abc\tb\ne\tcd", "a.tsv"),
      ("target\tsource\nb\tabc\ncd\te\n", "a.tsv"),
    ] {
      #expect(try Self.read(.translation, text, name).digest == expected.digest, "\(text)")
    }
  }

  @Test func aTextIsCutIntoWindows() throws {
    let text = String(repeating: "abcdefgh", count: 20)
    let set = try Self.read(.textGeneration, text, "a.txt")
    // Start, 160 letters, end: 161 predictions.
    #expect(set.inputs.map(\.count) == [64, 64, 33])
    #expect(set.inputs[0].first == 2 && set.targets[2].last == 3)
    #expect(set.inputs.flatMap(\.self).dropFirst() == set.targets.flatMap(\.self).dropLast())
    #expect(try Self.read(.textGeneration, #"{"text": "\#(text)"}"#).digest == set.digest)
  }

  @Test func labelsAreNamesOrPositions() throws {
    let set = try Self.read(
      .textClassification,
      #"{"text": "ab", "label": "high"}"# + "\n" + #"{"text": "ba", "label": 0}"#
    )
    #expect(set.classes == [1, 0])
    #expect(set.sources == [Self.ids("ab"), Self.ids("ba")])
    #expect(try Self.read(.textClassification, "ab,high\nba,low", "a.csv").digest == set.digest)
  }

  @Test func taggedTokensComeAsLinesOrColumns() throws {
    let set = try Self.read(
      .tokenClassification,
      #"{"tokens": ["a", "zz"], "labels": ["low", "high"]}"# + "\n"
        + #"{"tokens": ["b"], "labels": ["low"]}"#
    )
    #expect(set.sources == [Self.ids("a") + [1], Self.ids("b")])
    #expect(set.targets == [[0, 1], [0]])
    #expect(set.warnings.first?.hasPrefix("1 of 3 tokens") == true)
    let columns = "a NN low\nzz VB high\n\nb\tlow"
    #expect(try Self.read(.tokenClassification, columns, "a.txt").digest == set.digest)
  }

  @Test func seriesAreScaledAndCut() throws {
    let set = try Self.read(.forecasting, "month,value\n1,1\n2,3\n3,5\n4,7\n5,9\n", "a.csv")
    #expect(set.series == [[0, 1, 2, 3], [1, 2, 3, 4]])
    #expect(try Self.read(.forecasting, "1\n3\n5\n7\n9", "a.csv").digest == set.digest)
    #expect(try Self.read(.forecasting, "[1,3,5,7,9]").digest == set.digest)
    #expect(try Self.read(.forecasting, #"{"series": [1,3,5,7,9]}"#).digest == set.digest)
    let split = set.split(validationFraction: 0.5, seed: 1)
    #expect(split.training == [0] && split.validation == [1])
  }

  @Test func picturesStandBesideTheirCaptions() throws {
    let (name, content) = try SmallSequenceModels.examples(.imageCaptioning)
    let set = try SequenceExampleReader(Self.schema(.imageCaptioning)).read(content, name: name)
    #expect(set.pictures.count == 24 && set.count == 36)
    #expect(set.pictureOfTarget.prefix(4) == [0, 0, 1, 2])
    #expect(set.targets[0] == Self.ids("bad") + [3])
    let split = set.split(validationFraction: 0.25, seed: 4)
    let pictures = { (rows: [Int]) in Set(rows.map { set.pictureOfTarget[$0] }) }
    #expect(pictures(split.validation).count == 6)
    #expect(pictures(split.training).isDisjoint(with: pictures(split.validation)))
  }

  @Test(
    arguments: [
      (.translation, #"{"source": "a"}"#, "a.jsonl", "line 1, target"),
      (.translation, #"{"source": "a", "target": "b", "x": 1}"#, "a.jsonl", "'x'"),
      (.translation, #"{"source": "abcdefg", "target": "b"}"#, "a.jsonl", "at most 6 tokens"),
      (.translation, #"{"source": "a", "target": "abcdef"}"#, "a.jsonl", "at most 5 tokens"),
      (.translation, "a,b\nc\n", "a.csv", "line 2"),
      (.translation, "[1]", "a.jsonl", "an object"),
      (.textGeneration, "", "a.txt", "plain text"),
      (.textClassification, #"{"text": "a", "label": "middle"}"#, "a.jsonl", "'middle'"),
      (.textClassification, #"{"text": "a", "label": 2}"#, "a.jsonl", "label"),
      (.tokenClassification, "a low\nb\n", "a.txt", "a token and its label"),
      (.tokenClassification, #"{"tokens": ["a"], "labels": []}"#, "a.jsonl", "0 labels"),
      (.forecasting, "1\n2\nx\n", "a.csv", "line 3"),
      (.forecasting, "1\n2\n", "a.csv", "more than 3 values"),
      (.forecasting, #"["a"]"#, "a.jsonl", "a string"),
      (.imageCaptioning, "a,b", "a.csv", ".tar"),
    ] as [(SequenceTask, String, String, String)]
  )
  func badFilesAreDescribed(_ task: SequenceTask, _ text: String, _ name: String, _ part: String) {
    let problems = #expect(throws: ExampleProblems.self) { try Self.read(task, text, name) }
    #expect(problems?.description.contains(part) == true, "\(problems?.description ?? "")")
  }

  @Test func mutatedFilesNeverTrap() throws {
    var mutator = Mutator(seed: 5)
    var read = 0
    for task in SequenceTask.allCases {
      let (name, content) = try SmallSequenceModels.examples(task)
      let sample = Array(content.prefix(task == .imageCaptioning ? 4096 : 300))
      for round in 0..<300 {
        let bytes = round == 0 ? sample : mutator.mutate(sample)
        if (try? SequenceExampleReader(Self.schema(task)).read(bytes, name: name)) != nil {
          read += 1
        }
      }
    }
    #expect(read > 10)
  }
}

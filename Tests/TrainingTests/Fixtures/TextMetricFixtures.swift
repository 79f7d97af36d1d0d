// Made by Tests/Fixtures/make_text_metric_fixtures.py with nltk, sacrebleu, seqeval and scikit-learn.

enum TextMetricFixtures {
  struct BLEUCase: Sendable {
    let candidates: [String]
    let references: [[String]]
    /// BLEU-1 to BLEU-4.
    let scores: [Double]
  }

  static let bleu = [
    BLEUCase(
      candidates: [
        "dog on house dog the the",
        "big house cat on runs in street the red a",
        "in runs big in man cat in",
        "on red man dog and red man street on runs",
        "on a street the cat in a red runs big a",
        "the street man red runs dog runs and cat",
        "house big and house the house a on",
        "cat in a man cat dog red cat and big",
        "red a cat cat man a",
        "on in dog on the runs red runs the house",
        "the a and cat cat the man man a",
        "a street cat in in house a",
      ],
      references: [
        ["dog the house the the big"],
        ["big house cat runs the red dog the big a"],
        ["street runs street in big and in the"],
        ["on dog house in on man on street"],
        ["on a cat the cat in man the runs big in the"],
        ["the street man red cat dog runs red cat red red and"],
        ["house and and street the house the on dog big"],
        ["cat cat street man cat man red cat"],
        ["red a cat cat man"],
        ["house in and street the on in in the"],
        ["the the and cat the the man man a"],
        ["man street cat in dog runs"],
      ],
      scores: [0.6407766990291262, 0.4518888839381472, 0.29567327723770964, 0.19820077733535205]
    ),
    BLEUCase(
      candidates: [
        "and man man big a cat runs red street street house",
        "street in dog man red the house in red",
        "on man cat the big the dog",
        "a a street man in big and man house",
        "red on a man a house",
        "the the dog runs cat cat house on a",
        "man a big the the on",
        "a red dog big street big runs cat street runs runs",
        "dog street street on and a on dog the the",
        "and man and runs dog",
        "red a on big and runs cat on runs",
        "dog red man and man house cat a and in",
      ],
      references: [
        ["on red dog house cat cat the cat street", "on dog in runs cat cat runs man dog"],
        [
          "street in dog red street big house", "a runs dog man street a",
          "street red dog red street big house", "house in dog man street big",
          "street in dog man street in man dog cat",
        ],
        [
          "on house cat the big in dog in red", "on runs cat runs and the dog street",
          "on on cat the big the dog the",
        ],
        [
          "in a street on in big and in house man dog red",
          "the a street on in big dog dog cat man in a",
          "the a man on man big and dog house man in cat",
          "the a street on in a and dog house man in red",
          "the the dog on in big and dog house man",
        ],
        [
          "red man on man runs in cat", "cat man in a runs house cat", "and man in in runs",
          "red man in big",
        ],
        [
          "the the dog the cat dog house and runs", "in red dog runs cat dog house house street",
          "the the dog runs cat dog house red street",
          "cat street dog runs cat dog house red street and",
        ],
        ["dog big the cat", "man big the cat the", "dog big the the the", "man in the in"],
        ["man street house a street big runs cat a runs runs the"],
        [
          "cat on a dog cat a big dog on", "in on street on cat a in dog on the",
          "cat on street on in cat red runs cat", "cat on street on cat a on dog on",
          "in on street on cat a on dog runs",
        ],
        ["runs man and and dog house and street", "man man runs dog dog house and street"],
        [
          "runs house on street and runs man on", "red house man street and runs",
          "a house on street and runs man runs runs", "a house dog street dog runs",
          "red house on street and runs",
        ],
        [
          "on red man the man the a street street in", "dog red man the man house a street and",
          "dog dog man the man house house street and in street", "dog red man the man house a big",
          "big red man a dog house a street and",
        ],
      ],
      scores: [0.7690848159404778, 0.5258538340608707, 0.36510348757372346, 0.2566462484465193]
    ),
    BLEUCase(
      candidates: [
        "the dog the and and",
        "runs",
        "dog man cat street cat in big the house",
        "runs red dog in house red street runs dog and",
        "cat red house man in house red man big",
        "street",
        "cat runs on a the dog dog",
        "runs and dog cat on",
        "a house street runs and the red",
        "cat house a man house",
        "street man man and house a",
        "a a a a house house red the on man man",
      ],
      references: [
        ["the dog the and and house cat man", "the dog on red and house"],
        ["street", "runs"],
        ["dog man cat runs cat in dog the house"],
        ["runs red runs in house cat street runs", "runs red dog in cat red street runs"],
        [
          "on red house man in a dog man big street dog a",
          "cat red house man on a dog man big street", "cat red in man man a and man runs",
        ],
        ["the", "the"],
        [
          "house and dog in cat dog dog", "cat and on street cat dog dog a",
          "cat and on in cat runs man and",
        ],
        ["runs and dog cat on and", "runs and dog cat on", "runs and dog dog on and runs dog"],
        ["street house the runs and the red in on"],
        ["a runs street", "cat runs street man red big", "cat runs street man dog house"],
        ["street man big dog on a", "on man man dog and a", "street house the the a a"],
        [
          "in a a a house house and house and man man",
          "a a a house house house big the on man man street",
          "a on a a house house big man on and",
        ],
      ],
      scores: [0.8202336449855169, 0.6796186117054355, 0.5502744145202697, 0.4488097591978807]
    ),
  ]

  static let truth = [
    "O I-VP B-PP B-PP I-VP B-NP B-VP I-NP I-PP O",
    "B-PP I-NP O I-NP I-PP B-VP I-PP",
    "B-NP B-PP",
    "I-NP B-VP I-PP I-NP B-VP B-PP I-NP I-NP B-NP B-NP",
    "B-NP O B-NP I-PP",
    "B-VP B-VP I-NP I-NP B-VP B-PP I-PP I-NP I-PP B-NP B-NP O",
    "B-VP I-PP O B-VP I-VP B-PP I-PP O",
    "B-VP I-NP O",
    "B-VP I-NP I-NP O O O",
    "I-PP I-PP I-NP B-PP",
    "I-NP B-NP B-VP I-PP B-VP B-PP O B-PP I-PP I-NP",
    "B-NP B-VP I-PP O B-VP B-NP B-NP B-PP O O",
    "O",
    "B-VP I-PP I-VP B-PP B-PP I-PP O I-PP I-NP",
    "B-PP O I-VP O B-VP B-VP I-NP B-NP I-VP O I-VP",
    "B-PP B-NP B-PP I-PP B-NP B-VP B-NP I-VP B-NP",
    "O B-VP B-VP",
    "I-NP",
    "I-PP",
    "B-VP",
    "I-VP I-VP I-VP I-PP B-PP O O B-NP B-VP",
    "B-NP",
    "I-VP B-VP I-NP I-NP B-PP I-PP I-VP O B-PP B-VP B-VP",
    "B-PP O B-VP B-PP B-PP",
    "B-PP B-NP I-PP",
    "I-VP O B-PP",
    "B-NP I-PP O B-NP I-PP B-NP O I-NP I-PP B-VP I-VP B-NP",
    "O B-PP I-PP O I-VP O B-PP B-VP",
    "I-PP B-NP B-PP O I-VP B-VP",
    "B-VP B-NP I-VP",
  ]

  static let prediction = [
    "I-VP I-VP B-PP B-PP B-PP B-NP B-VP I-NP I-PP B-PP",
    "B-PP I-NP I-NP I-PP I-PP B-PP I-PP",
    "I-PP B-VP",
    "I-NP B-NP I-PP B-VP B-VP I-PP I-NP I-VP I-PP B-NP",
    "B-NP O B-NP I-PP",
    "B-VP B-VP I-NP I-NP I-PP I-PP B-NP O I-PP B-NP B-NP O",
    "B-NP I-PP O B-VP I-VP O I-PP O",
    "B-VP I-NP O",
    "B-VP I-VP I-NP O I-PP O",
    "I-PP B-NP I-NP B-PP",
    "I-VP B-NP B-VP I-NP B-VP B-PP B-VP B-PP I-PP I-NP",
    "B-NP B-VP I-PP O I-PP I-VP B-NP B-PP O O",
    "O",
    "B-NP B-VP I-PP B-PP I-VP I-PP I-PP I-PP I-NP",
    "B-PP O I-PP B-NP O B-VP I-NP B-NP O O I-NP",
    "B-NP I-NP B-PP I-PP B-NP I-VP B-NP I-VP B-NP",
    "O B-VP B-VP",
    "I-NP",
    "I-PP",
    "B-VP",
    "I-VP I-VP I-VP I-PP B-PP O O B-NP I-VP",
    "B-NP",
    "B-PP B-VP O I-NP B-PP I-VP B-NP O B-PP B-VP B-VP",
    "O I-VP B-VP B-PP B-PP",
    "B-PP B-NP O",
    "I-NP B-NP B-PP",
    "B-VP I-PP O B-NP I-PP B-NP B-PP I-NP I-PP B-VP I-VP B-NP",
    "O B-PP I-VP I-NP B-PP O B-PP B-VP",
    "I-VP B-NP B-PP O I-VP B-VP",
    "B-VP I-NP I-VP",
  ]

  /// Precision, recall, F1, accuracy, macro F1.
  static let chunks = [
    0.6304347826086957, 0.6444444444444445, 0.6373626373626373, 0.6885245901639344,
    0.6372030872938313,
  ]

  static let classes = [
    4, 3, 0, 2, 1, 1, 2, 4, 2, 3, 2, 2, 1, 2, 0, 0, 1, 4, 0, 4, 2, 3, 0, 4, 3, 3, 2, 0, 4, 1, 1, 3,
    2, 2, 1, 1, 4, 4, 2, 4, 0, 3, 2, 1, 3, 0, 0, 3, 4, 4, 0, 3, 3, 4, 1, 3, 2, 4, 4, 0,
  ]

  static let predictedClasses = [
    3, 3, 2, 3, 1, 1, 2, 3, 2, 2, 2, 2, 1, 2, 4, 0, 1, 3, 0, 4, 2, 3, 0, 4, 3, 3, 2, 0, 4, 1, 2, 2,
    2, 0, 1, 2, 4, 4, 2, 1, 0, 3, 2, 1, 3, 4, 0, 2, 0, 4, 0, 2, 3, 4, 1, 3, 2, 2, 4, 1,
  ]

  static let macroF1 = 0.7041666666666666
}

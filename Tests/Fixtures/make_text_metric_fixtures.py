"""Writes Tests/TrainingTests/Fixtures/TextMetricFixtures.swift.

pip install nltk==3.10.4 sacrebleu==2.6.0 seqeval==1.2.2 scikit-learn==1.9.1; python make_text_metric_fixtures.py
"""

import random
from pathlib import Path

from nltk.translate.bleu_score import corpus_bleu
from sacrebleu.metrics import BLEU
from seqeval.metrics import accuracy_score, precision_score, recall_score
from seqeval.metrics import f1_score as chunk_f1
from sklearn.metrics import f1_score

random.seed(7)
words = "a the dog cat man runs on in red big house street and".split()


def sentence(low, high):
    return [random.choice(words) for _ in range(random.randint(low, high))]


def noisy(base):
    out = [w if random.random() > 0.25 else random.choice(words) for w in base]
    return out[: random.randint(max(1, len(out) - 3), len(out))]


cases = []
for references_max, low in [(1, 7), (5, 7), (3, 1)]:
    candidates, references = [], []
    for _ in range(12):
        base = sentence(low, 12)
        references.append([noisy(base) for _ in range(random.randint(1, references_max))])
        candidates.append(noisy(base))
    streams = [
        [" ".join(r[i]) if i < len(r) else None for r in references] for i in range(references_max)
    ]
    joined_candidates = [" ".join(c) for c in candidates]
    scores = [
        BLEU(smooth_method="none", tokenize="none", force=True, max_ngram_order=n)
        .corpus_score(joined_candidates, streams).score / 100
        for n in range(1, 5)
    ]
    if all(len(c) >= 4 for c in candidates):  # nltk counts one n-gram for shorter sentences
        for n, score in enumerate(scores, 1):
            other = corpus_bleu(references, candidates, weights=[1 / n] * n)
            assert abs(other - score) < 1e-9, (n, other, score)
        print("nltk agrees")
    cases.append((candidates, references, scores))

types = ["NP", "VP", "PP"]
labels = ["O"] + [p + "-" + t for p in "BI" for t in types]
truth = [[random.choice(labels) for _ in range(random.randint(1, 12))] for _ in range(30)]
prediction = [[l if random.random() > 0.3 else random.choice(labels) for l in row] for row in truth]
chunks = [
    precision_score(truth, prediction), recall_score(truth, prediction),
    chunk_f1(truth, prediction), accuracy_score(truth, prediction),
    chunk_f1(truth, prediction, average="macro"),
]

y = [random.randrange(5) for _ in range(60)]
p = [v if random.random() > 0.4 else random.randrange(5) for v in y]
macro = f1_score(y, p, average="macro")


def swift(value, indent="    "):
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list) and value and isinstance(value[0], list):
        return "[\n" + "".join(f"{indent}  {swift(v, indent + '  ')},\n" for v in value) + indent + "]"
    if isinstance(value, list):
        return "[" + ", ".join(swift(v) for v in value) + "]"
    return repr(float(value)) if isinstance(value, float) else repr(value)


def joined(rows):
    return [" ".join(r) for r in rows]


text = """// Made by Tests/Fixtures/make_text_metric_fixtures.py with nltk, sacrebleu, seqeval and scikit-learn.

enum TextMetricFixtures {
  struct BLEUCase: Sendable {
    let candidates: [String]
    let references: [[String]]
    /// BLEU-1 to BLEU-4.
    let scores: [Double]
  }

  static let bleu = [
"""
for candidates, references, scores in cases:
    text += (
        "    BLEUCase(\n      candidates: [\n"
        + "".join(f"        {swift(c)},\n" for c in joined(candidates))
        + "      ],\n      references: [\n"
        + "".join(f"        {swift(joined(r))},\n" for r in references)
        + f"      ],\n      scores: {swift(scores)}\n    ),\n"
    )
text += "  ]\n\n  static let truth = [\n"
text += "".join(f"    {swift(r)},\n" for r in joined(truth))
text += "  ]\n\n  static let prediction = [\n"
text += "".join(f"    {swift(r)},\n" for r in joined(prediction))
text += "  ]\n\n  /// Precision, recall, F1, accuracy, macro F1.\n"
text += f"  static let chunks = {swift(chunks)}\n\n"
text += f"  static let classes = {swift(y)}\n\n  static let predictedClasses = {swift(p)}\n\n"
text += f"  static let macroF1 = {macro!r}\n}}\n"
path = Path(__file__).parent.parent / "TrainingTests/Fixtures/TextMetricFixtures.swift"
path.write_text(text)

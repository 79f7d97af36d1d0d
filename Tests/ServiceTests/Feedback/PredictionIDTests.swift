import Testing

@testable import Service

@Suite struct PredictionIDTests {
  @Test func textsComeBack() throws {
    for _ in 0..<200 {
      let id = PredictionID()
      #expect(id.description.utf8.count == 27)
      #expect(PredictionID(id.description) == id)
    }
  }

  @Test func allDiffer() {
    #expect(Set((0..<1000).map { _ in PredictionID() }).count == 1000)
  }

  @Test(arguments: [
    "", "pred-", "pred-3aZ09bYc8XdWe7VfUg6Th", "pred-3aZ09bYc8XdWe7VfUg6ThSS",
    "pred_3aZ09bYc8XdWe7VfUg6ThS", "pred-3aZ09bYc8XdWe7VfUg6Th-", "pred-zzzzzzzzzzzzzzzzzzzzzz",
    "pred-3aZ09bYc8XdWe7VfUg6T\u{E9}",
  ])
  func otherTextsAreNone(text: String) {
    #expect(PredictionID(text) == nil)
  }

  @Test func theLargestNumberIsOne() {
    // 2^128 - 1 in base 62, and one more.
    #expect(
      PredictionID("pred-7n42DGM5Tflk9n8mt7Fhc7")?.description == "pred-7n42DGM5Tflk9n8mt7Fhc7"
    )
    #expect(PredictionID("pred-7n42DGM5Tflk9n8mt7Fhc8") == nil)
  }
}

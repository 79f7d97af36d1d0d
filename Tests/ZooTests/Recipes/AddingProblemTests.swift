import Datasets
import GraphIR
import Tensors
import Testing
import Training

@testable import Zoo

@Suite struct AddingProblemTests {
  @Test func eachSequenceHasOneMarkInEachHalfAndTheirSum() {
    let data = AddingProblem(steps: 7).examples(50, seed: 3)
    let (x, sums) = (data.features.elements(of: Float.self), data.labels.elements(of: Float.self))
    #expect(data.features.shape == [50, 7, 2] && data.labels.shape == [50, 1])
    for example in 0..<50 {
      let marked = (0..<7).filter { x[(example * 7 + $0) * 2 + 1] == 1 }
      #expect(marked.count == 2 && marked[0] < 3 && marked[1] >= 3)
      #expect(sums[example] == marked.reduce(0) { $0 + x[(example * 7 + $1) * 2] })
    }
    #expect(AddingProblem(steps: 7).examples(50, seed: 3).features == data.features)
    #expect(AddingProblem(steps: 7).examples(50, seed: 4).features != data.features)
  }

  @Test func aShortProblemIsLearntAndADivergingTrialReported() throws {
    var recipe = AddingProblemRecipe()
    recipe.steps = 4
    recipe.units = 8
    recipe.exampleCount = 400
    var runaway = try #require(recipe.trials.first { $0.name == "relu_rnn_unclipped" })
    runaway.rate = 1e6
    var learner = try #require(recipe.trials.first { $0.name == "gru" })
    learner.rate = 0.02
    recipe.trials = [learner, runaway]
    var messages: [String] = []
    let result = try recipe.run(RecipeRequest(dataFolder: "", epochs: 8)) { event in
      if case .message(let text) = event { messages.append(text) }
    }
    #expect(try #require(result.metrics["gru_squared_error"]) < AddingProblem.constantError / 4)
    #expect(try #require(result.metrics["relu_rnn_unclipped_diverged_step"]) < 16)
    #expect(try #require(messages.last).contains("relu_rnn_unclipped  diverged at step"))
  }
}

import ONNXFormat
import Storage
import TestSupport
import Testing
import Training
import Zoo

@Suite struct PolicyRecipeTests {
  /// Seed 2's first generation holds a policy that balances for ever.
  @Test func bredPolicyIsWrittenAsAClassifierOfActions() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/cartpole-genetic/1"
    let request = RecipeRequest(dataFolder: "", modelFolder: path, seed: 2)
    let result = try #require(Recipes.named("cartpole-genetic")).run(request) { _ in }
    #expect(try #require(result.metrics["mean_return"]) >= 475)
    let manifest = try ModelFolder.open(path).manifest
    #expect(manifest.task == "classification")
    #expect(manifest.labels == ["left", "right"])
    #expect(manifest.reinforcement?.environment == "CartPole-v1")
    #expect(manifest.reinforcement?.fields?.first == "cart_position")
    #expect(FileAccess.exists("\(path)/learning-curve.svg"))
  }

  @Test func policyGradientEndsAfterItsEpochs() throws {
    var lines: [String] = []
    let request = RecipeRequest(dataFolder: "", epochs: 2, seed: 1)
    let result = try #require(Recipes.named("cartpole-policy")).run(request) { event in
      if case .message(let line) = event { lines.append(line) }
    }
    #expect(lines.count == 2)
    #expect(result.metrics["episodes"] == 32)
    #expect(try #require(result.metrics["mean_return"]) > 5)
  }

  @Test(arguments: ["cartpole-policy", "cartpole-genetic"])
  func aStopOnRequestWritesNothing(_ name: String) throws {
    let folder = try TemporaryFolder()
    let request = RecipeRequest(dataFolder: "", modelFolder: "\(folder.path)/\(name)/1")
    request.control.requestStop()
    let result = try #require(Recipes.named(name)).run(request) { _ in }
    #expect(result.metrics.isEmpty)
    #expect(!FileAccess.exists("\(folder.path)/\(name)/1"))
  }
}

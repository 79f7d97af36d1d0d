import HTTP
import Testing

@testable import Service

@Suite struct FineTuningRequestTests {
  func read(_ text: String) throws -> FineTuningRequest {
    try Array(text.utf8).withUnsafeBytes { try FineTuningRequest($0) }
  }

  func refusal(_ text: String) -> AdminError? {
    do {
      _ = try read(text)
      return nil
    } catch {
      return AdminError(error)
    }
  }

  @Test func takesWhatTheOpenAIClientSends() throws {
    let request = try read(
      """
      {"model": "lenet5", "training_file": "file-1", "seed": 7, "suffix": "x", "metadata": {"who": "me"},
       "method": {"type": "supervised", "supervised": {"hyperparameters":
         {"n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": 0.5}}}}
      """
    )
    #expect(request.model == "lenet5")
    #expect(request.source == .file("file-1"))
    #expect(request.seed == 7)
    #expect(request.hyperparameters.epochs == 3)
    #expect(request.hyperparameters.batchSize == nil)
    #expect(request.hyperparameters.learningRateMultiplier == 0.5)
    #expect(request.metadata == ["who": "me"])
    #expect(request.promote == .ifBetter)
    #expect(request.alias == "stable")
  }

  @Test func takesEverythingElse() throws {
    let request = try read(
      """
      {"model": "m/2", "training_file": "file-1", "validation_split": 0.2, "objective": "multi_label",
       "head": {"type": "replace", "labels": ["a", "b"]}, "freeze": ["conv*"], "promote": "always", "alias": "canary",
       "hyperparameters": {"learning_rate": 0.1, "optimizer": "sgd", "weight_decay": 0.5, "dropout": 0.25,
         "schedule": "linear", "warmup_ratio": 0.1, "clip_norm": 1, "early_stopping": {"patience": 2}},
       "augmentation": {"shift": 2, "horizontal_flip": true, "rotation": 10, "noise": 0.1},
       "gate": {"metric": "accuracy", "minimum_change": 0.01, "bound": 0.9}}
      """
    )
    #expect(request.validationSplit == 0.2)
    #expect(request.objective == .multiLabel)
    #expect(request.head == .replace)
    #expect(request.labels == ["a", "b"])
    #expect(request.freeze == ["conv*"])
    #expect(request.hyperparameters.dropout == .rate(0.25))
    #expect(request.hyperparameters.patience == 2)
    #expect(request.hyperparameters.schedule == .linear)
    #expect(request.augmentation?.shift == 2)
    #expect(request.gate == .init(metric: .accuracy, minimumChange: 0.01, bound: 0.9))
  }

  @Test func findsInlineExamplesWithoutReadingThem() throws {
    let data = #"{"instances": [[1, 2], [3, 4]], "labels": ["]}", "b\"{"]}"#
    let text = "{\"data\": \(data), \"model\": \"m\"}"
    guard case .inline(let range) = try read(text).source else {
      Issue.record("not inline")
      return
    }
    #expect(String(decoding: Array(text.utf8)[range], as: UTF8.self) == data)
    #expect(try read(#"{"model": "m", "data": {"feedback": true}}"#).source == .feedback)
  }

  @Test(arguments: [
    (#"{"model": "m"}"#, "training_file"),
    (#"{"training_file": "f"}"#, "model"),
    (#"{"model": 3, "training_file": "f"}"#, "model"),
    (#"{"model": "m", "training_file": "f", "data": {"feedback": true}}"#, "data"),
    (#"{"model": "m", "training_file": "f", "epochs": 3}"#, "epochs"),
    (
      #"{"model": "m", "training_file": "f", "hyperparameters": {"n_epoch": 3}}"#,
      "hyperparameters.n_epoch"
    ),
    (
      #"{"model": "m", "training_file": "f", "hyperparameters": {"n_epochs": 0}}"#,
      "hyperparameters.n_epochs"
    ),
    (
      #"{"model": "m", "training_file": "f", "hyperparameters": {"n_epochs": 1.5}}"#,
      "hyperparameters.n_epochs"
    ),
    (
      #"{"model": "m", "training_file": "f", "hyperparameters": {"optimizer": "lion"}}"#,
      "hyperparameters.optimizer"
    ),
    (
      #"{"model": "m", "training_file": "f", "hyperparameters": {"dropout": 1}}"#,
      "hyperparameters.dropout"
    ),
    (
      #"{"model": "m", "training_file": "f", "hyperparameters": {"learning_rate": 1, "learning_rate_multiplier": 1}}"#,
      "hyperparameters.learning_rate_multiplier"
    ),
    (#"{"model": "m", "training_file": "f", "method": {"type": "dpo"}}"#, "method.type"),
    (
      #"{"model": "m", "training_file": "f", "method": {"supervised": {"x": 1}}}"#,
      "method.supervised.x"
    ),
    (#"{"model": "m", "training_file": "f", "head": "new"}"#, "head"),
    (#"{"model": "m", "training_file": "f", "labels": ["a", "b"]}"#, "labels"),
    (#"{"model": "m", "training_file": "f", "head": "replace", "labels": ["a", "a"]}"#, "labels"),
    (#"{"model": "m", "training_file": "f", "alias": "../x"}"#, "alias"),
    (#"{"model": "m", "training_file": "f", "freeze": "conv"}"#, "freeze"),
    (#"{"model": "m", "training_file": "f", "seed": -1}"#, "seed"),
    (#"{"model": "m", "training_file": "f", "metadata": {"a": 1}}"#, "metadata"),
    (#"{"model": "m", "training_file": "f", "promote": true}"#, "promote"),
    (
      #"{"model": "m", "training_file": "f", "validation_file": "g", "validation_split": 0.1}"#,
      "validation_split"
    ),
    (#"{"model": "m", "training_file": "f", "integrations": [{"type": "wandb"}]}"#, "integrations"),
  ])
  func namesTheMemberThatIsWrong(text: String, parameter: String) {
    let error = refusal(text)
    #expect(error?.status == .badRequest)
    #expect(error?.parameter == parameter, "\(error?.message ?? "accepted")")
  }

  @Test func refusesTextThatIsNoObject() {
    for text in [
      "", "[]", "{", #"{"model": "m", "data": [}"#, #"{"data": ,"model": "m"}"#, #"{"a":1,"a":2}"#,
    ] {
      #expect(refusal(text)?.status == .badRequest, "\(text)")
    }
  }

  @Test func choosesWhatTheRequestLeavesOpen() {
    let some = FineTuningHyperparameters()
    #expect(some.resolved(exampleCount: 2000).epochs == 10)
    #expect(some.resolved(exampleCount: 2000).batchSize == 32)
    #expect(some.resolved(exampleCount: 60_000).epochs == 3)
    #expect(some.resolved(exampleCount: 60_000).batchSize == 128)
    #expect(some.resolved(exampleCount: 5).batchSize == 5)
    #expect(some.resolved(exampleCount: 5).epochs == 50)
  }

  @Test func treesAreWrittenAsTheyWereRead() throws {
    let text = #"{"a":[1,2.5,null,true,{"b":[]},{}],"c":"x\"y"}"#
    let value = try Array(text.utf8).withUnsafeBytes { try JSONValueReader.read($0) }
    #expect(String(decoding: value.bytes, as: UTF8.self) == text)
  }
}

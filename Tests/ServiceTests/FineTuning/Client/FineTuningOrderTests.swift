import Testing

@testable import Service

/// What the client writes is read with the server's own strict reader.
@Suite struct FineTuningOrderTests {
  func read(_ order: FineTuningOrder) throws -> FineTuningRequest {
    try order.body.bytes.withUnsafeBytes { try FineTuningRequest($0) }
  }

  @Test func whatIsLeftOpenIsNotSent() throws {
    let order = FineTuningOrder(model: "lenet5", source: .file("file-1"))
    #expect(order.body == ["model": "lenet5", "training_file": "file-1"])
    #expect(try read(order).source == .file("file-1"))
  }

  @Test func feedbackIsAskedForInTheData() throws {
    let order = FineTuningOrder(model: "lenet5@stable", source: .feedback)
    #expect(try read(order).source == .feedback)
    #expect(try read(order).model == "lenet5@stable")
  }

  @Test func everyMemberArrives() throws {
    var order = FineTuningOrder(model: "lenet5/1", source: .file("file-1"))
    order.validationFile = "file-2"
    order.objective = .multiLabel
    order.head = .replace
    order.labels = ["cat", "dög"]
    order.freeze = ["conv*", "fc1"]
    order.epochs = 3
    order.batchSize = 64
    order.learningRate = 0.001
    order.optimizer = .momentum
    order.weightDecay = 0.01
    order.dropout = .rate(0.25)
    order.schedule = .cosine
    order.warmUp = 0.1
    order.clipNorm = 1
    order.patience = 2
    order.shift = 2
    order.horizontalFlip = true
    order.rotation = 10
    order.noise = 0.05
    order.seed = 1 << 53
    order.gateMetric = .accuracy
    order.gateChange = 0.02
    order.promote = .always
    order.alias = "canary"
    order.suffix = "fashion"
    let request = try read(order)
    #expect(request.validationFile == "file-2")
    #expect(request.objective == .multiLabel)
    #expect(request.head == .replace)
    #expect(request.labels == ["cat", "dög"])
    #expect(request.freeze == ["conv*", "fc1"])
    var hyperparameters = FineTuningHyperparameters()
    hyperparameters.epochs = 3
    hyperparameters.batchSize = 64
    hyperparameters.learningRate = 0.001
    hyperparameters.optimizer = .momentum
    hyperparameters.weightDecay = 0.01
    hyperparameters.dropout = .rate(0.25)
    hyperparameters.schedule = .cosine
    hyperparameters.warmUp = 0.1
    hyperparameters.clipNorm = 1
    hyperparameters.patience = 2
    #expect(request.hyperparameters == hyperparameters)
    var augmentation = FineTuningAugmentation()
    augmentation.shift = 2
    augmentation.horizontalFlip = true
    augmentation.rotation = 10
    augmentation.noise = 0.05
    #expect(request.augmentation == augmentation)
    #expect(request.seed == 1 << 53)
    #expect(request.gate == FineTuningSpecification.Gate(metric: .accuracy, minimumChange: 0.02))
    #expect(request.promote == .always)
    #expect(request.alias == "canary")
    #expect(request.suffix == "fashion")
  }

  @Test func theOthersArriveToo() throws {
    var order = FineTuningOrder(model: "lenet5", source: .feedback)
    order.validationSplit = 0.25
    order.learningRateMultiplier = 0.5
    order.dropout = .off
    #expect(try read(order).validationSplit == 0.25)
    #expect(try read(order).hyperparameters.learningRateMultiplier == 0.5)
    #expect(try read(order).hyperparameters.dropout == .off)
    order.dropout = .on
    #expect(try read(order).hyperparameters.dropout == .on)
  }
}

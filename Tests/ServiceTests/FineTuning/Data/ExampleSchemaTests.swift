import Datasets
import GraphIR
import ONNXFormat
import Tensors
import Testing

@testable import Service

/// What a loaded version says about the examples it needs.
@Suite struct ExampleSchemaTests {
  private func signature(
    _ input: PartialShape = ["N", 1, 2, 3],
    _ output: PartialShape = ["N", 3],
    dtype: DType = .float32,
    labels: [String]? = nil,
    isRegression: Bool = false
  ) -> ModelSignature {
    ModelSignature(
      inputs: [.init("x", dtype, input)],
      outputs: [.init("y", .float32, output)],
      roles: [.logits],
      labels: labels,
      isRegression: isRegression
    )
  }

  private func manifest(_ image: ImagePreprocessing?) -> ModelManifest {
    ModelManifest(
      name: "m",
      version: 1,
      task: "classification",
      signature: .init(inputs: [], outputs: []),
      preprocessing: .init(image: image)
    )
  }

  @Test func labelsAndPicturesComeFromTheModel() throws {
    let labels = ["cat", "dog", "owl"]
    let schema = try ExampleSchema(
      manifest(ExampleFixtures.image),
      signature(labels: labels)
    )
    #expect(schema == (try ExampleFixtures.schema()))
    let other = try ExampleSchema(
      manifest(ImagePreprocessing(channels: 3, height: 9, width: 9)),
      signature(labels: labels)
    )
    #expect(other.image == nil && other.rowShape == [1, 2, 3])
  }

  @Test func aForeignModelHasNumbersForNames() throws {
    #expect(try ExampleSchema(nil, signature()).targets == .classes(["0", "1", "2"]))
    #expect(try ExampleSchema(nil, signature([1, 4], [1, 2])).rowShape == [4])
    #expect(try ExampleSchema(nil, signature(["N", 4], ["N", 1])).targets == .values(1))
    #expect(try ExampleSchema(nil, signature(isRegression: true)).targets == .values(3))
    let replaced = try ExampleSchema(nil, signature(), targets: .newClasses(nil))
    #expect(replaced.targets == .newClasses(nil))
  }

  @Test func modelsThatCannotBeTrainedAreRefused() {
    let two = ModelSignature(
      inputs: [.init("a", .float32, ["N", 3]), .init("b", .float32, ["N", 3])],
      outputs: [.init("y", .float32, ["N", 2])]
    )
    let refused = [
      two, signature(dtype: .int64), signature(["N", "M"]), signature([3], [3]),
      signature(["N", 3], ["N", 2, 2]), signature(["N", 0]),
    ]
    for signature in refused {
      #expect(throws: ServiceError.self) { try ExampleSchema(nil, signature) }
    }
  }

  @Test func labelsAreChecked() {
    let lists: [[String]] = [
      [], [""], ["a", "a"], ["a\n"], [String(repeating: "x", count: 257)],
      (0...10_000).map(String.init),
    ]
    for list in lists {
      for targets in [ExampleSchema.Targets.newClasses(list), .multiLabel(list), .classes(list)] {
        #expect(throws: ServiceError.self) { try ExampleSchema(rowShape: [2], targets: targets) }
      }
    }
    for shape in [[0], [-1], [1 << 40, 1 << 40], [1 << 23]] {
      #expect(throws: ServiceError.self) { try ExampleSchema(rowShape: shape, targets: .values(1)) }
    }
    #expect(throws: ServiceError.self) { try ExampleSchema(rowShape: [2], targets: .values(0)) }
  }

  @Test func aModelOfSeveralLabelsARowLearnsSeveral() throws {
    #expect(try ExampleSchema(nil, FakeModel.tags).targets == .multiLabel(["warm", "dark"]))
    #expect(try ExampleSchema(nil, FakeModel.classifier).targets.areLabels)
  }
}

import GraphIR
import Glibc
import Synchronization
import Tensors

@testable import Service

/// A model without an engine: each output row is a function of the input row alone, computed in a fixed order.
///
/// `y[k] = scale * (k + 1) * sum(x) + sum of x[i] * i`, so that rows that got mixed up are seen.
final class FakeModel: InferenceModel {
  let signature: ModelSignature
  let scale: Float
  let log: RunLog
  let delayMilliseconds: UInt32

  init(
    _ signature: ModelSignature = FakeModel.plain,
    scale: Float = 1,
    log: RunLog = RunLog(),
    delayMilliseconds: UInt32 = 0
  ) {
    self.signature = signature
    self.scale = scale
    self.log = log
    self.delayMilliseconds = delayMilliseconds
  }

  /// One input x [N,3], one output y [N,2].
  static let plain = ModelSignature(
    inputs: [.init("x", .float32, ["N", 3])],
    outputs: [.init("y", .float32, ["N", 2])]
  )
  /// As `plain`, always two rows.
  static let pairs = ModelSignature(
    inputs: [.init("x", .float32, [2, 3])],
    outputs: [.init("y", .float32, [2, 2])]
  )
  /// The first dimension counts no rows.
  static let unbatched = ModelSignature(
    inputs: [.init("x", .float32, [.unknown, 3])],
    outputs: [.init("y", .float32, ["M", 2])]
  )
  /// A classifier of two classes with both outputs.
  static let classifier = ModelSignature(
    inputs: [.init("x", .float32, ["N", 3])],
    outputs: [.init("logits", .float32, ["N", 2]), .init("probabilities", .float32, ["N", 2])],
    roles: [.logits, .probabilities],
    labels: ["seven", "\"eight\""]
  )
  /// Any of two labels may apply, scored by logits alone.
  static let tags = ModelSignature(
    inputs: [.init("x", .float32, ["N", 3])],
    outputs: [.init("logits", .float32, ["N", 2])],
    roles: [.logits],
    labels: ["warm", "dark"],
    isMultiLabel: true
  )
  /// A regressor.
  static let regressor = ModelSignature(
    inputs: [.init("x", .float32, ["N", 3])],
    outputs: [.init("y", .float32, ["N", 1])],
    isRegression: true
  )
  /// Two inputs, one of them whole numbers.
  static let twoInputs = ModelSignature(
    inputs: [.init("a", .float32, ["N", 2]), .init("b", .int64, ["N"])],
    outputs: [.init("y", .float32, ["N", 2])]
  )

  func prepare(_ inputShapes: [Shape]) throws -> any PreparedInference {
    FakeInference(self, inputShapes)
  }
}

/// What ran, for tests: rows of each run.
final class RunLog: Sendable {
  private let runs = Mutex<[Int]>([])
  var rows: [Int] { runs.withLock { $0 } }
  func note(_ rows: Int) { runs.withLock { $0.append(rows) } }
}

private final class FakeInference: PreparedInference {
  private let model: FakeModel
  private let inputs: [UnsafeMutableRawBufferPointer]
  private let outputs: [UnsafeMutableRawBufferPointer]
  private let rows: Int
  let outputShapes: [Shape]

  init(_ model: FakeModel, _ shapes: [Shape]) {
    self.model = model
    rows = shapes[0].dimensions.first ?? 1
    inputs = zip(shapes, model.signature.inputs).map {
      .allocate(byteCount: $0.elementCount * $1.dtype.byteCount, alignment: 64)
    }
    let rowCount = rows
    outputShapes = model.signature.outputs.map { field in
      Shape([rowCount] + (field.sizes ?? []).dropFirst().map { $0 ?? 1 })
    }
    outputs = outputShapes.map { .allocate(byteCount: $0.elementCount * 4, alignment: 64) }
  }

  deinit {
    for buffer in inputs + outputs { buffer.deallocate() }
  }

  func input(_ index: Int) -> UnsafeMutableRawBufferPointer { inputs[index] }
  func output(_ index: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(outputs[index]) }

  func execute() throws {
    if model.delayMilliseconds > 0 { usleep(model.delayMilliseconds * 1000) }
    model.log.note(rows)
    let x = inputs[0].bindMemory(to: Float.self)
    let width = x.count / max(rows, 1)
    for (index, field) in model.signature.outputs.enumerated() {
      let y = outputs[index].bindMemory(to: Float.self)
      let classes = y.count / max(rows, 1)
      for row in 0..<rows {
        var sum: Float = 0
        var weighted: Float = 0
        for column in 0..<width {
          sum += x[row * width + column]
          weighted += x[row * width + column] * Float(column)
        }
        for k in 0..<classes {
          y[row * classes + k] =
            field.name == "probabilities"
            ? (k == 0 ? 0.75 : 0.25) : model.scale * (Float(k + 1) * sum) + weighted
        }
      }
    }
  }
}

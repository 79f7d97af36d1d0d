import HTTP
import ONNXFormat
import Tensors

/// Replays the examples that a version carries: a model that answers differently here than where it was made
/// is not served.
enum GoldenCheck {
  /// Largest difference accepted: this much, and this share of the expected value.
  ///
  /// Instruction sets order sums differently.
  static let tolerance: Float = 1e-4

  /// Runs the golden inputs and compares the outputs.
  ///
  /// - Throws: `ServiceError` with the output, the position and both values of the first difference.
  static func run(_ golden: ModelFolder.Golden, on model: some InferenceModel) throws {
    let signature = model.signature
    let inputs = try signature.inputs.map { field in
      guard let entry = golden.inputs.first(where: { $0.name == field.name }),
        entry.tensor.dtype == field.dtype
      else {
        throw ServiceError.invalid("golden.npz lacks input.\(field.name) of type \(field.dtype)")
      }
      return entry.tensor
    }
    let prepared = try model.prepare(inputs.map(\.shape))
    for (index, tensor) in inputs.enumerated() {
      let target = prepared.input(index)
      if !target.isEmpty { tensor.withBytes { target.copyMemory(from: $0) } }
    }
    try prepared.execute()
    for (index, field) in signature.outputs.enumerated() {
      guard let expected = golden.outputs.first(where: { $0.name == field.name })?.tensor else {
        throw ServiceError.invalid("golden.npz lacks output.\(field.name)")
      }
      guard expected.shape == prepared.outputShapes[index] else {
        throw ServiceError.invalid(
          "output \(field.name) has shape \(prepared.outputShapes[index]), golden.npz has \(expected.shape)"
        )
      }
      try compare(field.name, prepared.output(index), field.dtype, expected)
    }
  }

  private static func compare(
    _ name: String,
    _ actual: UnsafeRawBufferPointer,
    _ dtype: DType,
    _ expected: Tensor
  ) throws {
    guard dtype == .float32, expected.dtype == .float32 else {
      guard dtype == expected.dtype, expected.withBytes({ $0.elementsEqual(actual) }) else {
        throw ServiceError.invalid("output \(name) differs from golden.npz")
      }
      return
    }
    for (index, wanted) in expected.elements(of: Float.self).enumerated() {
      let got = actual.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
      let isSame =
        got == wanted || got.isNaN && wanted.isNaN
        || abs(got - wanted) <= tolerance + tolerance * abs(wanted)
      guard isSame else {
        throw ServiceError.invalid(
          "output \(name)[\(index)] is \(got), golden.npz has \(wanted)"
        )
      }
    }
  }
}

import Datasets
import Tensors

/// Reads examples as an .npz archive: an array of inputs and one of answers, found by their names.
struct NPZExamples {
  private static let inputNames = [ExampleSet.ArrayNames.input, "inputs", "x", "X", "x_train"]
  private static let answerNames = [
    ExampleSet.ArrayNames.label, "labels", "y", "Y", "y_train", ExampleSet.ArrayNames.target,
    "targets",
  ]

  /// Reads the archive into `builder`.
  static func read(
    _ stream: ByteStream,
    into builder: inout ExampleBuilder
  ) throws(ExampleProblems) {
    do {
      let limits = builder.limits
      // Elements may be twice as wide as float32.
      let entries = try NPZ.read(
        try stream.takeRest(byteCountMax: limits.fileBytes),
        byteCountMax: min(limits.inflatedBytes, 2 * limits.decodedBytes)
      )
      let inputs = try find(inputNames, "input", entries)
      let answers = try find(answerNames, builder.schema.targets.key, entries)
      let names = entries.first { $0.name == ExampleSet.ArrayNames.classNames }
      let others = entries.map(\.name).filter {
        ![inputs.name, answers.name, ExampleSet.ArrayNames.classNames].contains($0)
      }
      if !others.isEmpty {
        builder.warnings.append(
          "arrays that are not used: \(others.prefix(10).joined(separator: ", "))"
        )
      }
      try ArrayExamples(
        inputs: inputs.tensor,
        answers: answers.tensor,
        classNames: try names.map { try classNames($0.tensor) }
      ).read(into: &builder)
    } catch let problems as ExampleProblems {
      throw problems
    } catch { throw builder.stopped(at: .file, ExampleFault(error, in: "npz")) }
  }

  private static func find(
    _ names: [String],
    _ field: String,
    _ entries: [NPZ.Entry]
  ) throws(ExampleFault) -> NPZ.Entry {
    let found = entries.filter { names.contains($0.name) }
    guard found.count == 1, let entry = found.first else {
      let list = (found.isEmpty ? entries : found).prefix(10).map(\.name)
      throw ExampleFault(
        field,
        expected: "one array named \(names.joined(separator: ", "))",
        got: list.isEmpty ? "no arrays" : list.joined(separator: ", ")
      )
    }
    return entry
  }

  private static func classNames(_ tensor: Tensor) throws(ExampleFault) -> [String] {
    let bytes = tensor.dtype == .uint8 ? tensor.elements(of: UInt8.self) : []
    guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n") else {
      throw ExampleFault(
        ExampleSet.ArrayNames.classNames,
        expected: "UTF-8 bytes, a line feed behind each name",
        got: "\(tensor.dtype)\(tensor.shape)"
      )
    }
    return text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}

import CommandLineTool
import Engine
import GraphIR
import ONNXFormat
import Service
import Tensors
import Zoo

/// `martlet verify`: replays a model's golden examples, or ONNX's conformance cases.
struct Verify: Command {
  let specification = CommandSpecification(
    "verify",
    "replay a model's golden examples, or ONNX's conformance cases",
    positionals: [.init("MODEL", ModelLocation.help, isRequired: false)],
    flags: [
      .init(
        "onnx-cases",
        value: "DIR",
        "run the ONNX project's node cases in DIR (unpacked) and count them by operator"
      ),
      .init("only", value: "TEXT", "with --onnx-cases: cases whose name contains TEXT"),
      .init("reference", "with --onnx-cases: run the reference interpreter instead of the engine"),
    ],
    notes: "Exit code 0 when everything agrees, 1 when something does not."
  )

  func run(_ arguments: Arguments) throws -> Int32 {
    if let folder = arguments.string("onnx-cases") {
      return try cases(folder, arguments)
    }
    guard let argument = arguments.positional(0) else {
      throw UsageError("MODEL is missing (or give --onnx-cases DIR)")
    }
    let found = try ModelLocation.open(argument)
    guard let folder = found.folder, let golden = try folder.golden() else {
      throw UsageError("\(found.path) has no golden.npz to replay")
    }
    do {
      _ = try CheckpointLoader().load(found.path)
    } catch {
      Terminal.output.write("\(found.path): FAILED: \(error)\n")
      return 1
    }
    let rows = golden.inputs.first?.tensor.shape.dimensions.first ?? 0
    Terminal.output.write("\(found.path): \(rows) golden examples agree\n")
    return 0
  }

  private func cases(_ folder: String, _ arguments: Arguments) throws -> Int32 {
    let only = arguments.string("only")
    let isReference = arguments.has("reference")
    let report = try ONNXCases.run(
      in: folder,
      where: { name in only.map { Self.contains(name, $0) } ?? true }
    ) { graph, feeds in
      if isReference {
        var interpreter = ReferenceInterpreter(graph)
        return try interpreter.run(graph.outputs, feeds: feeds)
      }
      return try Session(graph).run(graph.outputs, feeds: feeds)
    }
    for failure in report.failures { Terminal.output.write("FAILED \(failure)\n") }
    Terminal.output.write(report.table + "\n")
    return report.total.failed == 0 ? 0 : 1
  }

  private static func contains(_ text: String, _ part: String) -> Bool {
    let (text, part) = (Array(text.utf8), Array(part.utf8))
    guard !part.isEmpty, text.count >= part.count else { return part.isEmpty }
    return (0...(text.count - part.count)).contains {
      text[$0..<($0 + part.count)].elementsEqual(part)
    }
  }
}

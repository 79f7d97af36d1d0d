import Engine
import Foundation
import GraphIR
import Storage
import Tensors
import Testing
import Zoo

@Suite struct ONNXCasesTests {
  private static let folder = ProcessInfo.processInfo.environment["MARTLET_ONNX_CASES"]

  @Test(.enabled(if: folder != nil, "set MARTLET_ONNX_CASES to the unpacked cases"))
  func referenceInterpreterPassesEveryCaseThatItSupports() throws {
    let folder = try #require(Self.folder)
    let wanted = ProcessInfo.processInfo.environment["MARTLET_ONNX_CASE"]
    let report = try ONNXCases.run(in: folder, where: { wanted == nil || $0 == wanted }) {
      graph,
      feeds in
      var interpreter = ReferenceInterpreter(graph)
      return try interpreter.run(graph.outputs, feeds: feeds)
    }
    print(report.table)
    #expect(report.failures == [])
    #expect(report.total.passed > 0)
  }

  @Test func aPackedArchiveIsRefusedWithAHint() {
    #expect(throws: FormatError.self) {
      try ONNXCases.run(in: "node.tar.xz") { _, _ in [] }
    }
  }

  @Test func differencesFollowTheToleranceOfONNX() {
    let expected = Tensor(vector: [1, 1000, .infinity, .nan] as [Float])
    #expect(
      ONNXCases.difference(Tensor(vector: [1.0009, 1000.9, .infinity, .nan] as [Float]), expected)
        == nil
    )
    for wrong: [Float] in [
      [1.0011, 1000, .infinity, .nan], [1, 1000, -.infinity, .nan], [1, 1000, 1, .nan],
      [1, 1000, .infinity, 0],
    ] {
      #expect(ONNXCases.difference(Tensor(vector: wrong), expected) != nil)
    }
    #expect(
      ONNXCases.difference(Tensor(vector: [1] as [Int64]), Tensor(vector: [1] as [Int32])) != nil
    )
    #expect(
      ONNXCases.difference(Tensor(vector: [1] as [Int32]), Tensor(vector: [2] as [Int32])) != nil
    )
  }
}

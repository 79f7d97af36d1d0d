import GraphIR
import Tensors
import TestSupport
import Testing

@testable import Engine

/// Inputs and outputs in the caller's memory.
@Suite struct CallerBufferTests {
  private func floats(_ buffer: AlignedBuffer, _ count: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: UnsafePointer(buffer.floats), count: count))
  }

  @Test func oneRunsOutputIsTheNextOnesInputWithoutACopy() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [4])
    let y = try graph.apply1("Add", [x, x])
    let session = try Session(graph)
    let (a, b) = (AlignedBuffer(byteCount: 64), AlignedBuffer(byteCount: 64))
    for index in 0..<4 { a.floats[index] = Float(index) }
    let forth = try session.prepare(
      [y],
      inputShapes: [x: [4]],
      buffers: [x: a.bytes.baseAddress, y: b.bytes.baseAddress].compactMapValues { $0 }
    )
    let back = try session.prepare(
      [y],
      inputShapes: [x: [4]],
      buffers: [x: b.bytes.baseAddress, y: a.bytes.baseAddress].compactMapValues { $0 }
    )
    #expect(forth !== back)
    try forth.execute()
    #expect(floats(b, 4) == [0, 2, 4, 6])
    try back.execute()
    #expect(floats(a, 4) == [0, 4, 8, 12])
    try forth.execute()
    #expect(floats(b, 4) == [0, 8, 16, 24])
    #expect(forth.output(0).baseAddress == UnsafeRawPointer(b.floats))
  }

  @Test func whatIsAViewOfSomethingElseIsCopied() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [2, 3])
    let same = try graph.apply1("Identity", [x])
    let shape = try graph.constant(Tensor(vector: [6] as [Int64]))
    let doubled = try graph.apply1("Add", [x, x])
    let flat = try graph.apply1("Reshape", [doubled, shape])
    let constant = try graph.constant(Tensor(vector: [7, 8] as [Float]))
    let buffers = (0..<4).map { _ in AlignedBuffer(byteCount: 64) }
    var addresses: [ValueID: UnsafeMutableRawPointer] = [:]
    for (value, buffer) in zip([same, doubled, flat, constant], buffers) {
      addresses[value] = buffer.bytes.baseAddress
    }
    let run = try Session(graph).prepare(
      [same, doubled, flat, constant, doubled],
      inputShapes: [x: [2, 3]],
      buffers: addresses
    )
    let input = run.input(x).bindMemory(to: Float.self)
    for index in 0..<6 { input[index] = Float(index) }
    try run.execute()
    #expect(floats(buffers[0], 6) == [0, 1, 2, 3, 4, 5])
    #expect(floats(buffers[1], 6) == [0, 2, 4, 6, 8, 10])
    #expect(floats(buffers[2], 6) == [0, 2, 4, 6, 8, 10])
    #expect(floats(buffers[3], 2) == [7, 8])
    #expect(run.outputTensor(4).elements(of: Float.self) == [0, 2, 4, 6, 8, 10])
  }
}

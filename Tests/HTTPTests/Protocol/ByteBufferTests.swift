import Testing

@testable import HTTP

@Suite struct ByteBufferTests {
  private func text(_ buffer: borrowing ByteBuffer) -> String {
    String(decoding: buffer.readable, as: UTF8.self)
  }

  @Test func growsAndKeepsItsBytes() {
    var buffer = ByteBuffer()
    for index in 0..<1000 { buffer.append(decimal: index % 10) }
    let count = buffer.count
    #expect(count == 1000)
    #expect(text(buffer) == String(repeating: "0123456789", count: 100))
  }

  @Test func reclaimsConsumedBytesInsteadOfGrowing() {
    var buffer = ByteBuffer(capacity: 300)
    buffer.append(String(repeating: "a", count: 200))
    buffer.consume(190)
    buffer.append(String(repeating: "b", count: 250))
    let capacity = buffer.capacity
    #expect(capacity == 300)
    #expect(text(buffer) == String(repeating: "a", count: 10) + String(repeating: "b", count: 250))
  }

  @Test(arguments: [0, 9, 10, -1, Int.max, Int.min])
  func writesDecimals(value: Int) {
    var buffer = ByteBuffer()
    buffer.append(decimal: value)
    #expect(text(buffer) == "\(value)")
  }

  @Test func shiftsATail() {
    var buffer = ByteBuffer()
    buffer.append("abcdef" as StaticString)
    buffer.shift(from: 3, by: 2)
    #expect(text(buffer).hasSuffix("def"))
    let count = buffer.count
    #expect(count == 8)
    buffer.shift(from: 5, by: -4)
    #expect(text(buffer) == "adef")
  }

  @Test func poolHandsOutTheBufferLastReturned() {
    var pool = BufferPool()
    var first = ByteBuffer()
    pool.fill(&first)
    let memory = first.readableStart
    pool.drain(&first)
    let drained = first.capacity
    #expect(drained == 0)
    var second = ByteBuffer()
    pool.fill(&second)
    let again = second.readableStart
    let capacity = second.capacity
    #expect(again == memory)
    #expect(capacity == BufferPool.usualCapacity)
  }

  @Test func writtenMemoryMustBeReserved() async {
    await #expect(processExitsWith: .failure) {
      var buffer = ByteBuffer(capacity: 8)
      buffer.commit(9)
    }
  }
}

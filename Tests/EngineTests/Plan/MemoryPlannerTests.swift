import Tensors
import Testing

@testable import Engine

@Suite struct MemoryPlannerTests {
  @Test func buffersThatLiveTogetherNeverOverlap() {
    var generator = Philox(seed: 3)
    for _ in 0..<200 {
      let buffers = (0..<(1 + generator.below(40))).map { _ -> MemoryPlanner.Buffer in
        let first = generator.below(30)
        return .init(
          byteCount: generator.below(5000),
          first: first,
          last: first + generator.below(10)
        )
      }
      let (offsets, total) = MemoryPlanner.place(buffers)
      for (i, a) in buffers.enumerated() {
        #expect(offsets[i] % MemoryPlanner.alignment == 0)
        #expect(offsets[i] + a.byteCount <= total)
        for (j, b) in buffers.enumerated() where i < j && a.first <= b.last && b.first <= a.last {
          #expect(
            offsets[i] + a.byteCount <= offsets[j] || offsets[j] + b.byteCount <= offsets[i]
          )
        }
      }
    }
  }

  @Test func memoryIsReusedOnceABufferIsDead() {
    let chain = (0..<50).map { MemoryPlanner.Buffer(byteCount: 1024, first: $0, last: $0 + 1) }
    #expect(MemoryPlanner.place(chain).byteCount == 2048)
  }
}

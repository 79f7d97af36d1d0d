import Datasets
import Testing

@Suite struct TokenStreamsTests {
  private func rows(
    _ streams: TokenStreams,
    _ window: Int,
    _ copy: (UnsafeMutableBufferPointer<Int64>) -> Void
  ) -> [[Int64]] {
    let length = streams.length(of: window)
    var numbers = [Int64](repeating: -1, count: streams.streamCount * length)
    numbers.withUnsafeMutableBufferPointer { copy($0) }
    return stride(from: 0, to: numbers.count, by: length).map { Array(numbers[$0..<$0 + length]) }
  }

  @Test func windowsFollowEachOtherInEveryStream() throws {
    // 22 tokens, 3 streams: 7 predictions each, in windows of 3, 3 and 1.
    let streams = try #require(TokenStreams((0..<22).map(Int32.init), streams: 3, window: 3))
    #expect(streams.windowCount == 3 && (0..<3).map(streams.length(of:)) == [3, 3, 1])
    #expect((0..<3).map(streams.beginsAnew) == [true, false, false])
    var inputs = [[Int64]](repeating: [], count: 3)
    var targets = inputs
    for window in 0..<3 {
      for (stream, row) in rows(streams, window, { streams.copyInputs(window, to: $0) })
        .enumerated()
      {
        inputs[stream] += row
      }
      for (stream, row) in rows(streams, window, { streams.copyTargets(window, to: $0) })
        .enumerated()
      {
        targets[stream] += row
      }
    }
    #expect(inputs == [Array(0..<7), Array(7..<14), Array(14..<21)])
    #expect(targets == inputs.map { $0.map { $0 + 1 } })
  }

  @Test func textsThatAreTooShortGiveNothing() {
    #expect(TokenStreams([1, 2], streams: 2, window: 1) == nil)
    #expect(TokenStreams([], streams: 1, window: 1) == nil)
    #expect(TokenStreams([1, 2], streams: 1, window: 0) == nil)
    #expect(TokenStreams([1, 2], streams: 0, window: 1) == nil)
    #expect(TokenStreams([1, 2], streams: 1, window: 100)?.windowCount == 1)
  }
}

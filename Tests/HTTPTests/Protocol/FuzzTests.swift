import Testing

@testable import HTTP

/// A small seeded generator, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite struct FuzzTests {
  private static let interesting: [[UInt8]] = [
    [0], [0x0A], [0x0D], [0x0D, 0x0A], [0x20], [0x09], [0x3A], [0x2C], [0x25], [0x80], [0xFF],
    Array("chunked".utf8), Array("Content-Length: 1\r\n".utf8), Array("Host: a\r\n".utf8),
    Array("FFFFFFFFFFFFFFFF".utf8), Array("9223372036854775807".utf8), Array("%".utf8),
    Array("HTTP/1.1".utf8), Array("Expect: 100-continue\r\n".utf8), Array("/../".utf8),
  ]

  static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    let position = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0 where !bytes.isEmpty: bytes[position] = UInt8.random(in: 0...255, using: &random)
    case 1 where !bytes.isEmpty: bytes.remove(at: position)
    case 2:
      bytes.insert(contentsOf: interesting.randomElement(using: &random) ?? [], at: position)
    case 3 where !bytes.isEmpty:
      let end = min(bytes.count, position + Int.random(in: 1...16, using: &random))
      bytes.insert(contentsOf: bytes[position..<end], at: position)
    case 4 where !bytes.isEmpty:
      let end = min(bytes.count, position + Int.random(in: 1...16, using: &random))
      bytes.removeSubrange(position..<end)
    default: bytes.append(UInt8.random(in: 0...255, using: &random))
    }
  }

  /// 100 000 mutated streams: no trap, known verdicts only, and the same events however they are split.
  @Test(arguments: 0..<10)
  func mutatedRequestsNeverTrapAndNeverDependOnSplits(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    var limits = ServerLimits()
    limits.headerBlockBytes = 256
    limits.requestLineBytes = 128
    limits.headerFields = 8
    limits.bodyBytes = 64
    limits.chunks = 4
    let known: Set = ["100", "400", "413", "414", "417", "431", "501", "505", "close"]
    for _ in 0..<10_000 {
      var bytes = Payload.all.randomElement(using: &random)?.bytes ?? []
      for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&bytes, &random) }
      let whole = ConnectionDriver.transcript([bytes[...]], limits: limits)
      for event in whole where !event.contains(" ") {
        #expect(known.contains(event), "\(bytes)")
      }
      let split = Int.random(in: 0...bytes.count, using: &random)
      let halves = ConnectionDriver.transcript([bytes[..<split], bytes[split...]], limits: limits)
      #expect(
        halves.filter { $0 != "100" } == whole.filter { $0 != "100" },
        "\(bytes) at \(split)"
      )
      let streamed = ConnectionDriver.transcript(
        [bytes[..<split], bytes[split...]],
        limits: limits,
        streamsBodies: true
      )
      #expect(streamed == halves, "streamed: \(bytes) at \(split)")
    }
  }
}

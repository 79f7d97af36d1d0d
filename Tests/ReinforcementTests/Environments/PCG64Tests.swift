import Reinforcement
import Testing

/// Expected values are numpy 2.4 with `np.random.SeedSequence(seed)`.
@Suite struct PCG64Tests {
  /// What numpy makes of a seed.
  struct Expectation: Sendable {
    let seed: UInt64
    let words: [UInt64]
    let raw: [UInt64]
    let random: Double
    let uniform: Double
  }

  static let expectations = [
    Expectation(
      seed: 0,
      words: [0xDB2CD7E7B0F478BE, 0xABF4641A2C71BA49, 0x20C6ED6D9D7B8D41],
      raw: [0xA30FEBCFD9C2825F, 0x4510BDF882D9D721],
      random: 0.04097352393619469,
      uniform: -0.04834723644714709
    ),
    Expectation(
      seed: 42,
      words: [0x9F1E2E6DCD540AB7, 0xD57873DC79FB94B6, 0x7D282A1B64D420B7],
      raw: [0xC621FBCD16D92688, 0x705A5661A791FFC1],
      random: 0.8585979199113825,
      uniform: 0.019736802905936393
    ),
    Expectation(
      seed: 4294967295,
      words: [0x2A05C5E276C1FE08, 0x2032E40FC20E8198, 0xED4AC06D787F4396],
      raw: [0x407F5FA930D8FD9F, 0x3814B22EB9684802],
      random: 0.28728472043517017,
      uniform: 0.011898130253268316
    ),
    Expectation(
      seed: 4294967296,
      words: [0x50FF846CEC53F444, 0x7A4918DBE8278562, 0x3BFF9F6C362E2B19],
      raw: [0xE3C5EBE285AC1625, 0x8EA09968FE31DBCC],
      random: 0.8009080868919721,
      uniform: 0.04565138174753386
    ),
    Expectation(
      seed: 9223372036854788153,
      words: [0x889EC48F7AE53509, 0x26BB4C7BE5AB3A49, 0x6DC73B76AA842B98],
      raw: [0x7E82FF06E5A17E1C, 0x9375DE147F211ADB],
      random: 0.04269575705039841,
      uniform: 0.03639690438686173
    ),
    Expectation(
      seed: 18446744073709551615,
      words: [0xAEBCA151928CAD0D, 0x119C30448638DC7A, 0x1BBB155659E642A7],
      raw: [0xAE163A7A8C47568F, 0xD86659F5F3382359],
      random: 0.007403081599260064,
      uniform: 0.039456812643914735
    ),
  ]

  @Test(arguments: expectations) func drawsWhatNumPyDraws(_ expected: Expectation) {
    #expect(SeedSequence(seed: expected.seed).words(3) == expected.words)
    var random = PCG64(seed: expected.seed)
    #expect([random.next(), random.next()] == expected.raw)
    #expect(random.random() == expected.random)
    #expect(random.uniform(-0.05, 0.05) == expected.uniform)
  }
}

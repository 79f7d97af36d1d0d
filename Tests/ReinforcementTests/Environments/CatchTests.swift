import Reinforcement
import Testing

@Suite struct CatchTests {
  /// Follows the ball with the middle of the paddle.
  private static func follow(_ game: Catch) -> Int {
    let distance = Int(game.ballColumn.rounded()) - (game.paddleColumn + Catch.paddleWidth / 2)
    return 1 + distance.signum()
  }

  @Test func everyBallCanBeCaught() {
    var game = Catch()
    game.reset(seed: 0)
    for _ in 0..<1000 {
      var steps = 1
      var result = game.step(Self.follow(game))
      while !result.isEnd {
        #expect(result.reward == 0)
        result = game.step(Self.follow(game))
        steps += 1
      }
      #expect(result == StepResult(reward: 1, isTerminated: true, isTruncated: false))
      #expect(steps == Catch.side - 1)
      game.reset(seed: nil)
    }
  }

  @Test func aPaddleThatStandsStillMissesMostBalls() {
    var game = Catch(isSmall: true)
    game.reset(seed: 0)
    var caught = 0
    for _ in 0..<1000 {
      var result = game.step(1)
      while !result.isEnd { result = game.step(1) }
      if result.reward > 0 { caught += 1 }
      game.reset(seed: nil)
    }
    #expect((50...350).contains(caught))
  }

  @Test(arguments: [true, false]) func newestFrameIsTheLastOfTheStack(isSmall: Bool) {
    var game = Catch(isSmall: isSmall)
    game.reset(seed: 9)
    let pixels = game.frameHeight * game.frameWidth
    func frame() -> [Float] {
      [UInt8](unsafeUninitializedCapacity: pixels) { buffer, count in
        game.writeFrame(into: buffer)
        count = pixels
      }.map(Float.init)
    }
    var frames = Array(repeating: frame(), count: FrameStack.count)
    for step in 0..<(Catch.side - 2) {
      #expect(game.observation == frames.flatMap { $0 })
      let scale = game.frameHeight / Catch.side
      #expect(frame().filter { $0 == 255 }.count == (1 + Catch.paddleWidth) * scale * scale)
      _ = game.step(step % 3)
      frames = frames.dropFirst() + [frame()]
    }
  }
}

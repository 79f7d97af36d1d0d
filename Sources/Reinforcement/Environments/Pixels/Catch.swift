import Tensors

/// Our own game of pixels: a ball falls, drifting sideways and bouncing off the walls, and a paddle should be under it at the end.
///
/// A field of 21 x 21 cells, drawn with 4 x 4 pixels per cell, or 1. The ball falls one row a step and starts anywhere in the first, with
/// a drift of up to 0.75 cells a step to either side; a paddle three cells wide starts in the middle of the last row and moves by one cell a
/// step. After 20 steps a caught ball earns 1, a missed one -1, and the episode ends: the share of caught balls is (1 + mean return) / 2. The
/// paddle is faster than the ball, so that every ball can be caught.
package struct Catch: PixelEnvironment {
  /// Cells along each side of the field.
  package static let side = 21
  package static let paddleWidth = 3
  /// Cells per step.
  package static let driftMax = 0.75

  package let specification: EnvironmentSpecification
  package var frameHeight: Int { Self.side * scale }
  package var frameWidth: Int { Self.side * scale }

  /// Pixels along each side of a cell.
  private let scale: Int
  private var drift = 0.0
  /// The last four scenes, oldest first.
  private var scenes: [Scene]
  private var random = PCG64(seed: 0)

  /// Where ball and paddle are, in cells.
  private struct Scene: Sendable {
    var ballColumn = 0.0
    var ballRow = 0
    var paddle = (Catch.side - Catch.paddleWidth) / 2
  }

  /// The game at 84 x 84 pixels, or at 21 x 21; draws as seeded with 0 until it is reset with a seed.
  package init(isSmall: Bool = false) {
    scale = isSmall ? 1 : 4
    scenes = Array(repeating: Scene(), count: FrameStack.count)
    let pixels = FrameStack.count * Self.side * scale * Self.side * scale
    specification = EnvironmentSpecification(
      name: isSmall ? "CatchSmall-v1" : "Catch-v1",
      observation: .box(
        shape: [FrameStack.count, Self.side * scale, Self.side * scale],
        low: Array(repeating: 0, count: pixels),
        high: Array(repeating: 255, count: pixels),
        fields: []
      ),
      actions: ["left", "stay", "right"],
      // Never reached: the ball is down before.
      episodeStepsMax: Self.side,
      rewardThreshold: 0.9
    )
  }

  /// The ball's column, between 0 and `side - 1`.
  package var ballColumn: Double { scenes[FrameStack.count - 1].ballColumn }
  /// The paddle's leftmost column.
  package var paddleColumn: Int { scenes[FrameStack.count - 1].paddle }

  package mutating func reset(seed: UInt64?) {
    if let seed { random = PCG64(seed: seed) }
    var scene = Scene()
    scene.ballColumn = random.uniform(0, Double(Self.side - 1))
    drift = random.uniform(-Self.driftMax, Self.driftMax)
    for index in scenes.indices { scenes[index] = scene }
  }

  package mutating func step(_ action: Int) -> StepResult {
    precondition((0..<3).contains(action), "action \(action) of 3")
    var scene = scenes[FrameStack.count - 1]
    scene.paddle = min(max(scene.paddle + action - 1, 0), Self.side - Self.paddleWidth)
    scene.ballRow += 1
    scene.ballColumn += drift
    let last = Double(Self.side - 1)
    if scene.ballColumn < 0 || scene.ballColumn > last {
      scene.ballColumn = scene.ballColumn < 0 ? -scene.ballColumn : 2 * last - scene.ballColumn
      drift = -drift
    }
    for index in 1..<FrameStack.count { scenes[index - 1] = scenes[index] }
    scenes[FrameStack.count - 1] = scene

    let isDown = scene.ballRow == Self.side - 1
    let cell = Int(scene.ballColumn.rounded())
    let isCaught = (scene.paddle..<(scene.paddle + Self.paddleWidth)).contains(cell)
    return StepResult(
      reward: isDown ? (isCaught ? 1 : -1) : 0,
      isTerminated: isDown,
      isTruncated: false
    )
  }

  package func observe(into observation: UnsafeMutableBufferPointer<Float>) {
    observation.update(repeating: 0)
    let frameCount = frameHeight * frameWidth
    for (index, scene) in scenes.enumerated() {
      draw(scene) { observation[index * frameCount + $0] = 255 }
    }
  }

  package func writeFrame(into frame: UnsafeMutableBufferPointer<UInt8>) {
    frame.update(repeating: 0)
    draw(scenes[FrameStack.count - 1]) { frame[$0] = 255 }
  }

  /// Lights the pixels of ball and paddle.
  private func draw(_ scene: Scene, light: (Int) -> Void) {
    let left = Int((scene.ballColumn * Double(scale)).rounded())
    fill(row: scene.ballRow * scale, column: left, width: scale, light: light)
    fill(
      row: (Self.side - 1) * scale,
      column: scene.paddle * scale,
      width: Self.paddleWidth * scale,
      light: light
    )
  }

  private func fill(row: Int, column: Int, width: Int, light: (Int) -> Void) {
    for y in row..<(row + scale) {
      for x in column..<(column + width) { light(y * frameWidth + x) }
    }
  }
}

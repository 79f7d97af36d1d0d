import Datasets
import Storage
import Tensors

extension Scene {
  /// How groups are arranged.
  private enum Kind {
    case one, several, pair, pairAndOne
  }

  /// Draws lots for a scene whose combinations are held out, or are not.
  static func random(isHeldOut: Bool, _ random: inout Philox) -> Scene {
    // The kind is settled first, so that both sets have the same share of each.
    let kinds: [Kind] = [
      .one, .one, .several, .several, .pair, .pair, .pair, .pairAndOne, .pairAndOne,
    ]
    let kind = kinds[random.below(kinds.count)]
    while true {
      let scene = Scene(groups: groups(kind, &random))
      if scene.isHeldOut == isHeldOut { return scene }
    }
  }

  private static func groups(_ kind: Kind, _ random: inout Philox) -> [Group] {
    let first = look(&random)
    switch kind {
    case .one:
      return [Group(count: 1, look: first, place: Place.allCases[random.below(5)])]
    case .several:
      return [Group(count: 2 + random.below(2), look: first, place: nil)]
    case .pair, .pairAndOne:
      // Two that look the same would be one group.
      var second = look(&random)
      while second == first { second = look(&random) }
      let places: [Place] = random.below(2) == 0 ? [.left, .right] : [.top, .bottom]
      var counts = [1, 1]
      if kind == .pairAndOne { counts[random.below(2)] = 2 }
      return zip(zip(counts, [first, second]), places).map {
        Group(count: $0.0, look: $0.1, place: $1)
      }
    }
  }

  private static func look(_ random: inout Philox) -> Look {
    Look(
      size: Size.allCases[random.below(Size.allCases.count)],
      colour: Colour.allCases[random.below(Colour.allCases.count)],
      shape: Shape.allCases[random.below(Shape.allCases.count)]
    )
  }

  /// Pixels of a side of the picture.
  package static let side = 64

  /// Draws the scene: places, radii, tones and the background vary with `random`.
  ///
  /// - Throws: `FormatError` never: the size is fixed.
  func image(_ random: inout Philox) throws(FormatError) -> Image {
    // Dark or light; never as colourful as the shapes.
    let grey = random.below(2) == 0 ? 15 + random.below(50) : 190 + random.below(50)
    var canvas = SceneCanvas(side: Self.side, grey: UInt8(grey))
    for group in groups {
      for centre in Self.centres(group, &random) {
        let radius: Float = group.look.size == .small ? 6 : 11.5
        canvas.draw(
          group.look.shape,
          x: centre.x + jitter(2, &random),
          y: centre.y + jitter(2, &random),
          radius: radius + 2 * random.uniform(),
          colour: group.look.colour.tone.map { $0 + jitter(18, &random) }
        )
      }
    }
    return try canvas.image()
  }

  /// Uniform in `-range...range`.
  private func jitter(_ range: Float, _ random: inout Philox) -> Float {
    (2 * random.uniform() - 1) * range
  }

  /// Where the shapes of a group are, before they are moved a little: each has a quarter of the picture for itself.
  private static func centres(_ group: Group, _ random: inout Philox) -> [(x: Float, y: Float)] {
    let (near, middle, far): (Float, Float, Float) = (16, 32, 48)
    let quarters = [(near, near), (far, near), (near, far), (far, far)]
    guard let place = group.place else {
      return random.permutation(4).prefix(group.count).map { quarters[$0] }
    }
    let isOne = group.count == 1
    return switch place {
    case .left: isOne ? [(near, middle)] : [(near, near), (near, far)]
    case .right: isOne ? [(far, middle)] : [(far, near), (far, far)]
    case .top: isOne ? [(middle, near)] : [(near, near), (far, near)]
    case .bottom: isOne ? [(middle, far)] : [(near, far), (far, far)]
    case .centre: [(middle, middle)]
    }
  }
}

extension Scene.Colour {
  /// Red, green and blue, 0...255.
  fileprivate var tone: [Float] {
    switch self {
    case .red: [215, 30, 35]
    case .green: [35, 165, 60]
    case .blue: [35, 75, 215]
    case .yellow: [235, 220, 35]
    case .orange: [240, 130, 20]
    case .purple: [140, 40, 165]
    }
  }
}

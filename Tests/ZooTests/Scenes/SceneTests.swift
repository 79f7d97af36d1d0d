import Datasets
import Storage
import Tensors
import Testing

@testable import Zoo

@Suite struct SceneTests {
  private static func scenes(_ part: SceneSet.Part, _ count: Int = 400) throws -> [Scene] {
    let set = SceneSet(part, seed: 5)
    return try (0..<count).map { try set.example($0).scene }
  }

  @Test func theSamePictureComesForTheSameSeed() throws {
    let (first, second) = (SceneSet(.training, seed: 1), SceneSet(.training, seed: 1))
    for index in [0, 7, 1000] {
      let (left, right) = (try first.example(index), try second.example(index))
      #expect(left.scene == right.scene && left.image == right.image)
    }
    let images = try (0..<20).map { try first.example($0).image }
    #expect(images.allSatisfy { image in images.filter { $0 == image }.count == 1 })
    #expect(try SceneSet(.training, seed: 2).example(0).image != images[0])
    #expect(try SceneSet(.validation, seed: 1).example(0).image != images[0])
  }

  @Test func testPicturesHaveCombinationsThatNoTrainingPictureHas() throws {
    let training = try Self.scenes(.training) + Self.scenes(.validation)
    #expect(training.allSatisfy { !$0.isHeldOut })
    let test = try Self.scenes(.test)
    #expect(test.allSatisfy { $0.isHeldOut })
    #expect(Set(training.map(\.sentence)).isDisjoint(with: test.map(\.sentence)))
    // Every word of the test occurs in training.
    func words(_ scenes: [Scene]) -> Set<Substring> {
      Set(scenes.flatMap { $0.sentence.split(separator: " ") })
    }
    #expect(words(test).isSubset(of: words(training)))
    #expect(words(training).count == 31)
  }

  /// Two of shape, colour and place never tell that the third is held out.
  @Test func everyTwoAttributesAreSeenTogether() throws {
    let places: [Scene.Place?] = [nil] + Scene.Place.allCases
    func group(_ shape: Int, _ colour: Int, _ place: Int) -> Scene.Group {
      Scene.Group(
        count: 1,
        look: Scene.Look(
          size: .small,
          colour: Scene.Colour.allCases[colour],
          shape: Scene.Shape.allCases[shape]
        ),
        place: places[place]
      )
    }
    for shape in 0..<5 {
      for colour in 0..<6 {
        #expect((0..<6).contains { !group(shape, colour, $0).isHeldOut })
      }
      for place in 0..<6 {
        #expect((0..<6).contains { !group(shape, $0, place).isHeldOut })
      }
    }
    for colour in 0..<6 {
      for place in 0..<6 { #expect((0..<5).contains { !group($0, colour, place).isHeldOut }) }
    }
    let heldOut = (0..<180).filter { group($0 / 36, $0 / 6 % 6, $0 % 6).isHeldOut }
    #expect((20...30).contains(heldOut.count))
  }

  @Test func sentencesFollowTheGrammar() {
    func look(_ size: Scene.Size, _ colour: Scene.Colour, _ shape: Scene.Shape) -> Scene.Look {
      Scene.Look(size: size, colour: colour, shape: shape)
    }
    let crosses = Scene.Group(count: 2, look: look(.small, .red, .cross), place: .top)
    let square = Scene.Group(count: 1, look: look(.large, .blue, .square), place: .bottom)
    #expect(
      Scene(groups: [crosses, square]).sentence
        == "two small red crosses at the top and a large blue square at the bottom"
    )
    let rings = Scene.Group(count: 3, look: look(.large, .purple, .ring), place: nil)
    #expect(Scene(groups: [rings]).sentence == "three large purple rings")
  }

  @Test func groupsOfOneSceneLookDifferent() throws {
    let scenes = try Self.scenes(.training) + Self.scenes(.test)
    let pairs = scenes.filter { $0.groups.count == 2 }
    #expect(pairs.count > 200)
    #expect(pairs.allSatisfy { $0.groups[0].look != $0.groups[1].look })
    #expect(
      scenes.allSatisfy {
        $0.groups.count == 2 || $0.groups[0].count == 1 || $0.groups[0].place == nil
      }
    )
    #expect(Set(scenes.map { $0.groups.reduce(0) { $0 + $1.count } }) == [1, 2, 3])
  }

  /// What is said is there: connected areas of the colour that is named, of the right number, size and place.
  @Test(arguments: [SceneSet.Part.training, .test])
  func picturesShowWhatTheirSentencesSay(part: SceneSet.Part) throws {
    let set = SceneSet(part, seed: 9)
    for index in 0..<60 {
      let (scene, image) = try set.example(index)
      let areas = SceneAreas(image).areas
      let count = scene.groups.reduce(0) { $0 + $1.count }
      #expect(areas.count == count, "\(scene.sentence)")
      for group in scene.groups {
        let found = areas.filter { area in
          let middle: (x: Double, y: Double) = (area.x / 64, area.y / 64)
          let isThere =
            switch group.place {
            case .left: middle.x < 0.4
            case .right: middle.x > 0.6
            case .top: middle.y < 0.4
            case .bottom: middle.y > 0.6
            case .centre: abs(middle.x - 0.5) < 0.1 && abs(middle.y - 0.5) < 0.1
            case nil: true
            }
          let isLarge = area.reach > 9
          return isThere && isLarge == (group.look.size == .large)
        }
        #expect(found.count == group.count, "\(scene.sentence)")
      }
    }
  }

  @Test func setsAreMadeOfTheirExamples() throws {
    let set = SceneSet(.validation, seed: 3)
    let pictures = try set.pictures(3)
    for index in 0..<3 {
      let (scene, image) = try set.example(index)
      #expect(try pictures.image(index) == image && pictures.captions[index] == [scene.sentence])
    }
  }
}

/// Connected areas that differ from the background.
private struct SceneAreas {
  struct Area {
    /// The middle of the box around it.
    let x: Double
    let y: Double
    /// Half the larger side of that box.
    let reach: Double
  }

  private(set) var areas: [Area] = []

  init(_ image: Image) {
    let side = image.width
    let ground = Int(image.pixels[0])
    // More colour than grey: edges count half.
    var isFree = (0..<side * side).map { index in
      let pixel = image.pixels[3 * index..<3 * index + 3].map { Int($0) }
      return pixel.map { abs($0 - ground) }.max() ?? 0 > 60
    }
    for start in isFree.indices where isFree[start] {
      var (left, right, top, bottom) = (side, 0, side, 0)
      var open = [start]
      isFree[start] = false
      while let place = open.popLast() {
        let (x, y) = (place % side, place / side)
        (left, right, top, bottom) = (min(left, x), max(right, x), min(top, y), max(bottom, y))
        for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
          let (nextX, nextY) = (x + dx, y + dy)
          guard (0..<side).contains(nextX), (0..<side).contains(nextY),
            isFree[nextY * side + nextX]
          else { continue }
          isFree[nextY * side + nextX] = false
          open.append(nextY * side + nextX)
        }
      }
      areas.append(
        Area(
          x: Double(left + right) / 2 + 0.5,
          y: Double(top + bottom) / 2 + 0.5,
          reach: Double(max(right - left, bottom - top) + 1) / 2
        )
      )
    }
  }
}

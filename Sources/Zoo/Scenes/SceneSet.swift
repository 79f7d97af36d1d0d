package import Datasets
package import Storage
import Tensors

/// Pictures that are drawn as they are asked for, with the only right sentence for each.
///
/// Picture `i` depends on seed, part and `i` alone.
package struct SceneSet: Sendable {
  package enum Part: UInt64, Sendable {
    /// Without the combinations that are held out.
    case training = 0
    /// As training, other pictures.
    case validation
    /// Each picture has a combination that no training picture has.
    case test
  }

  package let part: Part
  package let seed: UInt64

  package init(_ part: Part, seed: UInt64) {
    self.part = part
    self.seed = seed
  }

  /// Draws one picture, 64 x 64 in colour.
  ///
  /// - Throws: `FormatError` never: sizes are fixed.
  package func example(_ index: Int) throws(FormatError) -> (scene: Scene, image: Image) {
    let stream = part.rawValue << 40 | UInt64(truncatingIfNeeded: index)
    var random = Philox(seed: seed, stream: stream)
    let scene = Scene.random(isHeldOut: part == .test, &random)
    return (scene, try scene.image(&random))
  }

  /// Draws the first `count` pictures.
  ///
  /// - Throws: `FormatError` for a count of 0.
  package func pictures(_ count: Int) throws(FormatError) -> CaptionedImages {
    try CaptionedImages(count: count) { index throws(FormatError) in
      let (scene, image) = try example(index)
      return (image, [scene.sentence])
    }
  }
}

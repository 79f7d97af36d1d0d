import CommandLineTool
import Datasets
import Tensors
import Zoo

/// What `martlet examples scenes` writes: drawn pictures with their sentences, as the training file of a captioner.
struct SceneExamples {
  /// Pictures of one archive.
  static let countMax = 1_000_000

  private let set: SceneSet
  private let indices: Range<Int>

  init(_ arguments: Arguments) throws {
    let parts: [String: SceneSet.Part] = [
      "training": .training, "validation": .validation, "test": .test,
    ]
    let name = arguments.string("part") ?? "training"
    guard let part = parts[name] else {
      throw UsageError("--part of scenes is training, validation or test, got '\(name)'")
    }
    set = SceneSet(part, seed: UInt64(try arguments.integer("seed", in: 0...Int.max) ?? 1))
    let skip = try arguments.integer("skip", in: 0...Self.countMax) ?? 0
    let count = try arguments.integer("count", in: 1...Self.countMax) ?? 2000
    indices = skip..<skip + count
  }

  /// The first picture as a PNG file, its sentence on the standard error output.
  func writePicture() throws {
    let (scene, image) = try set.example(indices.lowerBound)
    Terminal.error.write(scene.sentence + "\n")
    Terminal.output.write(try PNG.encode(image))
  }

  /// A tar archive of `<number>.png` with `<number>.txt`.
  func writeArchive() throws {
    for index in indices {
      let (scene, image) = try set.example(index)
      let files = [("png", try PNG.encode(image)), ("txt", Array((scene.sentence + "\n").utf8))]
      for (ending, bytes) in files {
        Terminal.output.write(try TarWriter.header("\(index).\(ending)", byteCount: bytes.count))
        Terminal.output.write(bytes)
        Terminal.output.write(TarWriter.padding(after: bytes.count))
      }
    }
    Terminal.output.write(TarWriter.end)
  }
}

import Datasets
import Glibc
import ONNXFormat
import Storage

@testable import Service

/// Makes fake models of text files: the first word says which, the second scales its outputs.
struct FakeLoader: ModelLoader {
  struct Damaged: Error, CustomStringConvertible {
    let description: String
  }

  let log = RunLog()
  /// What the models of sequences run on.
  let decoding = FakeDecodingLoop()

  func load(_ path: String) throws -> LoadedModel {
    let file = path.hasSuffix(".onnx") ? path : path + "/model.onnx"
    let text = String(decoding: try FileAccess.read(file, byteCountMax: 1 << 16), as: UTF8.self)
    let words = text.split(separator: " ").map(String.init)
    if words[0] == "sequences", words.count > 1, let task = SequenceTask(rawValue: words[1]) {
      let backend = FakeSequences(task, decoding, isManual: words.contains("manual"))
      return LoadedModel(sequences: backend, signature: FakeModel.plain)
    }
    let signature: ModelSignature
    switch words[0] {
    case "plain", "slow", "picture": signature = FakeModel.plain
    case "classifier", "image": signature = FakeModel.classifier
    case "tags": signature = FakeModel.tags
    case "regressor": signature = FakeModel.regressor
    case "two": signature = FakeModel.twoInputs
    case "pairs": signature = FakeModel.pairs
    case "unbatched": signature = FakeModel.unbatched
    default: throw Damaged(description: "\(file) is damaged at byte 7")
    }
    let model = FakeModel(
      signature,
      scale: words.count > 1 ? Float(words[1]) ?? 1 : 1,
      log: log,
      delayMilliseconds: words[0] == "slow" ? 50 : 0
    )
    if words[0] == "picture" {
      // A picture becomes its first three samples.
      return LoadedModel(
        model,
        images: ImageInput(input: 0) {
          try ImageDecoder.decode([UInt8]($0)).pixels.prefix(3).map(Float.init)
        }
      )
    }
    guard words[0] == "image" else { return LoadedModel(model) }
    // An image of any content becomes the row 1, 2, number of bytes.
    return LoadedModel(model, images: ImageInput(input: 0) { [1, 2, Float($0.count)] })
  }
}

/// A folder that goes when the object goes.
final class TemporaryFolder {
  let path: String

  init() {
    var template = Array("/tmp/martlet-service-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }

  deinit { remove("") }

  /// Writes a file, making its folders.
  func write(_ name: String, _ text: String) throws {
    var folder = path
    for part in name.split(separator: "/").dropLast() {
      folder += "/\(part)"
      mkdir(folder, 0o755)
    }
    unlink("\(path)/\(name)")
    try FileAccess.create("\(path)/\(name)", Array(text.utf8))
  }

  /// Makes a folder.
  func makeFolder(_ name: String) throws { try FileAccess.createFolder("\(path)/\(name)") }

  /// Removes a file or a folder with all that is in it.
  func remove(_ name: String) {
    let target = name.isEmpty ? path : "\(path)/\(name)"
    if Folder.isFolder(target) {
      for child in (try? FileAccess.names(in: target)) ?? [] {
        remove(name.isEmpty ? child : "\(name)/\(child)")
      }
      rmdir(target)
    } else {
      unlink(target)
    }
  }
}

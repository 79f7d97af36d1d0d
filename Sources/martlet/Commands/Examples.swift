import CommandLineTool
import Datasets
import HTTP
import Service
import Tensors
import Zoo

/// `martlet examples`: writes pictures of MNIST or Fashion-MNIST, or drawn scenes, as the training file of a fine-tuning job.
struct Examples: Command {
  let specification = CommandSpecification(
    "examples",
    "write a data set's pictures as JSON lines or .tar, to fine-tune with",
    positionals: [.init("SET", "mnist, fashion-mnist, or scenes: drawn pictures with sentences")],
    flags: [
      .init(
        "data",
        value: "DIR",
        "folder with the data set, such as DIR/mnist; not for scenes"
      ),
      .init("part", value: "NAME", "training or test, or validation scenes", default: "training"),
      .init("seed", value: "NUMBER", "with scenes: other pictures", default: "1"),
      .init("skip", value: "COUNT", "pictures to leave out at the beginning", default: "0"),
      .init("count", value: "COUNT", "pictures to write", default: "2000"),
      .init("raw-pixels", "write pixels as 0..255 instead of 0..1 (mnist-8.onnx)"),
      .init("png", "write the first picture alone, as a PNG file"),
    ],
    notes: """
      examples: martlet examples fashion-mnist --data ../shared/data --count 2000 > fashion.jsonl
                martlet examples scenes --count 2000 > scenes.tar     1.png with 1.txt, and so on
      """
  )

  func run(_ arguments: Arguments) throws -> Int32 {
    if arguments.positional(0) == "scenes" {
      let scenes = try SceneExamples(arguments)
      if arguments.has("png") { try scenes.writePicture() } else { try scenes.writeArchive() }
      return 0
    }
    guard let set = MNISTFolder.Name(rawValue: arguments.positional(0) ?? "") else {
      throw UsageError("SET is mnist, fashion-mnist or scenes")
    }
    guard let data = arguments.string("data") else {
      throw UsageError("--data DIR is missing: the folder that holds mnist or fashion-mnist")
    }
    let contents = try MNISTFolder.read(set, in: data)
    let part: MNISTFolder.Part
    switch arguments.string("part") ?? "training" {
    case "training": part = contents.training
    case "test": part = contents.test
    case let other: throw UsageError("--part is training or test, got '\(other)'")
    }
    let total = part.labels.shape[0]
    let skip = try arguments.integer("skip", in: 0...total - 1) ?? 0
    let count = min(try arguments.integer("count", in: 1...total) ?? 2000, total - skip)
    let labels = part.labels.elements(of: Int64.self)
    try part.pixels.withElements(of: UInt8.self) { pixels in
      let size = part.height * part.width
      if arguments.has("png") {
        let picture = Array(pixels[skip * size..<(skip + 1) * size])
        let image = try Image(width: part.width, height: part.height, channels: 1, pixels: picture)
        Terminal.output.write(try PNG.encode(image))
        return
      }
      for row in skip..<skip + count {
        var line = ByteBuffer()
        line.append("{\"input\":" as StaticString)
        append(
          pixels[row * size..<(row + 1) * size],
          part,
          isRaw: arguments.has("raw-pixels"),
          to: &line
        )
        line.append(",\"label\":" as StaticString)
        line.append(jsonString: set.labels[Int(labels[row])])
        line.append("}\n" as StaticString)
        Terminal.output.write(Array(line.readable))
      }
    }
    return 0
  }

  /// A picture as `[1][H][W]`.
  private func append(
    _ pixels: Slice<UnsafeBufferPointer<UInt8>>,
    _ part: MNISTFolder.Part,
    isRaw: Bool,
    to line: inout ByteBuffer
  ) {
    line.append("[[" as StaticString)
    for (index, pixel) in pixels.enumerated() {
      if index % part.width == 0 { line.append(index == 0 ? "[" : "],[" as StaticString) }
      if index % part.width != 0 { line.append(0x2C) }
      if isRaw || pixel == 0 {
        line.append(decimal: Int(pixel))
      } else {
        line.append(jsonNumber: Float(pixel) / 255)
      }
    }
    line.append("]]]" as StaticString)
  }
}

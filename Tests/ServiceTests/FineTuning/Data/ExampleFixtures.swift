import Datasets
import Tensors

@testable import Service

/// The same six grey pictures of 2x3 pixels, two of each of three classes, in every format.
enum ExampleFixtures {
  static let labels = ["cat", "dog", "owl"]
  static let image = ImagePreprocessing(channels: 1, height: 2, width: 3)
  static let classes: [Int64] = [0, 2, 1, 1, 0, 2]

  static func schema(
    _ targets: ExampleSchema.Targets = .classes(labels),
    image: ImagePreprocessing? = image
  ) throws -> ExampleSchema {
    try ExampleSchema(rowShape: [1, 2, 3], image: image, targets: targets)
  }

  static let pixels: [[UInt8]] = (0..<6).map { row in (0..<6).map { UInt8(row * 40 + $0 * 7) } }

  static func inputs() throws -> [[Float]] {
    try pixels.map { try image.tensor(from: picture($0)).elements(of: Float.self) }
  }

  static func picture(_ pixels: [UInt8]) throws -> Image {
    try Image(width: 3, height: 2, channels: 1, pixels: pixels)
  }

  private static func list(_ values: [Float]) -> String {
    "[" + values.map(\.description).joined(separator: ",") + "]"
  }

  static func jsonLines() throws -> [UInt8] {
    let rows = try zip(inputs(), classes).map { values, label in
      "{\"input\": \(list(values)), \"label\": \"\(labels[Int(label)])\"}\n"
    }
    return Array(rows.joined().utf8)
  }

  /// Pictures in base64, nested numbers, indices for names, no line end at the end.
  static func mixedJSONLines() throws -> [UInt8] {
    var rows: [String] = []
    for (index, (values, label)) in try zip(inputs(), classes).enumerated() {
      let nested = "[[\(list(Array(values[..<3]))),\(list(Array(values[3...])))]]"
      let file = try PNG.encode(picture(pixels[index]))
      let input = index % 2 == 0 ? nested : "{\"b64\": \"\(base64(file))\"}"
      rows.append("{\"label\": \(label), \"input\": \(input)}")
    }
    return Array(("\n" + rows.joined(separator: "\r\n\r\n")).utf8)
  }

  static func csv(header: Bool) throws -> [UInt8] {
    var text = header ? "a,b,label,c,d,e,f\n" : ""
    for (values, label) in zip(try inputs(), classes) {
      var fields = values.map(\.description)
      fields.insert(header ? "\"\(labels[Int(label)])\"" : "\(label)", at: header ? 2 : 6)
      text += fields.joined(separator: ",") + "\n"
    }
    return Array(text.utf8)
  }

  static func npz(pixels asPixels: Bool) throws -> [UInt8] {
    let x =
      asPixels
      ? Tensor(pixels.flatMap { $0 }, [6, 2, 3])
      : Tensor(try inputs().flatMap { $0.map { Double($0) } }, [6, 6])
    let y =
      asPixels ? Tensor(vector: classes) : Tensor(classes.map { UInt8($0) }, [6, 1])
    return try NPZ.write([.init(asPixels ? "x_train" : "x", x), .init("y", y)])
  }

  static func idx(compressed: Bool) throws -> [UInt8] {
    let images = try IDX.write(Tensor(pixels.flatMap { $0 }, [6, 2, 3]))
    let answers = try IDX.write(Tensor(vector: classes.map { UInt8($0) }))
    let ending = compressed ? "ubyte.gz" : "ubyte"
    func packed(_ bytes: [UInt8]) throws -> [UInt8] {
      compressed ? try Deflate.deflate(bytes, .gzip) : bytes
    }
    return try TarWriter.write([
      ("mnist/train-labels-idx1-\(ending)", packed(answers)),
      ("mnist/train-images-idx3-\(ending)", packed(images)),
      ("mnist/t10k-images-idx3-\(ending)", packed(images)),
      ("mnist/t10k-labels-idx1-\(ending)", packed(answers)),
    ])
  }

  static func folders(leading: String) throws -> [UInt8] {
    var files: [(String, [UInt8])] = [("\(leading).DS_Store", [1])]
    for (index, label) in classes.enumerated() {
      let name = "\(leading)\(labels[Int(label)])/\(index).png"
      files.append((name, try PNG.encode(picture(pixels[index]))))
    }
    return try TarWriter.write(files)
  }

  static func inline() throws -> [UInt8] {
    let rows = try inputs().map(list).joined(separator: ",")
    let names = classes.map { "\"\(labels[Int($0)])\"" }.joined(separator: ",")
    return Array("{\"labels\": [\(names)], \"instances\": [\(rows)]}".utf8)
  }

  static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let piece = bytes[start..<min(start + 3, bytes.count)]
      let bits = piece.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - piece.count))
      for digit in 0..<4 {
        text.append(digit <= piece.count ? alphabet[bits >> (18 - 6 * digit) & 63] : 0x3D)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

import Storage
import Tensors
import Testing

/// Pictures with what libjpeg decodes from them, made by Tests/Fixtures/make_jpeg_fixtures.py.
struct JPEGFixtures {
  struct Picture: Sendable, CustomTestStringConvertible {
    let name: String
    let file: [UInt8]
    let width: Int
    let height: Int
    let channels: Int
    let pixels: [UInt8]

    var testDescription: String { name }
  }

  let pictures: [Picture]

  init(_ path: String) throws {
    let entries = try NPZ.read(try FileAccess.read(path, byteCountMax: 1 << 30))
    func array<Element: TensorElement>(_ name: String, of type: Element.Type) throws -> [Element] {
      let entry = try #require(entries.first { $0.name == name })
      return entry.tensor.elements(of: type)
    }
    let names = String(decoding: try array("names", of: UInt8.self), as: UTF8.self)
      .split(separator: "\n")
    var files = try array("files", of: UInt8.self)[...]
    var pixels = try array("pixels", of: UInt8.self)[...]
    let sizes = try array("sizes", of: Int64.self).map { Int($0) }
    let shapes = try array("shapes", of: Int64.self).map { Int($0) }
    pictures = names.indices.map { index in
      let (height, width) = (shapes[3 * index], shapes[3 * index + 1])
      let channels = shapes[3 * index + 2]
      let count = width * height * channels
      defer {
        files = files.dropFirst(sizes[index])
        pixels = pixels.dropFirst(count)
      }
      return Picture(
        name: String(names[index]),
        file: Array(files.prefix(sizes[index])),
        width: width,
        height: height,
        channels: channels,
        pixels: Array(pixels.prefix(count))
      )
    }
  }

  /// The committed pictures.
  static func all() throws -> [Picture] {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try JPEGFixtures("/\(folder)/Fixtures/jpeg.npz").pictures
  }

  /// The committed picture of that name.
  static func picture(_ name: String) throws -> Picture {
    try #require(try all().first { $0.name == name })
  }
}

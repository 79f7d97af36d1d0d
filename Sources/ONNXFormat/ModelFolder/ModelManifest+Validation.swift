import Datasets
package import Storage

extension ModelManifest {
  /// True for names that models, versions and files may have: `[A-Za-z0-9._-]{1,128}` without a leading dot.
  package static func isValidName(_ name: String) -> Bool {
    let bytes = name.utf8
    guard (1...128).contains(bytes.count), bytes.first != UInt8(ascii: ".") else { return false }
    return bytes.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }

  /// True for SHA-256 digests as this format writes them.
  static func isDigest(_ text: String) -> Bool {
    let digits = text.utf8
    return digits.count == 64
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// Checks what the types alone do not.
  ///
  /// - Throws: `FormatError` naming the key, what stands there and what may.
  package func validate() throws(FormatError) {
    func refuse(_ detail: String) -> FormatError { FormatError("model.json", detail) }
    guard format == Self.formatVersion else {
      throw refuse("format \(format); this program reads format \(Self.formatVersion)")
    }
    guard Self.isValidName(name) else {
      throw refuse(
        "name '\(name)'; allowed are 1 to 128 of A-Z a-z 0-9 . _ - without a leading dot"
      )
    }
    guard version >= 1 else { throw refuse("version \(version); versions start at 1") }
    guard !graphs.isEmpty else { throw refuse("graphs is empty") }
    for (role, graph) in graphs {
      guard Self.isValidName(graph.file), graph.file.hasSuffix(".onnx") else {
        throw refuse(
          "graphs.\(role).file '\(graph.file)' is not the name of an .onnx file beside it"
        )
      }
      guard Self.isDigest(graph.sha256) else {
        throw refuse(
          "graphs.\(role).sha256 '\(graph.sha256)' is not 64 lower-case hexadecimal digits"
        )
      }
    }
    guard Set(graphs.values.map(\.file)).count == graphs.count else {
      throw refuse("two graphs have the same file")
    }
    for (key, list) in [("inputs", signature.inputs), ("outputs", signature.outputs)] {
      guard Set(list.map(\.name)).count == list.count else {
        throw refuse("signature.\(key) has a name twice")
      }
    }
    let outputs = Set(signature.outputs.map(\.name))
    for (role, output) in roles where !outputs.contains(output) {
      throw refuse("roles.\(role) names output '\(output)', which the signature does not have")
    }
    for (name, curve) in training?.curves ?? [:] {
      guard curve.count <= TrainingRecord.curvePointsMax else {
        throw refuse(
          "training.curves.\(name) has \(curve.count) points; at most \(TrainingRecord.curvePointsMax)"
        )
      }
    }
    if let digest = lineage.parentSHA256, !Self.isDigest(digest) {
      throw refuse("lineage.parent_sha256 '\(digest)' is not 64 lower-case hexadecimal digits")
    }
    if let image = preprocessing?.image {
      do {
        try image.validate()
      } catch { throw refuse("preprocessing.image: \(error.detail)") }
    }
    try validateSequences()
    try validateReinforcement()
  }
}

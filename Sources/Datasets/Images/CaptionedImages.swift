package import Storage
package import Tensors

/// Pictures of one size, decoded to bytes, each with the sentences that say what is on it.
package struct CaptionedImages: Sendable {
  /// uint8 [N, C, H, W], 0...255.
  package let pixels: Tensor
  /// Sentences about each picture, one or more.
  package var captions: [[String]]

  package var count: Int { captions.count }
  /// 1 (grey) or 3 (red, green, blue).
  package var channels: Int { pixels.shape[1] }
  /// Rows of pixels, H.
  package var height: Int { pixels.shape[2] }
  /// Pixels of a row, W.
  package var width: Int { pixels.shape[3] }

  /// Asks for `count` pictures, one after the other.
  ///
  /// - Throws: `FormatError` where a picture is transparent or of another size than the first, or has no captions, and what `make`
  ///   throws.
  package init(
    count: Int,
    _ make: (Int) throws(FormatError) -> (image: Image, captions: [String])
  ) throws(FormatError) {
    guard count > 0 else { throw FormatError("pictures", "none") }
    var planes: [UInt8] = []
    var captions: [[String]] = []
    var first: Image?
    for index in 0..<count {
      let (image, sentences) = try make(index)
      let size = first ?? image
      guard image.width == size.width, image.height == size.height,
        image.channels == size.channels, !image.hasAlpha
      else {
        throw FormatError(
          "pictures",
          "picture \(index) is \(image.width) x \(image.height) of \(image.channels) channels; expected "
            + "\(size.width) x \(size.height) of \(size.hasAlpha ? size.channels - 1 : size.channels)"
        )
      }
      guard !sentences.isEmpty else {
        throw FormatError("pictures", "picture \(index) has no captions")
      }
      if first == nil {
        first = image
        planes.reserveCapacity(count * image.pixels.count)
      }
      for channel in 0..<image.channels {
        for position in stride(from: channel, to: image.pixels.count, by: image.channels) {
          planes.append(image.pixels[position])
        }
      }
      captions.append(sentences)
    }
    guard let first else { throw FormatError("pictures", "none") }
    pixels = Tensor(planes, [count, first.channels, first.height, first.width])
    self.captions = captions
  }

  /// Decodes the pictures of one part of Flickr8k, at most `countMax`.
  ///
  /// - Throws: `FormatError` that names the picture that cannot be decoded, or the part without pictures.
  package init(
    _ corpus: Flickr8k,
    _ part: Flickr8k.Part,
    countMax: Int = .max
  ) throws(FormatError) {
    let examples = (corpus.examples[part] ?? []).prefix(countMax)
    try self.init(count: examples.count) { index throws(FormatError) in
      let example = examples[index]
      do {
        return (try ImageDecoder.decode(example.image), example.captions)
      } catch { throw FormatError("flickr8k", "\(example.name): \(error)") }
    }
  }

  /// One picture.
  ///
  /// - Throws: `FormatError` never for an index below `count`.
  package func image(_ index: Int) throws(FormatError) -> Image {
    let (count, channels) = (width * height, channels)
    let planes = pixels.withElements(of: UInt8.self) { elements in
      Array(elements[index * count * channels..<(index + 1) * count * channels])
    }
    var samples = planes
    for channel in 0..<channels {
      for position in 0..<count {
        samples[position * channels + channel] = planes[channel * count + position]
      }
    }
    return try Image(width: width, height: height, channels: channels, pixels: samples)
  }

  /// Copies pictures as a model takes them to `target`, float32 [rows, C, H, W]: the same numbers as
  /// `ImagePreprocessing.tensor(from:)` makes of each picture.
  ///
  /// - Throws: `FormatError` where sizes differ, as pictures are not resized here, or `target` has not the room of the rows.
  package func copy(
    _ rows: some Collection<Int>,
    _ preprocessing: ImagePreprocessing,
    to target: UnsafeMutableRawBufferPointer
  ) throws(FormatError) {
    try preprocessing.validate()
    guard preprocessing.channels == channels, preprocessing.height == height,
      preprocessing.width == width
    else {
      throw FormatError(
        "pictures",
        "pictures of [\(channels),\(height),\(width)] for a model that takes "
          + "[\(preprocessing.channels),\(preprocessing.height),\(preprocessing.width)]"
      )
    }
    let planeSize = height * width
    let rowSize = channels * planeSize
    guard target.count == rows.count * rowSize * MemoryLayout<Float>.stride else {
      throw FormatError("pictures", "\(rows.count) pictures into \(target.count) bytes")
    }
    let tables = (0..<channels).map { channel in
      (0...255).map { preprocessing.value(of: Float($0), channel: channel) }
    }
    pixels.withElements(of: UInt8.self) { pixels in
      let values = target.bindMemory(to: Float.self)
      for (position, row) in rows.enumerated() {
        for channel in 0..<channels {
          let table = tables[channel]
          let source = row * rowSize + channel * planeSize
          let start = position * rowSize + channel * planeSize
          for index in 0..<planeSize { values[start + index] = table[Int(pixels[source + index])] }
        }
      }
    }
  }
}

package import Storage
package import Tensors

/// MNIST and Fashion-MNIST as published: four idx files in a folder, compressed or not.
package enum MNISTFolder {
  /// Which of the two data sets, by the name of its folder.
  package enum Name: String, Sendable, CaseIterable {
    case mnist
    case fashionMNIST = "fashion-mnist"
  }

  /// Images with labels.
  package struct Part: Sendable {
    /// Grey values as uint8, [N, H * W].
    package let pixels: Tensor
    /// Classes as int64, [N].
    package let labels: Tensor
    /// Pixels.
    package let height: Int
    /// Pixels.
    package let width: Int

    /// Pixels divided by 255 as float32, [N, 1, H, W], with the labels.
    package var dataset: Dataset {
      let shape = Shape([pixels.shape[0], 1, height, width])
      let features = Tensor(shape) { (target: UnsafeMutableBufferPointer<Float>) in
        pixels.withElements(of: UInt8.self) { source in
          for index in source.indices { target[index] = Float(source[index]) / 255 }
        }
      }
      return Dataset(features: features, labels: labels)
    }
  }

  /// Everything the folder holds.
  package struct Contents: Sendable {
    package let training: Part
    package let test: Part
    /// SHA-256 over the four files as they stand on disk: training images, training labels, test images, test labels.
    package let sha256: String
  }

  /// Bytes of one file on disk.
  package static let fileByteCountMax = 1 << 28

  /// Reads `<directory>/<name>/`, or `directory` itself where the files stand there.
  ///
  /// - Throws: `FormatError` naming a file that is missing, damaged, or of another shape than its partner.
  package static func read(
    _ name: Name,
    in directory: String
  ) throws(FormatError) -> Contents {
    let inner = "\(directory)/\(name.rawValue)"
    let folder = FileAccess.exists(inner) ? inner : directory
    var digest = SHA256()
    let training = try part("train", folder, &digest)
    let test = try part("t10k", folder, &digest)
    return Contents(
      training: training,
      test: test,
      sha256: SHA256.hexadecimal(digest.finalize())
    )
  }

  private static func part(
    _ prefix: String,
    _ folder: String,
    _ digest: inout SHA256
  ) throws(FormatError) -> Part {
    let images = try tensor("\(prefix)-images-idx3-ubyte", folder, rank: 3, &digest)
    let labels = try tensor("\(prefix)-labels-idx1-ubyte", folder, rank: 1, &digest)
    guard images.shape[0] == labels.shape[0] else {
      throw FormatError(
        "mnist",
        "\(folder): \(images.shape[0]) \(prefix) images, \(labels.shape[0]) labels"
      )
    }
    let (height, width) = (images.shape[1], images.shape[2])
    return Part(
      pixels: images.reshaped(to: [images.shape[0], height * width]),
      labels: Tensor(vector: labels.elements(of: UInt8.self).map(Int64.init)),
      height: height,
      width: width
    )
  }

  private static func tensor(
    _ name: String,
    _ folder: String,
    rank: Int,
    _ digest: inout SHA256
  ) throws(FormatError) -> Tensor {
    guard let path = ["\(folder)/\(name).gz", "\(folder)/\(name)"].first(where: FileAccess.exists)
    else {
      throw FormatError("mnist", "\(folder) holds neither \(name).gz nor \(name)")
    }
    let bytes = try FileAccess.read(path, byteCountMax: fileByteCountMax)
    digest.update(bytes)
    let tensor: Tensor
    do {
      tensor = try IDX.read(bytes)
    } catch { throw FormatError("mnist", at: error.offset, "\(path): \(error.detail)") }
    guard tensor.shape.rank == rank else {
      throw FormatError("mnist", "\(path) has shape \(tensor.shape), expected rank \(rank)")
    }
    return tensor
  }
}

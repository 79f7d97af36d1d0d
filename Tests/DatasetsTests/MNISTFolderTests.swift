import Datasets
import Foundation
import Storage
import Tensors
import Testing

@Suite struct MNISTFolderTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "martlet-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private func write(_ folder: String, _ prefix: String, count: Int, labels: Int) throws {
    let images = try IDX.write(Tensor((0..<count * 4).map { UInt8($0) }, [count, 2, 2]))
    try FileAccess.create(
      "\(folder)/\(prefix)-images-idx3-ubyte.gz",
      Deflate.deflate(images, .gzip)
    )
    try FileAccess.create(
      "\(folder)/\(prefix)-labels-idx1-ubyte",
      IDX.write(Tensor(vector: (0..<labels).map { UInt8($0) }))
    )
  }

  @Test func readsTheFourFiles() throws {
    try withFolder { root in
      try FileAccess.createFolder("\(root)/mnist")
      try write("\(root)/mnist", "train", count: 3, labels: 3)
      try write("\(root)/mnist", "t10k", count: 2, labels: 2)
      let contents = try MNISTFolder.read(.mnist, in: root)
      #expect(contents.training.pixels.shape == [3, 4] && contents.test.pixels.shape == [2, 4])
      let dataset = contents.training.dataset
      #expect(dataset.features.shape == [3, 1, 2, 2])
      #expect(dataset.features.elements(of: Float.self)[11] == Float(11) / 255)
      #expect(dataset.labels == Tensor(vector: [0, 1, 2] as [Int64]))
      #expect(contents.sha256 == (try MNISTFolder.read(.mnist, in: "\(root)/mnist")).sha256)
    }
  }

  @Test func aMissingFileIsNamed() throws {
    try withFolder { root in
      try write(root, "train", count: 1, labels: 1)
      let error = #expect(throws: FormatError.self) { try MNISTFolder.read(.mnist, in: root) }
      #expect(error?.detail.contains("t10k-images-idx3-ubyte") == true)
    }
  }

  @Test func differentCountsAreAnError() throws {
    try withFolder { root in
      try write(root, "train", count: 2, labels: 1)
      #expect(throws: FormatError.self) { try MNISTFolder.read(.mnist, in: root) }
    }
  }
}

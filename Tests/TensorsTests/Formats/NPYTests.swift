import Foundation
import Storage
import Tensors
import TestSupport
import Testing

@Suite struct NPYTests {
  private func bytes(_ base64: String) throws -> [UInt8] {
    Array(try #require(Data(base64Encoded: base64)))
  }

  @Test func readsWhatNumPyWrites() throws {
    let matrix = Tensor([0, 1, 2, 3, 4, 5] as [Float], [2, 3])
    #expect(try NPY.read(bytes(NumPyFiles.rowMajor)[...]) == matrix)
    #expect(try NPY.read(bytes(NumPyFiles.columnMajor)[...]) == matrix)
    #expect(try NPY.read(bytes(NumPyFiles.scalar)[...]) == Tensor(scalar: Int64(-7)))
    #expect(try NPY.read(bytes(NumPyFiles.half)[...]) == Tensor(vector: [1.5, -2] as [Float16]))
    #expect(try NPY.read(bytes(NumPyFiles.bool)[...]) == Tensor(vector: [true, false]))
  }

  @Test func writesWhatNumPyWrites() throws {
    let matrix = Tensor([0, 1, 2, 3, 4, 5] as [Float], [2, 3])
    let written = try NPY.write(matrix)
    let numPys = try bytes(NumPyFiles.rowMajor)
    // NumPy 2 leaves more room for growing headers; text and elements are the same.
    #expect(written.suffix(24) == numPys.suffix(24))
    let text = String(decoding: written[10...], as: UTF8.self)
    #expect(text.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"))
    #expect((written.count - 24) % 64 == 0)
  }

  @Test(arguments: DType.allCases.filter { $0 != .bfloat16 })
  func everyTypeSurvivesARoundTrip(dtype: DType) throws {
    for shape: Shape in [[], [0], [3], [2, 3], [2, 0, 3], [1, 2, 1, 2]] {
      let tensor = Tensor(dtype: dtype, shape) { target in
        for index in target.indices {
          target[index] = dtype == .bool ? UInt8(index & 1) : UInt8(index)
        }
      }
      #expect(try NPY.read(NPY.write(tensor)[...]) == tensor)
    }
  }

  @Test func versionsTwoAndThreeHaveAWiderLength() throws {
    var bytes = try NPY.write(Tensor(vector: [1, 2] as [Int32]))
    for version: UInt8 in [2, 3] {
      bytes[6] = version
      var wide = bytes
      wide.insert(contentsOf: [0, 0], at: 10)
      #expect(try NPY.read(wide[...]) == Tensor(vector: [1, 2] as [Int32]))
    }
  }

  private func file(_ header: String, _ body: [UInt8] = []) -> [UInt8] {
    let text = Array(header.utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 255), UInt8(text.count >> 8)]
      + text
      + body
  }

  @Test(arguments: [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
    "{'descr': '<f4', 'fortran_order': False}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
    "{'descr': '|b1', 'fortran_order': False, 'shape': (8,)}",
    "", "{", "{}", "()",
  ])
  func malformedHeadersAreErrors(header: String) {
    let body: [UInt8] = [0, 0, 0, 0, 2, 0, 0, 0]
    #expect(throws: FormatError.self) { try NPY.read(file(header, body)[...]) }
  }

  @Test func theTableAboveFailsForItsHeadersAlone() throws {
    let good = file(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
      [0, 0, 0, 0, 2, 0, 0, 0]
    )
    #expect(try NPY.read(good[...]).shape == [2])
  }

  @Test func everyCutIsAnError() throws {
    let whole = try NPY.write(Tensor(vector: [1, 2] as [Int16]))
    for count in 0..<whole.count {
      #expect(throws: FormatError.self) { try NPY.read(whole[..<count]) }
    }
  }

  @Test func bigEndianAndTextAreRefused() throws {
    for sample in [NumPyFiles.bigEndian, NumPyFiles.text] {
      let file = try bytes(sample)
      #expect(throws: FormatError.self) { try NPY.read(file[...]) }
    }
  }

  @Test func twentyThousandMutationsNeverTrap() throws {
    var mutator = Mutator(seed: 1)
    let samples = try [NumPyFiles.rowMajor, NumPyFiles.columnMajor, NumPyFiles.bool].map(bytes)
    var refused = 0
    for round in 0..<20_000 {
      let sample = mutator.mutate(samples[round % samples.count])
      do {
        let tensor = try NPY.read(sample[...])
        #expect(tensor.byteCount <= sample.count)
      } catch { refused += 1 }
    }
    #expect(refused > 5_000)
  }
}

import GraphIR

/// One cell that a window reads.
struct WindowTap {
  /// Row-major position in the kernel.
  let kernel: Int
  /// Row-major position among the spatial cells of the input.
  let input: Int
}

extension WindowGeometry {
  var inputCount: Int { inputSizes.reduce(1, *) }
  var kernelCount: Int { kernel.reduce(1, *) }
  var outputCount: Int { outputSizes.reduce(1, *) }

  /// The cells inside the input that the window at a row-major output position reads, and the number of cells that lie in the
  /// input or its declared padding.
  func taps(at output: Int) -> (cells: [WindowTap], paddedCount: Int) {
    var cells = [WindowTap(kernel: 0, input: 0)]
    var paddedCount = 1
    let position = index(of: output, in: outputSizes)
    for axis in 0..<rank {
      var next: [WindowTap] = []
      var padded = 0
      let inside = (0..<kernel[axis]).map { tap in
        inputPosition(axis: axis, output: position[axis], tap: tap)
      }
      for place in inside where place < inputSizes[axis] + padsEnd[axis] { padded += 1 }
      for cell in cells {
        for (tap, place) in inside.enumerated() where place >= 0 && place < inputSizes[axis] {
          next.append(
            WindowTap(
              kernel: cell.kernel * kernel[axis] + tap,
              input: cell.input * inputSizes[axis] + place
            )
          )
        }
      }
      cells = next
      paddedCount *= padded
    }
    return (cells, paddedCount)
  }

  private func index(of position: Int, in sizes: [Int]) -> [Int] {
    var rest = position
    var result = [Int](repeating: 0, count: sizes.count)
    for axis in sizes.indices.reversed() {
      result[axis] = rest % sizes[axis]
      rest /= sizes[axis]
    }
    return result
  }
}

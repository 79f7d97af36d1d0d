/// Where the windows of a convolution or a pooling lie, by spatial axis.
///
/// Tap `k` of the window at output position `o` reads input position `o * stride + k * dilation - padBegin`; outside of
/// `0..<inputSize` it reads padding. A transposed convolution is the same geometry read backwards: its data has the output's sizes
/// and its result the input's.
package struct WindowGeometry: Sendable, Hashable {
  package let inputSizes: [Int]
  package let kernel: [Int]
  package let strides: [Int]
  package let dilations: [Int]
  package let padsBegin: [Int]
  /// Padding asked for behind the input; with `ceil_mode` the last window may reach further.
  package let padsEnd: [Int]
  package let outputSizes: [Int]

  package init(
    inputSizes: [Int],
    kernel: [Int],
    strides: [Int],
    dilations: [Int],
    padsBegin: [Int],
    padsEnd: [Int],
    outputSizes: [Int]
  ) {
    self.inputSizes = inputSizes
    self.kernel = kernel
    self.strides = strides
    self.dilations = dilations
    self.padsBegin = padsBegin
    self.padsEnd = padsEnd
    self.outputSizes = outputSizes
  }

  package var rank: Int { kernel.count }

  /// The input position that a tap reads along one axis; negative or too large in the padding.
  package func inputPosition(axis: Int, output: Int, tap: Int) -> Int {
    output * strides[axis] + tap * dilations[axis] - padsBegin[axis]
  }
}

package import Datasets
import Tensors

/// Parts of a series as the rows that a `SeriesForecaster` learns from.
///
/// A window is M + L + 1 numbers, M of them to fill the network's memory; of the others the second and all later ones are forecast.
/// Features: the windows [rows, M + L + 1]; labels: the weight of each forecast [rows, M + L], 1 for those that count.
package struct SeriesWindows: Sendable {
  package let dataset: Dataset

  /// Cuts windows whose forecasts are in a range of the series; `nil` where it ends before the first window does.
  ///
  /// - Parameters:
  ///   - numbers: the series as the network reads it.
  ///   - targets: places of the numbers that are forecast; none before the first of it is wasted where the series allows.
  ///   - memorySize: M.
  ///   - length: L, forecasts of one window.
  ///   - step: from one window to the next.
  package init?(
    _ numbers: [Float],
    targets: Range<Int>,
    memorySize: Int,
    length: Int,
    stride step: Int
  ) {
    let size = memorySize + length + 1
    let lastStart = min(targets.upperBound, numbers.count) - size
    guard lastStart >= 0, step > 0 else { return nil }
    let first = min(max(0, targets.lowerBound - memorySize - 1), lastStart)
    var starts = Array(stride(from: first, through: lastStart, by: step))
    if starts.last != lastStart { starts.append(lastStart) }
    var windows: [Float] = []
    var weights: [Float] = []
    for start in starts {
      windows += numbers[start..<start + size]
      weights += (0..<size - 1).map { step in
        step >= memorySize && targets.contains(start + step + 1) ? 1 : 0
      }
    }
    dataset = Dataset(
      features: Tensor(windows, [starts.count, size]),
      labels: Tensor(weights, [starts.count, size - 1])
    )
  }
}

import Tensors

/// The reports of epochs as a float64 matrix, one row for each, for checkpoints.
///
/// Columns: epoch; loss, accuracy and count in training; the same in validation; seconds; 1 for the best so far. NaN stands for what an
/// epoch does not have.
enum EpochTable {
  static let columnCount = 9

  static func tensor(of reports: [EpochReport]) -> Tensor {
    var numbers: [Double] = []
    for report in reports {
      numbers.append(Double(report.epoch))
      numbers += row(report.training)
      numbers += row(report.validation)
      numbers += [report.seconds, report.isBest ? 1 : 0]
    }
    return Tensor(numbers, [reports.count, columnCount])
  }

  /// `nil` for a tensor that is no such table.
  static func reports(of tensor: Tensor) -> [EpochReport]? {
    guard tensor.dtype == .float64, tensor.shape.rank == 2, tensor.shape[1] == columnCount else {
      return nil
    }
    let numbers = tensor.elements(of: Double.self)
    var reports: [EpochReport] = []
    for start in stride(from: 0, to: numbers.count, by: columnCount) {
      let row = Array(numbers[start..<start + columnCount])
      guard let epoch = Int(exactly: row[0]), let training = metrics(row[1...3]) else {
        return nil
      }
      reports.append(
        EpochReport(
          epoch: epoch,
          training: training,
          validation: metrics(row[4...6]),
          seconds: row[7],
          isBest: row[8] != 0
        )
      )
    }
    return reports
  }

  private static func row(_ metrics: EvaluationMetrics?) -> [Double] {
    guard let metrics else { return [.nan, .nan, .nan] }
    return [metrics.loss, metrics.accuracy ?? .nan, Double(metrics.count)]
  }

  private static func metrics(_ row: ArraySlice<Double>) -> EvaluationMetrics? {
    let numbers = Array(row)
    guard let count = Int(exactly: numbers[2]) else { return nil }
    return EvaluationMetrics(
      loss: numbers[0],
      accuracy: numbers[1].isNaN ? nil : numbers[1],
      count: count
    )
  }
}

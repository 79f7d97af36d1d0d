import Tensors

/// Sums over batches, from which held-out metrics follow.
struct HeldOutSums {
  let task: FineTuningTask
  /// Predictions of one example.
  let width: Int
  private var count = 0
  private var loss = 0.0
  private var correct = 0
  private var columns: [Column]

  /// One label or target.
  private struct Column {
    var truePositives = 0
    var falsePositives = 0
    var falseNegatives = 0
    var absoluteError = 0.0
    var squaredError = 0.0
    /// Mean and sum of squared distances from it, kept up to date by Welford's rule (1962).
    var mean = 0.0
    var squaredDistance = 0.0
  }

  init(task: FineTuningTask, width: Int) {
    self.task = task
    self.width = width
    columns = [Column](repeating: Column(), count: task == .classification ? 0 : width)
  }

  /// Adds a batch: its mean loss, predictions [n, width] and the rows of the labels that belong to them.
  mutating func add(
    loss batchLoss: Float,
    predictions: [Float],
    labels: Tensor,
    rows: ArraySlice<Int>
  ) {
    loss += Double(batchLoss) * Double(rows.count)
    switch task {
    case .classification:
      labels.withElements(of: Int64.self) { labels in
        for (position, row) in rows.enumerated() {
          let scores = predictions[position * width..<(position + 1) * width]
          var best = scores.startIndex
          for index in scores.indices where scores[index] > scores[best] { best = index }
          if Int64(best - scores.startIndex) == labels[row] { correct += 1 }
        }
        count += rows.count
      }
    case .multiLabel, .regression:
      labels.withElements(of: Float.self) { labels in
        for (position, row) in rows.enumerated() {
          count += 1
          for column in 0..<width {
            let prediction = predictions[position * width + column]
            let target = labels[row * width + column]
            if task == .multiLabel {
              addLabel(column, isPredicted: prediction > 0, isWanted: target > 0.5)
            } else {
              addNumber(column, Double(prediction), Double(target))
            }
          }
        }
      }
    }
  }

  private mutating func addLabel(_ column: Int, isPredicted: Bool, isWanted: Bool) {
    if isPredicted == isWanted { correct += 1 }
    if isPredicted && isWanted { columns[column].truePositives += 1 }
    if isPredicted && !isWanted { columns[column].falsePositives += 1 }
    if !isPredicted && isWanted { columns[column].falseNegatives += 1 }
  }

  private mutating func addNumber(_ column: Int, _ prediction: Double, _ target: Double) {
    let error = prediction - target
    columns[column].absoluteError += abs(error)
    columns[column].squaredError += error * error
    let distance = target - columns[column].mean
    columns[column].mean += distance / Double(count)
    columns[column].squaredDistance += distance * (target - columns[column].mean)
  }

  var metrics: HeldOutMetrics {
    let divisor = Double(max(count, 1))
    var result = HeldOutMetrics(count: count, loss: loss / divisor)
    switch task {
    case .classification:
      result.accuracy = Double(correct) / divisor
    case .multiLabel:
      result.accuracy = Double(correct) / (divisor * Double(width))
      result.labelAccuracies = columns.map {
        1 - Double($0.falsePositives + $0.falseNegatives) / divisor
      }
      result.labelF1 = columns.map {
        Self.f1($0.truePositives, $0.falsePositives, $0.falseNegatives)
      }
      result.f1Micro = Self.f1(
        columns.reduce(0) { $0 + $1.truePositives },
        columns.reduce(0) { $0 + $1.falsePositives },
        columns.reduce(0) { $0 + $1.falseNegatives }
      )
    case .regression:
      let numbers = divisor * Double(width)
      result.meanAbsoluteError = columns.reduce(0) { $0 + $1.absoluteError } / numbers
      result.meanSquaredError = columns.reduce(0) { $0 + $1.squaredError } / numbers
      if columns.allSatisfy({ $0.squaredDistance > 0 }) {
        result.r2 =
          columns.reduce(0) { $0 + 1 - $1.squaredError / $1.squaredDistance } / Double(width)
      }
    }
    return result
  }

  private static func f1(_ truePositives: Int, _ falsePositives: Int, _ falseNegatives: Int)
    -> Double
  {
    let divisor = 2 * truePositives + falsePositives + falseNegatives
    return divisor == 0 ? 0 : Double(2 * truePositives) / Double(divisor)
  }
}

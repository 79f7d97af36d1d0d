import Autodiff
import Engine
package import GraphIR
package import Tensors

/// Compares a graph's gradients with central differences, in double precision by the reference interpreter.
package enum GradientCheck {
  /// What an error means (the thresholds of Stanford's CS231n and of the project's notes).
  package enum Verdict: String, Sendable {
    /// Below 1e-7.
    case great
    /// Below 1e-5: fine, kinks in the function do that.
    case acceptable
    /// Below 1e-3: look at the worst element.
    case suspicious
    /// 1e-3 and above.
    case wrong

    package init(error: Double) {
      self =
        error < 1e-7 ? .great : error < 1e-5 ? .acceptable : error < 1e-3 ? .suspicious : .wrong
    }
  }

  /// How far one parameter's gradient is off.
  package struct ParameterReport: Sendable {
    package var name: String
    /// ||approximation - gradient|| / (||approximation|| + ||gradient||), 0 where both are 0.
    package var relativeError: Double
    /// The element with the largest difference, in row-major order.
    package var worstElement: Int
    package var worstGradient: Double
    package var worstApproximation: Double
  }

  /// The result for all parameters.
  package struct Report: Sendable, CustomStringConvertible {
    /// Over all parameters together.
    package var relativeError: Double
    /// Worst first.
    package var parameters: [ParameterReport]
    package var verdict: Verdict { Verdict(error: parameters.first?.relativeError ?? 0) }

    package var description: String {
      var text = "gradient check: \(verdict.rawValue), relative error \(relativeError)"
      if let worst = parameters.first {
        text +=
          "; worst parameter \(worst.name): relative error \(worst.relativeError), element "
          + "\(worst.worstElement) has gradient \(worst.worstGradient), "
          + "approximation \(worst.worstApproximation)"
      }
      return text
    }
  }

  /// Checks the gradients of a scalar.
  ///
  /// - Parameters:
  ///   - graph: what computes the loss.
  ///   - loss: a scalar.
  ///   - parameters: variables or fed placeholders of floating point.
  ///   - feeds: values of the placeholders.
  ///   - step: the distance of the differences; the error is of the order of its square.
  /// - Returns: the errors, worst parameter first.
  /// - Throws: `TrainingError.option` where the loss depends on random numbers (dropout in training) or is no scalar; what
  ///   differentiation or the interpreter throws.
  package static func run(
    _ graph: Graph,
    loss: ValueID,
    parameters: [ValueID],
    feeds: [ValueID: Tensor] = [:],
    step: Double = 1e-5
  ) throws -> Report {
    try refuseRandomness(in: graph, loss)
    var extended = graph
    let gradients = try extended.gradients(of: loss, withRespectTo: parameters)
    var interpreter = ReferenceInterpreter(extended, precision: .double)
    let exact = try interpreter.run([loss] + gradients, feeds: feeds)
    guard exact[0].shape.elementCount == 1 else {
      throw TrainingError.option(
        "the loss \(graph[loss].name) has shape \(exact[0].shape); gradients are checked of a scalar"
      )
    }
    var reports: [ParameterReport] = []
    var (difference, size) = (0.0, 0.0)
    for (parameter, gradient) in zip(parameters, exact.dropFirst()) {
      let approximate = try differences(
        graph,
        loss: loss,
        parameter: parameter,
        feeds: feeds,
        step: step
      )
      let values = doubles(gradient)
      guard values.count == approximate.count else {
        throw TrainingError.option(
          "\(graph[parameter].name) has \(approximate.count) elements, its gradient \(gradient.shape)"
        )
      }
      reports.append(compare(graph[parameter].name, values, approximate))
      difference += zip(values, approximate).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      size += norm(values) + norm(approximate)
    }
    reports.sort { $0.relativeError > $1.relativeError }
    return Report(
      relativeError: size == 0 ? 0 : difference.squareRoot() / size,
      parameters: reports
    )
  }

  private static func refuseRandomness(in graph: Graph, _ loss: ValueID) throws(TrainingError) {
    for id in graph.nodesNeeded(for: [loss]) {
      let node = graph[id]
      guard node.isRandom else { continue }
      if node.op == "Dropout", !isActiveDropout(node, in: graph) { continue }
      throw .option(
        "the loss depends on random numbers through node \(node.name) (\(node.op)); "
          + "check the gradients of a graph without dropout"
      )
    }
  }

  private static func isActiveDropout(_ node: Node, in graph: Graph) -> Bool {
    guard node.inputs.count > 2, let training = node.inputs[2] else { return false }
    guard let constant = graph.constant(training), constant.dtype == .bool else { return true }
    return constant.elements(of: Bool.self).first ?? true
  }

  /// (f(x + h) - f(x - h)) / 2 h for each element.
  private static func differences(
    _ graph: Graph,
    loss: ValueID,
    parameter: ValueID,
    feeds: [ValueID: Tensor],
    step: Double
  ) throws -> [Double] {
    var interpreter = ReferenceInterpreter(graph, precision: .double)
    let start: Tensor
    if case .variable(let initial, _) = graph[parameter].source {
      start = initial
    } else if let fed = feeds[parameter] {
      start = fed
    } else {
      throw TrainingError.option("\(graph[parameter].name) is neither a variable nor fed")
    }
    let values = doubles(start)
    let isVariable = feeds[parameter] == nil
    func evaluate(_ changed: [Double]) throws -> Double {
      let tensor = Tensor(changed, start.shape)
      var fed = feeds
      if isVariable {
        interpreter.assign(parameter, tensor)
      } else {
        fed[parameter] = tensor
      }
      return doubles(try interpreter.run([loss], feeds: fed)[0]).first ?? .nan
    }
    return try values.indices.map { index in
      var changed = values
      changed[index] = values[index] + step
      let above = try evaluate(changed)
      changed[index] = values[index] - step
      return (above - (try evaluate(changed))) / (2 * step)
    }
  }

  private static func compare(
    _ name: String,
    _ gradient: [Double],
    _ approximation: [Double]
  ) -> ParameterReport {
    let differences = zip(gradient, approximation).map { $0 - $1 }
    let worst = differences.indices.max { abs(differences[$0]) < abs(differences[$1]) } ?? 0
    let size = norm(gradient) + norm(approximation)
    // NaN anywhere must not pass for small.
    let error = size == 0 ? 0 : norm(differences) / size
    return ParameterReport(
      name: name,
      relativeError: error.isNaN ? .infinity : error,
      worstElement: worst,
      worstGradient: gradient.isEmpty ? 0 : gradient[worst],
      worstApproximation: approximation.isEmpty ? 0 : approximation[worst]
    )
  }

  private static func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private static func doubles(_ tensor: Tensor) -> [Double] {
    switch tensor.dtype {
    case .float64: tensor.elements(of: Double.self)
    case .float32: tensor.elements(of: Float.self).map(Double.init)
    default: []
    }
  }
}

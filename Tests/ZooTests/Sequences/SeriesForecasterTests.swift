import Datasets
import Engine
import GraphIR
import NN
import Tensors
import Testing
import Training

@testable import Zoo

@Suite struct SeriesForecasterTests {
  private func model(
    season: Int = 4,
    halfWidth: Int = 1,
    isLogarithmic: Bool = false
  ) -> SeriesForecaster {
    SeriesForecaster(
      season: season,
      halfWidth: halfWidth,
      isLogarithmic: isLogarithmic,
      stack: RecurrentStack(Recurrent("recurrent", .gru, units: 3), depth: 1),
      dropout: 0,
      seed: 3
    )
  }

  /// Values of the training graph's variables; the output layer's are zero where asked.
  private func weights(_ model: SeriesForecaster, isStill: Bool) throws -> [String: Tensor] {
    let graph = try model.trainingGraph(SGD(), clipping: .none).graph
    let session = try Session(graph)
    var weights: [String: Tensor] = [:]
    for variable in graph.variables {
      let value = try session.value(of: variable)
      let isOutput = graph[variable].name.hasPrefix("output/")
      weights[graph[variable].name] =
        isStill && isOutput ? Tensor(zeros: .float32, value.shape) : value
    }
    return weights
  }

  /// Outputs of a decoder for a series that is read in pieces, states carried.
  private func outputs(_ graph: Graph, _ pieces: [[Float]]) throws -> (
    forecast: [Float], states: [Tensor]
  ) {
    let session = try Session(graph)
    var states = graph.inputs.dropFirst().map { id in
      Tensor(zeros: .float32, Shape([1, graph[id].type.shape.dimensions?.last?.size ?? 0]))
    }
    var forecast: [Float] = []
    for piece in pieces {
      let values = [Tensor(piece, [1, piece.count, 1])] + states
      let feeds = Dictionary(uniqueKeysWithValues: zip(graph.inputs, values))
      let results = try session.run(graph.outputs, feeds: feeds)
      forecast += results[0].elements(of: Float.self)
      states = Array(results.dropFirst())
    }
    return (forecast, states)
  }

  private let series: [Float] = (0..<23).map { 2 + Float($0 * $0 % 7) / 5 }

  @Test(arguments: [(0, false), (1, false), (2, false), (0, true), (2, true)])
  func stepsGiveTheSameBitsAsTheWholeSeries(_ halfWidth: Int, _ isLogarithmic: Bool) throws {
    let model = model(halfWidth: halfWidth, isLogarithmic: isLogarithmic)
    let graph = try model.servingGraph(weights: weights(model, isStill: false))
    let whole = try outputs(graph, [series])
    let steps = try outputs(graph, series.map { [$0] })
    let pieces = try outputs(
      graph,
      [Array(series[..<9]), Array(series[9..<11]), Array(series[11...])]
    )
    #expect(whole.forecast == steps.forecast && whole.forecast == pieces.forecast)
    #expect(whole.states == steps.states && whole.states == pieces.states)
  }

  @Test func withoutAChangeTheForecastIsTheMeanAroundASeasonAgo() throws {
    let model = model(season: 5, halfWidth: 2)
    let graph = try model.servingGraph(weights: weights(model, isStill: true))
    let forecast = try outputs(graph, [series]).forecast
    for step in model.memorySize..<series.count {
      // Of the value behind `step`, a season ago.
      let centre = step + 1 - 5
      let mean = series[centre - 2...centre + 2].reduce(0, +) / 5
      #expect(abs(forecast[step] - mean) < 1e-5)
    }
  }

  @Test func theLogarithmIsUndone() throws {
    let model = model(season: 4, halfWidth: 0, isLogarithmic: true)
    let graph = try model.servingGraph(weights: weights(model, isStill: true))
    let forecast = try outputs(graph, [series]).forecast
    for step in 4..<series.count { #expect(abs(forecast[step] - series[step - 3]) < 1e-5) }
  }

  @Test func windowsWeightTheForecastsOfTheirPart() throws {
    let numbers = (0..<20).map { Float($0) }
    let windows = try #require(
      SeriesWindows(numbers, targets: 10..<16, memorySize: 3, length: 4, stride: 2)
    )
    #expect(windows.dataset.features.shape == [2, 8])
    let rows = windows.dataset.features.elements(of: Float.self)
    #expect(rows[0] == 6 && rows[8] == 8)
    // The first window forecasts the places 7 to 13 at its steps 0 to 6; the first three steps only fill the memory.
    #expect(
      windows.dataset.labels.elements(of: Float.self) == [0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1]
    )
    #expect(SeriesWindows(numbers, targets: 0..<7, memorySize: 3, length: 4, stride: 1) == nil)
  }

  @Test func anIntervalIsBoundByTheErrorOfItsRank() {
    let errors = [4.0, 1, 8, 2]
    // The ranks of 5 times the level.
    #expect(RollingForecast.bound(errors, level: 0.5) == 4)
    #expect(RollingForecast.bound(errors, level: 0.4) == 2)
    #expect(RollingForecast.bound(errors, level: 0.9) == 8)
    #expect(RollingForecast.bound([], level: 0.9) == 0)
  }
}

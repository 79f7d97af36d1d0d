package import GraphIR

/// One step of a recurrent network of one's own: `CellLayer` runs it over a sequence with a Scan.
///
/// Letters here and in all cells: N sequences, T steps, I input size, H units, G gates.
package protocol StepCell: Sendable {
  /// H.
  var units: Int { get }
  /// 1 for a hidden state alone, 2 with a cell state behind it.
  var stateCount: Int { get }

  /// Adds the variables and all that does not depend on the states, as the product of every step's input with its weights.
  ///
  /// x [T, N, I].
  func prepare(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> CellStep
}

/// What a cell hands to the Scan: the values that a step reads, and the step itself.
package struct CellStep {
  /// Read slice by slice along their first axis, T.
  package var slices: [ValueID]
  /// The same in every step: weights, masks.
  package var captures: [ValueID]
  /// Adds the step to a body.
  package var build: (inout LayerContext, StepOperands) throws(GraphError) -> StepResults
  /// Gets what the steps collected, each [T, ...], once the Scan is there.
  package var finish: ([ValueID], inout LayerContext) throws(GraphError) -> Void

  package init(
    slices: [ValueID],
    captures: [ValueID],
    build: @escaping (inout LayerContext, StepOperands) throws(GraphError) -> StepResults,
    finish: @escaping ([ValueID], inout LayerContext) throws(GraphError) -> Void = {
      (_: [ValueID], _: inout LayerContext) throws(GraphError) in
    }
  ) {
    self.slices = slices
    self.captures = captures
    self.build = build
    self.finish = finish
  }
}

/// What a step reads, inside the body.
package struct StepOperands {
  /// [N, H]: hidden state, cell state.
  package let states: [ValueID]
  package let slices: [ValueID]
  package let captures: [ValueID]
}

/// What a step gives.
package struct StepResults {
  /// [N, H]: new hidden state, which is the step's output too, and new cell state.
  package var states: [ValueID]
  /// Collected over the steps for `CellStep.finish`.
  package var collected: [ValueID] = []

  package init(states: [ValueID], collected: [ValueID] = []) {
    self.states = states
    self.collected = collected
  }
}

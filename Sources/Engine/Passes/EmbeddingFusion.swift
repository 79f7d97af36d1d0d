import CKernels
import GraphIR
import Tensors

/// A recurrent operator over an embedding looks its input up itself.
///
/// With X = E[tokens], x W^T + b is a row of E W^T + b: computed once for each of the V tokens instead of for each of the T N
/// places, to the same bits, and for constant weights once for good. Backwards the gate gradients of each token are added up first, so that
/// dW and dE are products over V rows too. Matches Gather (axis 0) from a table, directly or through a Transpose of batch and steps, into
/// RNN, GRU, LSTM, and in training the way back through their gradient into GatherGradient.
enum EmbeddingFusion: PlanPass {
  /// Bytes of the table of gates that a plan may keep for constant weights.
  ///
  /// What a vocabulary of characters needs; that of words would be several times the weights themselves, for a product that is short beside the recurrent one.
  static let constantGatesByteCountMax = 2 << 20

  static func run(_ plan: inout PlanGraph, _ resources: SessionResources) throws {
    let producers = plan.producers()
    for index in plan.operations.indices {
      let operation = plan.operations[index]
      guard let cell = RecurrentCell(operation.op), operation.embedding == nil,
        let lookup = lookup(operation, plan, producers),
        RecurrentOperands.functions(try RecurrentAttributes(operation.node)) != nil,
        pays(operation, cell, lookup, plan)
      else { continue }
      var fused = operation
      let isGradient = operation.op == cell.gradientOp
      if isGradient, operation.outputs[0] != nil {
        guard let back = scatter(operation, lookup, plan) else { continue }
        fused.outputs[0] = back.output
        // The passes' clean-up drops what is left without results that anybody needs.
        plan.operations[back.index].outputs = [nil]
      }
      let slots =
        isGradient
        ? (cell.gradientOperands.dYc ?? cell.gradientOperands.dYh) + 1 : cell.inputCount
      while fused.inputs.count < slots { fused.inputs.append(nil) }
      let shape = plan.values[lookup.x].shape
      fused.embedding = FusedEmbedding(
        steps: shape[0],
        rows: shape[1],
        slot: slots,
        isBatchFirst: lookup.isBatchFirst
      )
      fused.inputs[0] = lookup.table
      fused.inputs.append(lookup.tokens)
      plan.operations[index] = fused
    }
  }

  private struct Lookup {
    /// X, the table and the tokens.
    let x, table, tokens: Int
    let isBatchFirst: Bool
  }

  private static func lookup(
    _ operation: PlanGraph.Operation,
    _ plan: PlanGraph,
    _ producers: [Int: Int]
  ) -> Lookup? {
    guard let x = operation.inputs.first ?? nil, plan.values[x].dtype == .float32 else {
      return nil
    }
    var source = plan.root(x)
    var isBatchFirst = false
    guard var producer = producers[source].map({ plan.operations[$0] }) else { return nil }
    if producer.op == "Transpose", swapsBatchAndSteps(producer),
      let input = producer.inputs[0], plan.values[source].shape == plan.values[x].shape
    {
      source = plan.root(input)
      isBatchFirst = true
      guard let next = producers[source] else { return nil }
      producer = plan.operations[next]
    }
    guard producer.op == "Gather", (try? producer.node.int("axis", default: 0)) == 0,
      let table = producer.inputs[0], let tokens = producer.inputs[1],
      plan.values[tokens].dtype == .int64
    else { return nil }
    let (size, shape) = (plan.values[table].shape, plan.values[x].shape)
    guard size.rank == 2, size[0] > 0, shape.rank == 3, size[1] == shape[2],
      plan.values[tokens].shape.elementCount == shape[0] * shape[1]
    else { return nil }
    return Lookup(x: x, table: table, tokens: tokens, isBatchFirst: isBatchFirst)
  }

  private static func swapsBatchAndSteps(_ operation: PlanGraph.Operation) -> Bool {
    (try? operation.node.ints("perm")) == [1, 0, 2]
  }

  /// True where the table of gates is small, or made once.
  private static func pays(
    _ operation: PlanGraph.Operation,
    _ cell: RecurrentCell,
    _ lookup: Lookup,
    _ plan: PlanGraph
  ) -> Bool {
    let vocabulary = plan.values[lookup.table].shape[0]
    if vocabulary * 2 <= plan.values[lookup.tokens].shape.elementCount { return true }
    guard operation.op == cell.op, let weights = operation.inputs[RecurrentCell.Operand.w],
      plan.constantKey(lookup.table) != nil, plan.constantKey(weights) != nil
    else { return false }
    let biasSlot = RecurrentCell.Operand.bias
    if operation.inputs.count > biasSlot, let bias = operation.inputs[biasSlot],
      plan.constantKey(bias) == nil
    {
      return false
    }
    let shape = plan.values[weights].shape
    let (bytes, overflows) = (shape[0] * shape[1] * 4).multipliedReportingOverflow(by: vocabulary)
    return !overflows && bytes <= constantGatesByteCountMax
  }

  /// Where dX goes: into nothing but the gradient of the same lookup.
  private static func scatter(
    _ operation: PlanGraph.Operation,
    _ lookup: Lookup,
    _ plan: PlanGraph
  ) -> (index: Int, output: Int)? {
    guard var value = operation.outputs[0] else { return nil }
    if lookup.isBatchFirst {
      guard let next = onlyReader(of: value, plan), plan.operations[next].op == "Transpose",
        swapsBatchAndSteps(plan.operations[next]), let output = plan.operations[next].outputs[0]
      else { return nil }
      value = output
    }
    guard let last = onlyReader(of: value, plan) else { return nil }
    let scatter = plan.operations[last]
    guard scatter.op == .martlet("GatherGradient"),
      (try? scatter.node.int("axis", default: 0)) == 0,
      let tokens = scatter.inputs[1], plan.root(tokens) == plan.root(lookup.tokens),
      let output = scatter.outputs[0],
      plan.values[output].shape == plan.values[lookup.table].shape
    else { return nil }
    return (last, output)
  }

  /// The one operation that reads a value or a view of it.
  private static func onlyReader(of value: Int, _ plan: PlanGraph) -> Int? {
    guard !plan.fetches.contains(where: { plan.root($0) == value }) else { return nil }
    var readers = plan.operations.indices.filter { index in
      plan.operations[index].inputs.contains { $0.map(plan.root) == value }
    }
    let last = readers.popLast()
    return readers.isEmpty ? last : nil
  }
}

import CKernels
import GraphIR
import Tensors

/// Runs of elementwise operators over one shape become one pass over memory.
///
/// An operand may have the full shape, be one number, be a row vector (its dimensions are the trailing ones), or be one number for each
/// row (the trailing dimensions are 1); all row vectors of a chain have one length. An intermediate is absorbed where nothing else
/// reads it.
enum ElementwiseFusion: PlanPass {
  static func run(_ plan: inout PlanGraph, _ resources: SessionResources) throws {
    let uses = plan.useCounts()
    var chainOf: [Int: Int] = [:]  // output value -> operation with a chain
    for index in plan.operations.indices {
      guard let start = try single(plan.operations[index], plan) else { continue }
      var merged = start
      let output = plan.operations[index].outputs[0]
      for (_, operand) in start.inputs.enumerated() {
        guard uses[operand] == 1 || isUsedOnlyBy(start, operand, uses),
          let producer = chainOf[operand],
          plan.values[operand].shape.elementCount
            == output.map({ plan.values[$0].shape.elementCount }),
          let other = plan.operations[producer].chain,
          let joined = join(
            merged,
            absorbing: operand,
            Draft(chain: other, inputs: plan.operations[producer].inputs.compactMap { $0 })
          )
        else { continue }
        merged = joined
        plan.operations[producer].outputs = []
        plan.operations[producer].chain = nil
        chainOf[operand] = nil
      }
      plan.operations[index].chain = merged.chain
      plan.operations[index].inputs = merged.inputs
      if let output { chainOf[output] = index }
    }
  }

  /// A chain with the values it reads.
  struct Draft {
    var chain: ElementwiseChain
    var inputs: [Int]
  }

  /// The chain of one operator, `nil` where the operator or its broadcasting does not fit.
  private static func single(_ operation: PlanGraph.Operation, _ plan: PlanGraph) throws -> Draft? {
    guard operation.outputs.count == 1, let output = operation.outputs[0],
      plan.values[output].dtype == .float32, plan.values[output].shape.elementCount > 0
    else { return nil }
    let step: ck_chain_step
    var operands: [Int] = []
    if let unary = try ElementwiseOperators.unary(operation, plan), let input = operation.inputs[0]
    {
      step = ck_chain_step(
        is_binary: 0,
        op: Int32(unary.op.rawValue),
        lhs: 0,
        rhs: 0,
        p0: unary.p0,
        p1: unary.p1
      )
      operands = [input]
    } else if let binary = try ElementwiseOperators.binary(operation),
      let left = operation.inputs[0], let right = operation.inputs[1]
    {
      step = ck_chain_step(
        is_binary: 1,
        op: Int32(binary.op.rawValue),
        lhs: 0,
        rhs: left == right ? 0 : 1,
        p0: binary.p0,
        p1: 0
      )
      operands = left == right ? [left] : [left, right]
    } else {
      return nil
    }
    var chain = ElementwiseChain(steps: [step], access: [], inner: nil)
    for operand in operands {
      guard plan.values[operand].dtype == .float32,
        let (access, inner) = access(plan.values[operand].shape, plan.values[output].shape)
      else { return nil }
      if let inner {
        guard chain.inner == nil || chain.inner == inner else { return nil }
        chain.inner = inner
      }
      chain.access.append(access)
    }
    return Draft(chain: chain, inputs: operands)
  }

  /// How an operand of shape `operand` is read when the chain runs over `output`.
  private static func access(_ operand: Shape, _ output: Shape) -> (ck_chain_access, inner: Int?)? {
    if operand.elementCount == output.elementCount { return (CK_CHAIN_FULL, nil) }
    if operand.elementCount == 1 { return (CK_CHAIN_SCALAR, nil) }
    let padded =
      [Int](repeating: 1, count: max(0, output.rank - operand.rank)) + operand.dimensions
    guard padded.count == output.rank else { return nil }
    // Leading ones, then exactly the output's trailing sizes: a row vector.
    let leading = padded.prefix { $0 == 1 }.count
    if Array(padded[leading...]) == Array(output.dimensions[leading...]) {
      return (CK_CHAIN_INNER, operand.elementCount)
    }
    // Exactly the output's leading sizes, then ones: one number a row.
    let trailing = padded.reversed().prefix { $0 == 1 }.count
    let split = padded.count - trailing
    if Array(padded[..<split]) == Array(output.dimensions[..<split]) {
      return (CK_CHAIN_OUTER, output.elementCount / operand.elementCount)
    }
    return nil
  }

  private static func isUsedOnlyBy(_ draft: Draft, _ operand: Int, _ uses: [Int]) -> Bool {
    // x * x names its operand twice.
    draft.inputs.count == 1 && draft.chain.steps[0].is_binary != 0 && uses[operand] == 2
  }

  /// `outer` with its input `operand` replaced by the steps of `inner`.
  private static func join(_ outer: Draft, absorbing operand: Int, _ inner: Draft) -> Draft? {
    guard let slot = outer.inputs.firstIndex(of: operand),
      outer.chain.inner == nil || inner.chain.inner == nil
        || outer.chain.inner == inner.chain.inner,
      outer.chain.access[slot] == CK_CHAIN_FULL
    else { return nil }
    var inputs = inner.inputs
    var access = inner.chain.access
    var registerOfOuterInput = [Int](repeating: -1, count: outer.inputs.count)
    for (index, value) in outer.inputs.enumerated() where index != slot {
      if let same = inputs.firstIndex(of: value), access[same] == outer.chain.access[index] {
        registerOfOuterInput[index] = same
      } else {
        registerOfOuterInput[index] = inputs.count
        inputs.append(value)
        access.append(outer.chain.access[index])
      }
    }
    let stepCount = inner.chain.steps.count + outer.chain.steps.count
    guard inputs.count <= Int(CK_CHAIN_INPUTS_MAX), stepCount <= Int(CK_CHAIN_STEPS_MAX) else {
      return nil
    }
    // Registers are the inputs, then one for each step: both chains' step registers move up.
    func moved(_ step: ck_chain_step, _ map: (Int) -> Int) -> ck_chain_step {
      var step = step
      step.lhs = Int32(map(Int(step.lhs)))
      step.rhs = Int32(map(Int(step.rhs)))
      return step
    }
    let innerInputs = inner.inputs.count
    let innerSteps = inner.chain.steps.map { step in
      moved(step) { $0 < innerInputs ? $0 : $0 - innerInputs + inputs.count }
    }
    let innerResult = inputs.count + innerSteps.count - 1
    registerOfOuterInput[slot] = innerResult
    let outerInputs = outer.inputs.count
    let outerSteps = outer.chain.steps.map { step in
      moved(step) {
        $0 < outerInputs
          ? registerOfOuterInput[$0] : $0 - outerInputs + inputs.count + innerSteps.count
      }
    }
    return Draft(
      chain: ElementwiseChain(
        steps: innerSteps + outerSteps,
        access: access,
        inner: outer.chain.inner ?? inner.chain.inner
      ),
      inputs: inputs
    )
  }
}

import GraphIR
import Tensors

extension Lowerings {
  static let controlFlow: [OperatorName: Lowering] = [
    "Scan": { try control($0) },
    "Loop": { try control($0) },
    "If": { try control($0) },
  ]

  private static func control(_ context: LoweringContext) throws -> Step? {
    switch context.operation.control {
    case .loop(let loop)?: try run(loop, context)
    case .choice(let first, let second)?: try choose(first, second, context)
    case nil: nil
    }
  }

  /// A piece of memory that is copied whole.
  private struct Copy {
    let source: UnsafeRawPointer
    let target: UnsafeMutableRawPointer
    let byteCount: Int

    /// Copies, also within overlapping memory.
    func run() { if source != target { target.copyMemory(from: source, byteCount: byteCount) } }
  }

  /// Slices of an operand and where the body has one of them.
  private struct SliceCopy {
    let layout: AxisSlices
    let whole: UnsafeMutableRawPointer
    let slice: UnsafeMutableRawPointer
    let isReversed: Bool

    func position(_ step: Int) -> Int { isReversed ? layout.length - 1 - step : step }
    func read(_ step: Int) { layout.read(position(step), from: whole, into: slice) }
    func write(_ step: Int) { layout.write(position(step), to: whole, from: slice) }
  }

  private static func run(_ loop: LoopPlan, _ context: LoweringContext) throws -> Step {
    // A state lives in the memory of the output that it becomes.
    var addresses: [ValueID: UnsafeMutableRawPointer] = [:]
    for state in loop.states {
      if let output = state.output { addresses[state.placeholder] = context.rawOutput(output) }
    }
    let body = try BodyRun(
      loop.body,
      in: context,
      addresses: addresses,
      states: loop.states
    )
    var starts: [Copy] = []
    var handOvers: [Copy] = []
    for state in loop.states {
      let place = addresses[state.placeholder] ?? body.placeholder(state.placeholder)
      guard let place else { continue }
      let byteCount = context.shape(state.input).elementCount * context.dtype(state.input).byteCount
      starts.append(
        Copy(source: context.raw(state.input), target: place, byteCount: byteCount)
      )
      let new = body.fetch(state.fetch)
      if new != place { handOvers.append(Copy(source: new, target: place, byteCount: byteCount)) }
    }
    let inputs = loop.inputs.compactMap { input -> SliceCopy? in
      guard let slice = body.placeholder(input.placeholder) else { return nil }
      let operand = input.slices.operand
      return SliceCopy(
        layout: AxisSlices(
          context.shape(operand),
          dtype: context.dtype(operand),
          axis: input.slices.axis
        ),
        whole: context.raw(operand),
        slice: slice,
        isReversed: input.slices.isReversed
      )
    }
    let outputs = loop.outputs.map { output in
      let operand = output.slices.operand
      return SliceCopy(
        layout: AxisSlices(
          context.outputShape(operand),
          dtype: context.outputType(operand),
          axis: output.slices.axis
        ),
        whole: context.rawOutput(operand),
        slice: body.fetch(output.fetch),
        isReversed: output.slices.isReversed
      )
    }
    let stepNumber = loop.stepNumber.flatMap { body.placeholder($0) }?
      .assumingMemoryBound(to: Int64.self)
    let first = loop.firstCondition.map { UnsafeRawPointer(context.raw($0)) }
    let condition = loop.condition.map { UnsafeRawPointer(body.fetch($0)) }
    let count: () -> Int =
      switch loop.count {
      case .known(let count): { count }
      case .unlimited: { .max }
      case .input(let slot):
        {
          let address = UnsafeRawPointer(context.raw(slot))
          return { Int(max(address.load(as: Int64.self), 0)) }
        }()
      }
    let node = context.node
    return {
      for copy in starts { copy.run() }
      let total = first?.load(as: UInt8.self) == 0 ? 0 : count()
      guard total > 0 else { return }
      try body.begin()
      var step = 0
      while step < total {
        try node.checkLoop(step)
        for input in inputs { input.read(step) }
        stepNumber?.pointee = Int64(step)
        try body.run(step: step)
        for output in outputs { output.write(step) }
        for copy in handOvers { copy.run() }
        step += 1
        if let condition, condition.load(as: UInt8.self) == 0 { break }
      }
    }
  }

  private static func choose(
    _ first: BodyPlan,
    _ second: BodyPlan,
    _ context: LoweringContext
  ) throws -> Step {
    func compiled(_ plan: BodyPlan) throws -> (run: BodyRun, copies: [Copy]) {
      let run = try BodyRun(plan, in: context)
      let copies = plan.results.map { result in
        Copy(
          source: run.fetch(result.fetch),
          target: context.rawOutput(result.output),
          byteCount: context.outputShape(result.output).elementCount
            * context.outputType(result.output).byteCount
        )
      }
      return (run, copies)
    }
    let thenRun = try compiled(first)
    let elseRun = try compiled(second)
    let condition = UnsafeRawPointer(context.raw(0))
    return {
      let chosen = condition.load(as: UInt8.self) != 0 ? thenRun : elseRun
      try chosen.run.begin()
      try chosen.run.run(step: 0)
      for copy in chosen.copies { copy.run() }
    }
  }
}

import CKernels
import GraphIR
import Tensors

/// One prepared piece of work: a kernel call with its pointers and sizes bound.
typealias Step = () throws -> Void

/// Binds an operation to kernels.
///
/// Gives `nil` where no kernel fits the operand's types or attributes; the reference implementation runs then.
typealias Lowering = @Sendable (LoweringContext) throws -> Step?

/// What a lowering sees: the operation, its operands' shapes and addresses, the session's resources.
struct LoweringContext {
  let plan: PlanGraph
  let operation: PlanGraph.Operation
  let memory: PlanMemory
  let resources: SessionResources

  var node: Node { operation.node }
  var pool: OpaquePointer? { resources.pool.handle }

  func hasInput(_ slot: Int) -> Bool {
    slot < operation.inputs.count && operation.inputs[slot] != nil
  }

  func hasOutput(_ slot: Int) -> Bool {
    slot < operation.outputs.count && operation.outputs[slot] != nil
  }

  private func inputValue(_ slot: Int) -> Int { operation.inputs[slot].unsafelyUnwrapped }
  private func outputValue(_ slot: Int) -> Int { operation.outputs[slot].unsafelyUnwrapped }

  /// - Precondition: `hasInput(slot)`, here and below.
  func shape(_ slot: Int) -> Shape { plan.values[inputValue(slot)].shape }
  func dtype(_ slot: Int) -> DType { plan.values[inputValue(slot)].dtype }
  func outputShape(_ slot: Int = 0) -> Shape { plan.values[outputValue(slot)].shape }
  func outputType(_ slot: Int = 0) -> DType { plan.values[outputValue(slot)].dtype }

  /// True where all given inputs exist and hold float32.
  func areFloats(_ slots: Int...) -> Bool {
    slots.allSatisfy { hasInput($0) && dtype($0) == .float32 }
  }

  func raw(_ slot: Int) -> UnsafeMutableRawPointer { memory.address(inputValue(slot)) }
  func floats(_ slot: Int) -> UnsafeMutablePointer<Float> {
    raw(slot).assumingMemoryBound(to: Float.self)
  }
  func rawOutput(_ slot: Int = 0) -> UnsafeMutableRawPointer { memory.address(outputValue(slot)) }
  func outputFloats(_ slot: Int = 0) -> UnsafeMutablePointer<Float> {
    rawOutput(slot).assumingMemoryBound(to: Float.self)
  }

  /// The address of any value of the plan, such as a fused learning rate.
  func floats(ofValue value: Int) -> UnsafeMutablePointer<Float> {
    memory.address(value).assumingMemoryBound(to: Float.self)
  }

  /// The value of an input that is known before the run.
  func constant(_ slot: Int) -> Tensor? {
    slot < operation.inputs.count ? plan.constant(operation.inputs[slot]) : nil
  }

  /// The whole numbers in a constant int64 or int32 input.
  func constantInts(_ slot: Int) -> [Int]? {
    guard let tensor = constant(slot) else { return nil }
    switch tensor.dtype {
    case .int64: return tensor.elements(of: Int64.self).map(Int.init)
    case .int32: return tensor.elements(of: Int32.self).map(Int.init)
    default: return nil
    }
  }

  /// The number in a constant one-element float input.
  func constantFloat(_ slot: Int) -> Float? {
    guard let tensor = constant(slot), tensor.dtype == .float32, tensor.shape.elementCount == 1
    else {
      return nil
    }
    return tensor.withElements(of: Float.self) { $0[0] }
  }

  /// The half-precision numbers of a constant float32 input that has them.
  func halves(_ slot: Int) -> UnsafePointer<UInt16>? { memory.halves(inputValue(slot)) }

  /// Packed weights for a constant float32 input: made once for all plans of the session.
  ///
  /// `pack` gets the weights and the memory to fill; it does not keep the first. With `unpack`, the way back, the packed form becomes the
  /// only one that stays in memory where the weights were float16 numbers.
  func packed(
    _ slot: Int,
    layout: String,
    floatCount: Int,
    unpack: (@Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void)? = nil,
    _ pack: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> UnsafePointer<Float>? {
    guard case .constant(let tensor, let key?) = plan.values[inputValue(slot)].origin else {
      return nil
    }
    let buffer = resources.weights.packed(key, layout: layout, floatCount: floatCount) { target in
      tensor.withElements(of: Float.self) { weights in
        if let source = weights.baseAddress { pack(source, target) }
      }
    }
    if let unpack, tensor.halves != nil {
      tensor.recreate { target in
        if let weights = target.baseAddress { unpack(UnsafePointer(buffer.floats), weights) }
      }
    }
    return UnsafePointer(buffer.floats)
  }

  /// Memory of the operation's own that lives as long as the plan.
  func scratch(floatCount: Int) -> UnsafeMutablePointer<Float> {
    memory.scratch(byteCount: floatCount * 4).assumingMemoryBound(to: Float.self)
  }

  /// The activation fused into this operation, or none.
  var activation: ck_activation {
    operation.activation ?? ck_activation(kind: CK_ACT_NONE, alpha: 0, beta: 0)
  }
}

import CKernels
import GraphIR
import Tensors

/// A graph specialised to concrete shapes, the form that plan passes, scheduling, placement and lowering work on.
struct PlanGraph {
  /// One value; views (Reshape and the like) name the value whose memory they share.
  struct PlanValue {
    var name: String
    var dtype: DType
    var shape: Shape
    var origin: Origin
    /// The value whose bytes these are, for a view or an updated variable.
    var alias: Int?
  }

  enum Origin {
    /// `key` is the same for the same constant in every plan of a session, so that folded and packed weights are made once;
    /// `nil` for what depends on this plan's shapes.
    case constant(Tensor, key: String?)
    case variable(ValueID)
    case placeholder(ValueID)
    case computed
  }

  /// One operation to run.
  struct Operation {
    var node: Node
    /// Numbers the random stream of the node.
    var nodeIndex: Int
    var inputs: [Int?]
    var outputs: [Int?]
    /// Applied to the result while it is in registers (GEMM and convolution).
    var activation: ck_activation?
    /// Set where this is a fused run of elementwise operators.
    var chain: ElementwiseChain?
    /// The learning rate's value, where a GEMM adds `-rate * product` to a variable (input 2) in place.
    var updateRate: Int?
    /// Set for Scan, Loop and If: their bodies, specialised.
    var control: ControlPlan?

    var op: OperatorName { node.op }
  }

  var values: [PlanValue] = []
  var operations: [Operation] = []
  var fetches: [Int] = []
  /// Operations at the start that a body runs once for all of its steps, for they read nothing that changes from step to step.
  var prologueCount = 0

  /// The value that owns the bytes of `value`.
  func root(_ value: Int) -> Int {
    var current = value
    while let next = values[current].alias { current = next }
    return current
  }

  func constant(_ value: Int?) -> Tensor? {
    guard let value, case .constant(let tensor, _) = values[value].origin else { return nil }
    return tensor
  }

  /// The key of a constant.
  func constantKey(_ value: Int?) -> String? {
    guard let value, case .constant(_, let key) = values[value].origin else { return nil }
    return key
  }

  /// Adds a constant made by a pass.
  mutating func addConstant(_ tensor: Tensor, key: String?, name: String) -> Int {
    values.append(
      .init(
        name: name,
        dtype: tensor.dtype,
        shape: tensor.shape,
        origin: .constant(tensor, key: key)
      )
    )
    return values.count - 1
  }

  /// How many operands, and fetches, name each value.
  func useCounts() -> [Int] {
    var counts = [Int](repeating: 0, count: values.count)
    for operation in operations {
      for case let input? in operation.inputs { counts[input] += 1 }
    }
    for fetch in fetches { counts[fetch] += 1 }
    // A use of a view is a use of what it views.
    for index in values.indices where counts[index] > 0 {
      var current = index
      while let next = values[current].alias {
        counts[next] += counts[index]
        current = next
      }
    }
    return counts
  }

  /// The operation that computes each value.
  func producers() -> [Int: Int] {
    var result: [Int: Int] = [:]
    for (index, operation) in operations.enumerated() {
      for case let output? in operation.outputs { result[output] = index }
    }
    return result
  }

  /// Drops operations whose results nobody needs; updates of variables are kept.
  mutating func removeDeadOperations() {
    var needed = Set(fetches).union(fetches.map(root))
    var kept: [Operation] = []
    for operation in operations.reversed() {
      let isUpdate = operation.updateRate != nil || operation.isUpdate
      guard isUpdate || operation.outputs.contains(where: { $0.map(needed.contains) ?? false })
      else { continue }
      needed.formUnion(operation.inputs.compactMap { $0 })
      if let rate = operation.updateRate { needed.insert(rate) }
      // The memory behind a view is computed by somebody too.
      for case let input? in operation.inputs { needed.insert(root(input)) }
      kept.append(operation)
    }
    operations = kept.reversed()
  }
}

extension PlanGraph.Operation {
  /// True where the operation changes variables in place.
  var isUpdate: Bool {
    updateRate != nil
      || !(OperatorRegistry.definition(of: node.op)?.updatedInputs.isEmpty ?? true)
  }
}

/// A fused run of elementwise operators, as the chain kernel takes it.
struct ElementwiseChain {
  var steps: [ck_chain_step]
  var access: [ck_chain_access]
  /// The row length that INNER and OUTER inputs refer to; `nil` while there is none.
  var inner: Int?
}

import GraphIR
import Tensors

/// What a plan knows about Scan, Loop and If.
enum ControlPlan {
  /// Scan and Loop.
  case loop(LoopPlan)
  /// If, whose condition is only known while the plan runs: input 0.
  case choice(then: BodyPlan, else: BodyPlan)
}

/// A body specialised to the shapes of one step, and what its placeholders and fetches are to the operation around it.
struct BodyPlan {
  let graph: Graph
  var plan: PlanGraph
  let resources: SessionResources
  /// Placeholders that read the operation's inputs where they are.
  var captures: [(placeholder: ValueID, input: Int)] = []
  /// Fetches that become outputs of the operation as they are.
  var results: [(fetch: Int, output: Int)] = []
}

/// A body that runs several times.
struct LoopPlan {
  /// A value handed from step to step.
  struct State {
    let placeholder: ValueID
    /// The operation's input that it starts as.
    let input: Int
    /// The position of its new value among the body's fetches.
    let fetch: Int
    /// The operation's output that it ends as, `nil` where nobody reads that.
    let output: Int?
  }

  /// An input that is read, or an output that is written, slice by slice.
  struct Slices {
    /// Of the operation: an input or an output.
    let operand: Int
    /// Counted from the front.
    let axis: Int
    let isReversed: Bool
  }

  enum StepCount {
    case known(Int)
    /// An int64 input of the operation.
    case input(Int)
    /// As many as the condition wants.
    case unlimited
  }

  var body: BodyPlan
  var count: StepCount
  var states: [State] = []
  var inputs: [(placeholder: ValueID, slices: Slices)] = []
  var outputs: [(fetch: Int, slices: Slices)] = []
  /// The placeholder that holds the step's number.
  var stepNumber: ValueID?
  /// The operation's input that says whether there is a first step.
  var firstCondition: Int?
  /// The fetch that says whether another step follows.
  var condition: Int?
}

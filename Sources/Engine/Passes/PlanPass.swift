/// A rewrite of a specialised graph.
///
/// Each pass lives in a file of its own and says what it matches and what it puts there.
protocol PlanPass {
  static func run(_ plan: inout PlanGraph, _ resources: SessionResources) throws
}

/// The passes in the order in which they run.
enum PlanPasses {
  static var all: [any PlanPass.Type] {
    [
      ViewElimination.self, BiasFusion.self, BatchNormFolding.self, SavedOutputs.self,
      PoolingGradientMotion.self,
      ActivationFusion.self, ElementwiseFusion.self, UpdateFusion.self, EmbeddingFusion.self,
    ]
  }

  static func run(_ plan: inout PlanGraph, _ resources: SessionResources) throws {
    for pass in all {
      try pass.run(&plan, resources)
      plan.removeDeadOperations()
    }
  }
}

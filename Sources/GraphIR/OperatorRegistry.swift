/// Every operator that graphs may use.
package enum OperatorRegistry {
  /// All definitions, one list for each family in `Operators/`.
  package static let all: [OperatorDefinition] = [
    convolution,
    linear,
    imaging,
    indexing,
    losses,
    movement,
    normalization,
    pooling,
    recurrent,
    quantization,
    elementwiseUnary,
    elementwiseBinary,
    casting,
    reductions,
    axisOperators,
    generators,
    randomGenerators,
    linearAlgebra,
    gradientKernels,
    updates,
    controlFlow,
  ].flatMap { $0 as [OperatorDefinition] }

  private static let table = Dictionary(
    uniqueKeysWithValues: all.map { ($0.name, $0) }
  )

  package static func definition(of op: OperatorName) -> OperatorDefinition? { table[op] }
}

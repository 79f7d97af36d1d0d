package import GraphIR

/// Which operators run on kernels.
///
/// The rest run their reference implementation, and `onReference` says why that is enough.
package enum Lowerings {
  static let families: [[OperatorName: Lowering]] = [
    elementwise, linear, convolution, pooling, reductions, normalization, movement, indexing,
    losses,
    updates, random, recurrent, controlFlow,
  ]

  private static let table = families.reduce(into: [OperatorName: Lowering]()) {
    $0.merge($1) { first, _ in first }
  }

  static func lowering(of op: OperatorName) -> Lowering? { table[op] }

  /// Every operator with a kernel.
  package static var names: Set<OperatorName> { Set(table.keys) }
}

package import GraphIR
package import NN

/// One unit on two inputs (Rosenblatt 1958), or with `hiddenUnits` a layer of tanh units before it.
package struct Perceptron: Architecture {
  package let inputSizes = [2]
  package let classCount = 1
  package var hiddenUnits: Int?

  package init(hiddenUnits: Int? = nil) { self.hiddenUnits = hiddenUnits }

  package func logits(
    of x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    var y = x
    if let hiddenUnits {
      y = try Dense("hidden", hiddenUnits, activation: .tanh)(y, in: &context)
    }
    return try Dense("output", 1)(y, in: &context)
  }
}

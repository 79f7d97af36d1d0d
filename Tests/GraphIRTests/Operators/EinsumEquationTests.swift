import GraphIR
import Tensors
import Testing

@Suite struct EinsumEquationTests {
  private func shape(_ equation: String, _ types: ValueType...) throws -> ValueType {
    try inferred("Einsum", types, ["equation": .string(equation)])[0]
  }

  @Test func explicitResultOrdersLabels() throws {
    #expect(try shape("bij, bjk -> bik", float("N", 2, 3), float("N", 3, 4)) == float("N", 2, 4))
    #expect(try shape("ij->ji", float(2, "T")) == float("T", 2))
    #expect(try shape("ij->", float(2, 3)) == float())
  }

  @Test func implicitResultHoldsLabelsThatStandOnce() throws {
    #expect(try shape("ba", float(2, 3)) == float(3, 2))
    #expect(try shape("ij,jk", float(2, 3), float(3, 4)) == float(2, 4))
    #expect(try shape("ii", float(3, 3)) == float())
    #expect(try shape("...ij,...jk", float("N", 2, 3), float(3, 4)) == float("N", 2, 4))
  }

  @Test func ellipsisBroadcastsFromTheBack() throws {
    #expect(
      try shape("...ii->...i", float(5, "N", 3, 3)) == float(5, "N", 3)
    )
    #expect(try shape("a...,...->a...", float(2, 4, 3), float(3)) == float(2, 4, 3))
  }

  @Test func unrankedOperandsLeaveWhatTheyMust() throws {
    #expect(try shape("ij,jk->ik", unranked, float(3, 4)) == float(.unknown, 4))
    #expect(try shape("...i->...", unranked) == unranked)
  }

  @Test func mistakesHavePositions() {
    #expect(throws: EinsumError.unexpected(at: 2)) { try EinsumEquation(parsing: "ij1->i") }
    #expect(throws: EinsumError.unexpected(at: 0)) { try EinsumEquation(parsing: "..i->i") }
    #expect(throws: EinsumError.unexpected(at: 4)) { try EinsumEquation(parsing: "...i...") }
    #expect(throws: EinsumError.unexpected(at: 4)) { try EinsumEquation(parsing: "i->i,j") }
    #expect(throws: EinsumError.resultLabel("k")) { try EinsumEquation(parsing: "ij->k") }
    #expect(throws: EinsumError.resultLabel("i")) { try EinsumEquation(parsing: "ij->ii") }
  }

  @Test func operandsMustFitTheirTerms() {
    #expect(throws: GraphError.self) { try shape("ij->i", float(2)) }
    #expect(throws: GraphError.self) { try shape("ij,jk->ik", float(2, 3), float(4, 5)) }
    #expect(throws: GraphError.self) { try shape("ij->i", float(2, 3), float(2, 3)) }
  }
}

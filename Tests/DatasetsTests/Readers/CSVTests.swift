import Datasets
import Storage
import TestSupport
import Tensors
import Testing

@Suite struct CSVTests {
  private func read(_ text: String, label: Int = -1, header: Bool? = nil) throws -> CSV.Table {
    try CSV.read(Array(text.utf8), labelColumn: label, hasHeader: header)
  }

  @Test func headerQuotesAndLineEnds() throws {
    let table = try read("a,b,kind\r\n1,2.5,\"x, \"\"y\"\"\"\r\n\n-3, 4e1 ,z")
    #expect(table.columns == ["a", "b"])
    #expect(table.features == Tensor([1, 2.5, -3, 40] as [Float], [2, 2]))
    #expect(table.labels == ["x, \"y\"", "z"])
    #expect(table.dataset.labels == Tensor(vector: [0, 1] as [Int64]))
  }

  @Test func noHeaderAndAnotherLabelColumn() throws {
    let table = try read("10,1\n9,2\n10,3\n", label: 0)
    #expect(table.columns == [] && table.labels == ["10", "9", "10"])
    #expect(table.classes == ["9", "10"])
    #expect(table.features == Tensor([1, 2, 3] as [Float], [3, 1]))
  }

  @Test(arguments: [
    "", "\n\n", "1\n", "1,2\n3\n", "1,2\nx,3\n", "1,2\n,3\n", "1,2\nnan,3\n", "1,2\ninf,3\n",
    "1,2\n\"3,4\n", "1,2\n\"3\"x,4\n",
  ])
  func malformedTablesAreErrors(text: String) {
    #expect(throws: FormatError.self) { try read(text) }
  }

  @Test func anErrorNamesLineAndColumn() throws {
    let error = #expect(throws: FormatError.self) { try read("a,b,c\n1,2,x\n1,oops,x\n") }
    #expect(error?.detail == "line 3, column 2: 'oops' is no number")
  }

  @Test func twentyThousandMutationsNeverTrap() throws {
    var mutator = Mutator(seed: 10)
    let sample = Array("a,b,k\n1,2,x\n\"3\",-4.5,\"y \"\"\"\n".utf8)
    var refused = 0
    for _ in 0..<20_000 {
      do { _ = try CSV.read(mutator.mutate(sample)) } catch { refused += 1 }
    }
    #expect(refused > 2_000)
  }
}

import Datasets
import Testing

@Suite struct ClassNamesTests {
  @Test(arguments: [
    (["10", "9", "2.5"], ["2.5", "9", "10"]),
    (["1.0", "1", "-3"], ["-3", "1", "1.0"]),
    (["2", "10", "1a"], ["10", "1a", "2"]),
    (["b", "a", "B"], ["B", "a", "b"]),
    (["nan", "1"], ["1", "nan"]),
    ([], []),
  ]) func numbersOrBytes(names: [String], sorted: [String]) {
    #expect(ClassNames.sorted(names) == sorted)
    #expect(ClassNames.sorted(names.reversed()) == sorted)
  }
}

import Tensors
import Testing

@testable import Service

/// Nested arrays become tensors; what does not fit is refused with its place.
@Suite struct JSONTensorTests {
  static func read(_ text: String, _ dtype: DType = .float32) throws -> (TensorStaging, [Int]) {
    let staging = TensorStaging(dtype)
    let bytes = Array(text.utf8)
    let shape = try bytes.withUnsafeBytes { buffer in
      var cursor = JSONCursor(buffer)
      let shape = try JSONTensorReader(name: "x").read(&cursor, into: staging)
      cursor.skipSpace()
      guard cursor.isAtEnd else { throw cursor.error("rest") }
      return shape
    }
    return (staging, shape.dimensions)
  }

  static func values<Element: TensorElement>(
    _ staging: TensorStaging,
    as type: Element.Type
  ) -> [Element] {
    (0..<staging.elementCount).map {
      staging.bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.size, as: Element.self)
    }
  }

  static func problem(_ text: String, _ dtype: DType = .float32) -> String {
    do {
      _ = try read(text, dtype)
      return "none"
    } catch let error as JSONError {
      return Array(text.utf8).withUnsafeBytes { error.message(in: $0) }
    } catch {
      return "\(error)"
    }
  }

  @Test func longArraysMayBeLaidOutInAnyWay() throws {
    let separators = [",", ", ", ",  ", ",\n    ", " , ", "\t,\r\n"]
    var generator = Philox(seed: 11)
    for layout in 0..<120 {
      var expected: [Float] = []
      var text = "["
      for index in 0..<300 {
        if index > 0 {
          // Mostly one layout, now and then another, as in files made by hand.
          let other = generator.below(40) == 0
          text += separators[other ? generator.below(separators.count) : layout % separators.count]
        }
        let value = (generator.uniform() - 0.5) * 20
        let number =
          switch generator.below(12) {
          case 0: "\(Int(value * 1000))"
          case 1: "\(value)e-3"
          case 2: "\(Double(value))"
          default: "\(value)"
          }
        expected.append(Float(number) ?? .nan)
        text += number
      }
      let (staging, shape) = try Self.read(text + "]")
      #expect(shape == [300])
      #expect(Self.values(staging, as: Float.self) == expected, "layout \(layout)")
    }
  }

  @Test func shapesAreFound() throws {
    let (staging, shape) = try Self.read(" [ [1, 2 ,3],\n[4,5,6] ] ")
    #expect(shape == [2, 3])
    #expect(Self.values(staging, as: Float.self) == [1, 2, 3, 4, 5, 6])
    #expect(try Self.read("7").1 == [])
    #expect(try Self.read("[]").1 == [0])
    #expect(try Self.read("[[],[],[]]").1 == [3, 0])
    #expect(try Self.read("[[[1]],[[2]]]").1 == [2, 1, 1])
  }

  @Test func arraysThatOutgrowTheirMemoryKeepEveryElement() throws {
    // Staging starts with room for 64 elements and doubles: in the first row, and in the middle of a later one.
    for (rows, columns) in [(1, 65), (1, 784), (3, 50), (5, 1000)] {
      let text = (0..<rows).map { row in
        "[" + (0..<columns).map { "\(row * columns + $0)" }.joined(separator: ",") + "]"
      }
      let (staging, shape) = try Self.read("[" + text.joined(separator: ",") + "]")
      #expect(shape == [rows, columns])
      #expect(Self.values(staging, as: Float.self) == (0..<(rows * columns)).map(Float.init))
    }
  }

  @Test func everyElementType() throws {
    func check<Element: TensorElement & Equatable>(_ text: String, _ expected: [Element]) throws {
      let staging = try Self.read(text, Element.dtype).0
      #expect(Self.values(staging, as: Element.self) == expected)
    }
    try check("[-128, 127]", [Int8.min, .max])
    try check("[0, 255]", [UInt8.min, .max])
    try check("[-32768, 32767]", [Int16.min, .max])
    try check("[65535]", [UInt16.max])
    try check("[-2147483648, 2147483647]", [Int32.min, .max])
    try check("[4294967295]", [UInt32.max])
    try check("[-9223372036854775808, 9223372036854775807]", [Int64.min, .max])
    try check("[18446744073709551615]", [UInt64.max])
    try check("[true, false]", [true, false])
    try check("[0.1]", [0.1 as Double])
    try check("[3.0, 1e3, 20e-1]", [3, 1000, 2] as [Int32])
    try check("[1.5]", [Float16(1.5)])
    try check("[1.5]", [BFloat16(1.5)])
  }

  @Test func rowsOfUnequalLength() {
    #expect(
      Self.problem("[[1,2,3],\n [4,5]]")
        == "arrays of unequal length: x[1] has 2 elements, x[0] has 3 at line 2, column 6 (byte 15)"
    )
    #expect(Self.problem("[[[1],[2]],[[3]]]").contains("x[1] has 1 elements, x[0] has 2"))
    #expect(Self.problem("[[],[1]]").contains("x[1] has 1 elements, x[0] has 0"))
  }

  @Test func depthsMustAgree() {
    #expect(Self.problem("[[1],2]").contains("expected an array at x[1], found '2'"))
    #expect(Self.problem("[1,[2]]").contains("x[1]: expected a number, found '['"))
    #expect(Self.problem("[[[]],[]]").contains("x[1] is an empty array"))
    #expect(Self.problem("[[],5]").contains("expected an array at x[1]"))
  }

  @Test func badTokensNameTheirPlace() {
    #expect(
      Self.problem("[[1,2],[3,x]]")
        == "x[1][1]: expected a number, found 'x' at line 1, column 11 (byte 10)"
    )
    #expect(Self.problem("[1 2]").contains("expected ']' or ',' after x[0], found '2'"))
    #expect(Self.problem("[1,2").contains("expected ']' or ',' after x[1], found the end"))
    #expect(Self.problem("[1,]").contains("x[1]: expected a number, found ']'"))
    #expect(Self.problem("[\"a\"]").contains("x[0]: expected a number, found '\"'"))
    #expect(Self.problem("[null]").contains("expected a number, found 'n'"))
    #expect(Self.problem("[300]", .uint8).contains("x[0]: the number does not fit UInt8"))
    #expect(Self.problem("[-1]", .uint64).contains("does not fit UInt64"))
    #expect(Self.problem("[1.5]", .int32).contains("expected a whole number for Int32"))
    #expect(Self.problem("[1]", .bool).contains("expected true or false"))
    #expect(Self.problem("[1e99]", .int64).contains("does not fit Int64"))
  }

  @Test func depthIsBoundedAndCostsNoStack() {
    #expect(Self.problem(String(repeating: "[", count: 250_000)).contains("deeper than 16 arrays"))
    #expect(Self.problem(String(repeating: "[[]", count: 100_000)) != "none")
  }

  @Test func specialValuesInTensors() throws {
    let values = Self.values(try Self.read("[NaN, Infinity, -Infinity]").0, as: Float.self)
    #expect(values[0].isNaN && values[1] == .infinity && values[2] == -.infinity)
  }
}

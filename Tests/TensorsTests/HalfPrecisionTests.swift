import Synchronization
import Tensors
import Testing

@Suite struct HalfPrecisionTests {
  /// Every number that float16 has.
  private static let all = Tensor((0...UInt16.max).map(Float16.init(bitPattern:)), [65536])

  @Test func everyHalfIsWidenedToItsValue() {
    let wide = Self.all.widened()
    #expect(wide.dtype == .float32 && wide.shape == [65536])
    let halves = Self.all.elements(of: Float16.self)
    for (wide, half) in zip(wide.elements(of: Float.self), halves) {
      let expected = Float(half)
      #expect(
        wide.isNaN ? expected.isNaN : wide.bitPattern == expected.bitPattern,
        "\(half.bitPattern)"
      )
    }
  }

  @Test func whatFloat16HoldsIsNarrowedAndBack() throws {
    let exact = Tensor([0, -0.0, 1, -1.5, 65504, 0x1p-24, .infinity] as [Float], [7])
    let halves = try #require(exact.exactHalves())
    #expect(halves.dtype == .float16 && halves.widened() == exact)
  }

  @Test(arguments: [0.1, 65505, 0x1p-25, Float.nan])
  func whatFloat16DoesNotHoldIsNotNarrowed(_ value: Float) {
    #expect(Tensor([1, value], [2]).exactHalves() == nil)
  }

  @Test func roundedNumbersAreExactHalvesNearby() throws {
    let numbers = Tensor((1...1000).map { 1 / Float($0) }, [1000])
    let rounded = numbers.roundedToHalves()
    #expect(rounded.exactHalves() != nil)
    for (new, old) in zip(rounded.elements(of: Float.self), numbers.elements(of: Float.self)) {
      #expect(abs(new - old) <= old * 0x1p-11)
    }
  }

  @Test func numbersThatFloat16DoesNotReachStay() {
    let large = Tensor([0.1, 1e6] as [Float], [2])
    #expect(large.roundedToHalves() == large)
  }

  @Test func writingToAWidenedTensorLeavesOthersAlone() {
    let halves = Tensor([1, 2] as [Float16], [2])
    let wide = halves.widened()
    let kept = wide.resident()
    var changed = wide
    changed.withMutableElements(of: Float.self) { $0[0] = 5 }
    var changedResident = wide.resident()
    changedResident.withMutableElements(of: Float.self) { $0[1] = 7 }
    #expect(changed.elements(of: Float.self) == [5, 2])
    #expect(changedResident.elements(of: Float.self) == [1, 7])
    #expect(wide.elements(of: Float.self) == [1, 2] && kept == wide)
    #expect(halves.elements(of: Float16.self) == [1, 2])
  }

  @Test func numbersComeFromWhoeverKeepsThem() {
    let wide = Tensor([1, 2] as [Float16], [2]).widened()
    let copy = wide.reshaped(to: [1, 2])
    #expect(wide.halves?.elements(of: Float16.self) == [1, 2])
    wide.recreate { target in for index in target.indices { target[index] = Float(index + 1) } }
    #expect(wide.halves == nil && copy.halves == nil)
    #expect(copy.elements(of: Float.self) == [1, 2])
  }

  @Test func numbersOnDemandAreMadeForEachNewReader() {
    let made = Mutex(0)
    let tensor = Tensor(onDemand: [3]) { target in
      made.withLock { $0 += 1 }
      for index in target.indices { target[index] = Float(index) }
    }
    #expect(made.withLock { $0 } == 0 && tensor.byteCount == 12)
    #expect(tensor.elements(of: Float.self) == [0, 1, 2])
    do {
      let reader = tensor.resident()
      #expect(tensor.elements(of: Float.self) == reader.elements(of: Float.self))
      #expect(made.withLock { $0 } == 2)
    }
    #expect(tensor.elements(of: Float.self) == [0, 1, 2])
    #expect(made.withLock { $0 } == 3)
  }

  @Test func readersShareOneWideCopy() {
    let wide = Tensor([1, 2] as [Float16], [2]).widened()
    let reader = wide.resident()
    let (first, second) = (
      reader.withBytes { $0.baseAddress }, wide.withBytes { $0.baseAddress }
    )
    #expect(first == second)
  }
}

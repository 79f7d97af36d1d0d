extension Tensor {
  /// The numbers of a float32 tensor as float16 where that loses nothing, `nil` otherwise.
  package func exactHalves() -> Tensor? {
    guard dtype == .float32 else { return nil }
    return withElements(of: Float.self) { source in
      var isExact = true
      let halves = Tensor(shape) { (target: UnsafeMutableBufferPointer<Float16>) in
        for index in source.indices {
          let half = Float16(source[index])
          target.initializeElement(at: index, to: half)
          // Not a number is unlike itself, and stays as it is.
          guard Float(half) == source[index] else {
            isExact = false
            target[index...].initialize(repeating: 0)
            return
          }
        }
      }
      return isExact ? halves : nil
    }
  }

  /// A float32 tensor with each number rounded to the nearest that float16 has (relative error at most 2^-11 from 2^-14 on).
  ///
  /// One with a number that float16 does not reach, 65,520 or more, is given back as it is, and so is one of another type.
  package func roundedToHalves() -> Tensor {
    guard dtype == .float32 else { return self }
    return withElements(of: Float.self) { source in
      let halves = source.map { Float16($0) }
      return halves.allSatisfy(\.isFinite) ? Tensor(halves.map { Float($0) }, shape) : self
    }
  }
}

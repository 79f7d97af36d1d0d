import CLinux

/// How many processors this process may run on.
package enum ProcessorCount {
  /// Those of its affinity mask, at least one.
  package static var available: Int {
    withUnsafeTemporaryAllocation(byteCount: maskByteCount, alignment: 8) { mask in
      mask.initializeMemory(as: UInt8.self, repeating: 0)
      guard martlet_sched_getaffinity(0, UInt(maskByteCount), mask.baseAddress) == 0 else {
        return 1
      }
      return max(1, mask.reduce(0) { $0 + $1.nonzeroBitCount })
    }
  }

  /// Room for 8192 processors.
  private static let maskByteCount = 1024
}

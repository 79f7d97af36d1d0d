import Glibc

/// What the process takes of the machine.
enum ProcessMetrics {
  /// Memory in use that is not swapped out, bytes; nil where /proc says nothing.
  static var residentBytes: Int? {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let text = String(unsafeUninitializedCapacity: 256) {
      max(0, read(descriptor, $0.baseAddress, 256))
    }
    // Total and resident size in pages, then more.
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }

  /// Time on processors of all threads since the start, seconds.
  static var cpuSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

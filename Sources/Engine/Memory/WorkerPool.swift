import CKernels

/// The threads that one session's kernels may use.
final class WorkerPool {
  /// `nil` for one thread: kernels then run inline.
  let handle: OpaquePointer?

  init(threads: Int) {
    handle = threads > 1 ? ck_pool_create(Int32(clamping: threads)) : nil
  }

  deinit { ck_pool_destroy(handle) }

  /// Lets the threads sleep until the next plan.
  func rest() { if handle != nil { ck_pool_rest(handle) } }
}

import CKernels

/// Working memory that the kernels keep for every thread that runs them.
package enum KernelScratch {
  /// Gives back what they keep for the calling thread, for one that computes now and then: loads models, or trains.
  package static func release() { ck_scratch_release() }
}

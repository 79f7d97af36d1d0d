import CKernels

/// The instruction set that the kernels use on this machine.
enum InstructionSet {
  /// `avx512`, `avx2`, `sse`, `neon` or `scalar`.
  static var name: String { String(cString: ck_isa_name(ck_isa_current())) }
}

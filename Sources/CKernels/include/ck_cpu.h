/// Which instruction set the kernels use.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Instruction sets in ascending order of width. `scalar` runs everywhere and is what tests compare with.
typedef enum ck_isa {
  CK_ISA_SCALAR = 0,
  CK_ISA_SSE = 1,     // x86-64 baseline, 4 lanes, no FMA
  CK_ISA_AVX2 = 2,    // AVX2 + FMA, 8 lanes
  CK_ISA_AVX512 = 3,  // AVX-512 F/VL/BW/DQ, 16 lanes
  CK_ISA_NEON = 4,    // arm64, 4 lanes
  CK_ISA_COUNT = 5,
} ck_isa;

/// The level in use: the best that the CPU has, or the one forced by the environment variable `MARTLET_ISA`
/// (`scalar|sse|avx2|avx512|neon`). An unknown name, or a level that this CPU lacks, ends the process with a
/// message and exit code 2 at the first call: a forced level never falls back silently.
ck_isa ck_isa_current(void);

/// True where this CPU (and operating system) can run `isa`.
bool ck_isa_supported(ck_isa isa);

/// Switches the level of the calling thread, and of the pool jobs that it starts; for tests and benchmarks. Returns false
/// and changes nothing where unsupported. Packed weights are only valid for the level they were packed at.
bool ck_isa_force(ck_isa isa);

/// "scalar", "sse", "avx2", "avx512" or "neon".
const char *ck_isa_name(ck_isa isa);

/// Measured FMA peak of one core, in FLOP/s, at level `isa` (a register-only FMA loop; about 50 ms).
double ck_measure_peak_flops(ck_isa isa);

/// Measured copy bandwidth of one core in bytes/s, counting bytes read plus bytes written, on buffers of
/// `bytes` each (`memcpy`-like streaming with ordinary stores; about 50 ms).
double ck_measure_copy_bandwidth(size_t bytes);

#pragma clang assume_nonnull end

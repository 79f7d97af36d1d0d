// Choice of a family's table by instruction set; a family includes it after each_isa.h.
#pragma once

#include "../include/ck_cpu.h"

// Defines `tables`, one pointer per level that this architecture compiles.
#if defined(__x86_64__)
#define CK_DEFINE_TABLES(type)                                                                 \
  static const type *const tables[CK_ISA_COUNT] = {&table_scalar, &table_sse, &table_avx2, &table_avx512}
#elif defined(__aarch64__)
#define CK_DEFINE_TABLES(type) \
  static const type *const tables[CK_ISA_COUNT] = {[CK_ISA_SCALAR] = &table_scalar, [CK_ISA_NEON] = &table_neon}
#else
#define CK_DEFINE_TABLES(type) static const type *const tables[CK_ISA_COUNT] = {&table_scalar}
#endif

// Elements below which a kernel is not worth a second thread.
enum { CK_PARALLEL_GRAIN = 32768 };

// The number of items of `size` elements each that make up one grain.
static inline int64_t ck_grain_of(int64_t size) {
  int64_t grain = CK_PARALLEL_GRAIN / (size < 1 ? 1 : size);
  return grain < 1 ? 1 : grain;
}

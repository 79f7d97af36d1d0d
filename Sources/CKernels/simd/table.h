// Tables of sixteen numbers that stay in registers; a template includes it once, after vector.h.
#ifndef CK_TABLE
#define CK_TABLE
enum { TABLE_ENTRIES = 16 };
typedef float ck_table[TABLE_ENTRIES];
#endif

#define vf_lookup NAME(ck_vf_lookup)

// table[index % 16] in every lane.
static inline __attribute__((always_inline, unused)) vf vf_lookup(const float *table, vi index) {
#if VL == 16 && defined(__x86_64__)
  return __builtin_ia32_permvarsf512(vf_load(table), index);
#elif VL == 8 && defined(__x86_64__)
  // Each half by the low three bits, then a choice by bit 3.
  vf low = __builtin_ia32_permvarsf256(vf_load(table), index);
  vf high = __builtin_ia32_permvarsf256(vf_load(table + 8), index);
  return vf_select((vi)((vu)index << 28) < 0, high, low);
#else
  vf y;
  for (int lane = 0; lane < VL; lane++) y[lane] = table[index[lane] & (TABLE_ENTRIES - 1)];
  return y;
#endif
}

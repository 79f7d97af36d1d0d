// Sums of the lanes of four vectors at once; included inside a template, after vector.h.
#define vf_sums NAME(ck_vf_sums)
#define vf_quarter NAME(ck_vf_quarter)

#ifndef CK_SUMS
#define CK_SUMS
typedef float ck_v4 __attribute__((vector_size(16)));
typedef float ck_v8 __attribute__((vector_size(32)));
#endif

#if VL > 1
// Folds a vector to four lanes, by halves.
static inline __attribute__((always_inline, unused)) ck_v4 vf_quarter(vf v) {
#if VL == 16
  const ck_v8 half = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                     __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
  return __builtin_shufflevector(half, half, 0, 1, 2, 3) + __builtin_shufflevector(half, half, 4, 5, 6, 7);
#elif VL == 8
  return __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
#else
  return v;
#endif
}
#endif

// to[i] = the sum of v[i], or to[i] + that sum.
static inline __attribute__((always_inline, unused)) void vf_sums(const vf v[4], bool add, float *to) {
#if VL == 1
  for (int i = 0; i < 4; i++) to[i] = add ? to[i] + v[i][0] : v[i][0];
#else
  const ck_v4 a = vf_quarter(v[0]), b = vf_quarter(v[1]), c = vf_quarter(v[2]), d = vf_quarter(v[3]);
  const ck_v4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const ck_v4 cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
  ck_v4 sums = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  if (add) {
    ck_v4 old;
    __builtin_memcpy(&old, to, sizeof old);
    sums += old;
  }
  __builtin_memcpy(to, &sums, sizeof sums);
#endif
}

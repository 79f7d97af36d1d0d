// The sum of a vector's lanes, by halves; included inside a template, after vector.h.
#define vf_sum NAME(ck_vf_sum)

static inline __attribute__((always_inline, unused)) float vf_sum(vf v) {
#if VL == 1
  return v[0];
#else
  typedef float v4 __attribute__((vector_size(16)));
#if VL == 16
  typedef float v8 __attribute__((vector_size(32)));
  const v8 half = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) + __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
  const v4 quad = __builtin_shufflevector(half, half, 0, 1, 2, 3) + __builtin_shufflevector(half, half, 4, 5, 6, 7);
#elif VL == 8
  const v4 quad = __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
#else
  const v4 quad = v;
#endif
  const v4 pair = quad + __builtin_shufflevector(quad, quad, 2, 3, 0, 1);
  return pair[0] + pair[1];
#endif
}

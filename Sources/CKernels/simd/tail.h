// Loads and stores of fewer than VL elements; a template includes it once, after vector.h.
//
// Tails go through whole vectors, so that an element's result does not depend on where in the array it lies.
#define vf_load_part NAME(ck_vf_load_part)
#define vf_store_part NAME(ck_vf_store_part)

// The first `count` < VL lanes from p, `fill` in the others.
static inline __attribute__((always_inline, unused)) vf vf_load_part(const float *p, int64_t count, float fill) {
#if VL == 16 && defined(__x86_64__)
  return __builtin_ia32_loadups512_mask(p, vf_set(fill), (uint16_t)((1u << count) - 1));
#else
  float lanes[VL];
  vf_store(lanes, vf_set(fill));
  for (int piece = VL / 2; piece > 0; piece /= 2) {
    if (!(count & piece)) continue;
    int64_t begin = count & ~(2 * (int64_t)piece - 1);
    __builtin_memcpy(lanes + begin, p + begin, (size_t)piece * sizeof *p);
  }
  return vf_load(lanes);
#endif
}

static inline __attribute__((always_inline, unused)) void vf_store_part(float *p, vf v, int64_t count) {
#if VL == 16 && defined(__x86_64__)
  __builtin_ia32_storeups512_mask(p, v, (uint16_t)((1u << count) - 1));
#else
  float lanes[VL];
  vf_store(lanes, v);
  for (int piece = VL / 2; piece > 0; piece /= 2) {
    if (!(count & piece)) continue;
    int64_t begin = count & ~(2 * (int64_t)piece - 1);
    __builtin_memcpy(p + begin, lanes + begin, (size_t)piece * sizeof *p);
  }
#endif
}

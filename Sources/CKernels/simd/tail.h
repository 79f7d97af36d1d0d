// Loads and stores of fewer than VL elements; a template includes it once, after vector.h.
//
// Tails go through whole vectors, so that an element's result does not depend on where in the array it lies.
#define vf_load_part NAME(ck_vf_load_part)
#define vf_store_part NAME(ck_vf_store_part)

// The first `count` < VL lanes from p, `fill` in the others.
static inline __attribute__((always_inline, unused)) vf vf_load_part(const float *p, int64_t count, float fill) {
  vf v = vf_set(fill);
  for (int lane = 0; lane < VL; lane++) {
    if (lane < count) v[lane] = p[lane];
  }
  return v;
}

static inline __attribute__((always_inline, unused)) void vf_store_part(float *p, vf v, int64_t count) {
  for (int lane = 0; lane < VL; lane++) {
    if (lane < count) p[lane] = v[lane];
  }
}

// The vector types and basic operations of one instruction set; included by each_isa.h once per level.
//
// `vf` is VL floats, `vi` VL 32-bit integers (a comparison of `vf` gives `vi` masks of 0 or -1).
#define vf NAME(ck_vf)
#define vi NAME(ck_vi)
#define vu NAME(ck_vu)

typedef float vf __attribute__((vector_size(VL * 4)));
typedef int32_t vi __attribute__((vector_size(VL * 4)));
typedef uint32_t vu __attribute__((vector_size(VL * 4)));

#define vf_load NAME(ck_vf_load)
#define vf_store NAME(ck_vf_store)
#define vf_set NAME(ck_vf_set)
#define vf_fma NAME(ck_vf_fma)
#define vf_select NAME(ck_vf_select)

// Unaligned loads and stores.
static inline __attribute__((always_inline, unused)) vf vf_load(const float *p) {
  vf v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

static inline __attribute__((always_inline, unused)) void vf_store(float *p, vf v) {
  __builtin_memcpy(p, &v, sizeof v);
}

static inline __attribute__((always_inline, unused)) vf vf_set(float x) { return x - (vf){}; }

// a * b + c: fused where the level has it, rounded twice elsewhere.
static inline __attribute__((always_inline, unused)) vf vf_fma(vf a, vf b, vf c) {
#if CK_FMA
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}

// mask lanes are 0 or -1.
static inline __attribute__((always_inline, unused)) vf vf_select(vi mask, vf yes, vf no) {
  return (vf)((mask & (vi)yes) | (~mask & (vi)no));
}

// Loads and stores of the first `lanes` lanes of a vector; included inside a template, after vector.h. Lanes that are not
// loaded are 0; memory behind the last lane is never touched.
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define vf_load_partial NAME(ck_vf_load_partial)
#define vf_store_partial NAME(ck_vf_store_partial)

static inline __attribute__((always_inline, unused)) vf vf_load_partial(const float *p, int64_t lanes) {
#if defined(__x86_64__) && VL == 16
  return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << lanes) - 1u), p);
#elif defined(__x86_64__) && VL == 8
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return (vf)_mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32((int)lanes), lane));
#else
  vf v = vf_set(0);
  for (int64_t i = 0; i < lanes; i++) v[i] = p[i];
  return v;
#endif
}

static inline __attribute__((always_inline, unused)) void vf_store_partial(float *p, vf v, int64_t lanes) {
#if defined(__x86_64__) && VL == 16
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << lanes) - 1u), (__m512)v);
#elif defined(__x86_64__) && VL == 8
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  _mm256_maskstore_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32((int)lanes), lane), (__m256)v);
#else
  for (int64_t i = 0; i < lanes; i++) p[i] = v[i];
#endif
}

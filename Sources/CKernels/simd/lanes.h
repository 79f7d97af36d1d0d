// Sums whose value does not depend on the vector length; a template includes it once, after math.h and tail.h.
//
// Element i of a block of SUM_BLOCK goes to partial sum i % LANES; the partial sums are folded in halves (j with j + 32, then
// j + 16, ...), and blocks are added in double. Every instruction set does exactly this, so those with a fused multiply-add agree
// to the last bit, and a long sum is as accurate as a short one.
#ifndef CK_LANES
#define CK_LANES
enum { LANES = 64, SUM_BLOCK = 4096 };

// What is summed: a function of x[i], the array z and the number `shift`. A lane without an element adds 0.
typedef enum ck_term {
  TERM_VALUE,              // x
  TERM_SQUARE,             // x^2
  TERM_ABSOLUTE,           // |x|
  TERM_SQUARED_DEVIATION,  // (x - shift)^2
  TERM_EXP,                // e^(x - shift)
  TERM_PRODUCT,            // x z
  TERM_PRODUCT_DEVIATION,  // (x - shift) z
} ck_term;
#endif

#define lane_accumulators NAME(ck_lane_accumulators)
#define fold_vector NAME(ck_fold_vector)
#define vf_larger NAME(ck_vf_larger)
#define fold_maximum NAME(ck_fold_maximum)
#define fold_maxima NAME(ck_fold_maxima)
#define fold_lanes NAME(ck_fold_lanes)
#define add_term NAME(ck_add_term)
#define lane_sum NAME(ck_lane_sum)
#define lane_maximum NAME(ck_lane_maximum)
#define ACCUMULATORS (LANES / VL)

#define LANE_FUNCTION static inline __attribute__((always_inline, unused))

// A vector with its lanes rotated down, so that lane j meets lane j + half.
#if VL == 16
#define ROTATED_8(v) __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
#define ROTATED_4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3)
#define ROTATED_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
#define ROTATED_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#elif VL == 8
#define ROTATED_4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3)
#define ROTATED_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5)
#define ROTATED_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6)
#elif VL == 4
#define ROTATED_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1)
#define ROTATED_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2)
#endif

// Sum of a vector's lanes in the folding order.
LANE_FUNCTION float fold_vector(vf v) {
#if VL >= 16
  v += ROTATED_8(v);
#endif
#if VL >= 8
  v += ROTATED_4(v);
#endif
#if VL >= 4
  v += ROTATED_2(v);
  v += ROTATED_1(v);
#endif
  return v[0];
}

// The larger; b where NaN is involved (one x86 max).
LANE_FUNCTION vf vf_larger(vf a, vf b) { return vf_select(a > b, a, b); }

// Largest lane; where NaN is involved, any.
LANE_FUNCTION float fold_maximum(vf v) {
#if VL >= 16
  v = vf_larger(v, ROTATED_8(v));
#endif
#if VL >= 8
  v = vf_larger(v, ROTATED_4(v));
#endif
#if VL >= 4
  v = vf_larger(v, ROTATED_2(v));
  v = vf_larger(v, ROTATED_1(v));
#endif
  return v[0];
}

#undef ROTATED_8
#undef ROTATED_4
#undef ROTATED_2
#undef ROTATED_1

// Sum of all partial sums; destroys them.
LANE_FUNCTION float fold_lanes(vf *partial) {
  for (int half = ACCUMULATORS / 2; half > 0; half /= 2) {
    for (int k = 0; k < half; k++) partial[k] += partial[k + half];
  }
  return fold_vector(partial[0]);
}

LANE_FUNCTION vf add_term(ck_term term, vf partial, vf x, vf z, float shift) {
  switch (term) {
    case TERM_VALUE: return partial + x;
    case TERM_SQUARE: return vf_fma(x, x, partial);
    case TERM_ABSOLUTE: return partial + vf_abs(x);
    case TERM_SQUARED_DEVIATION: return vf_fma(x - shift, x - shift, partial);
    case TERM_EXP: return partial + vf_exp(x - shift);
    case TERM_PRODUCT: return vf_fma(x, z, partial);
    case TERM_PRODUCT_DEVIATION: return vf_fma(x - shift, z, partial);
  }
  __builtin_unreachable();
}

// Sum of a term over arrays; `term` is a constant wherever this is inlined. z is only read by the product terms.
LANE_FUNCTION double lane_sum(ck_term term, int64_t count, const float *x, const float *z, float shift) {
  bool reads_z = term == TERM_PRODUCT || term == TERM_PRODUCT_DEVIATION;
  float filler = term == TERM_SQUARED_DEVIATION ? shift : term == TERM_EXP ? -INFINITY : 0.0f;
  double total = 0;
  for (int64_t begin = 0; begin < count; begin += SUM_BLOCK) {
    int64_t end = count - begin < SUM_BLOCK ? count : begin + SUM_BLOCK, i = begin;
    vf partial[ACCUMULATORS] = {0};
    for (; i + LANES <= end; i += LANES) {
      for (int k = 0; k < ACCUMULATORS; k++) {
        vf other = reads_z ? vf_load(z + i + k * VL) : vf_set(0.0f);
        partial[k] = add_term(term, partial[k], vf_load(x + i + k * VL), other, shift);
      }
    }
    for (int k = 0; i < end; k++, i += VL) {
      if (end - i >= VL) {
        vf other = reads_z ? vf_load(z + i) : vf_set(0.0f);
        partial[k] = add_term(term, partial[k], vf_load(x + i), other, shift);
      } else {
        vf other = reads_z ? vf_load_part(z + i, end - i, 0.0f) : vf_set(0.0f);
        partial[k] = add_term(term, partial[k], vf_load_part(x + i, end - i, filler), other, shift);
      }
    }
    total += fold_lanes(partial);
  }
  return total;
}

// The largest lane of all; destroys them.
LANE_FUNCTION float fold_maxima(vf *partial) {
  for (int half = ACCUMULATORS / 2; half > 0; half /= 2) {
    for (int k = 0; k < half; k++) partial[k] = vf_larger(partial[k], partial[k + half]);
  }
  return fold_maximum(partial[0]);
}

// Largest element, for shifting exponentials: a NaN may or may not be seen (it reaches the sum anyway). -infinity if empty.
LANE_FUNCTION float lane_maximum(int64_t count, const float *x) {
  vf partial[ACCUMULATORS];
  for (int k = 0; k < ACCUMULATORS; k++) partial[k] = vf_set(-INFINITY);
  int64_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (int k = 0; k < ACCUMULATORS; k++) partial[k] = vf_larger(vf_load(x + i + k * VL), partial[k]);
  }
  for (int k = 0; i < count; k++, i += VL) {
    vf v = count - i >= VL ? vf_load(x + i) : vf_load_part(x + i, count - i, -INFINITY);
    partial[k] = vf_larger(v, partial[k]);
  }
  return fold_maxima(partial);
}

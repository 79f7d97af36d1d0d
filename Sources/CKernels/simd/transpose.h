// Transposition in registers at one instruction set; a template includes it once, after vector.h.
//
// Neighbouring rows exchange single elements, then pairs, inside blocks of 4 lanes; then whole blocks change places.
#define vf_transpose NAME(ck_vf_transpose)

#if VL == 16
#define SHUFFLE(a, b, s0, s1, s2, s3)                                                                                   \
  __builtin_shufflevector(a, b, s0, s1, s2, s3, s0 + 4, s1 + 4, s2 + 4, s3 + 4, s0 + 8, s1 + 8, s2 + 8, s3 + 8, s0 + 12, \
                          s1 + 12, s2 + 12, s3 + 12)
#define BLOCK_OF(l) (l) * 4, (l) * 4 + 1, (l) * 4 + 2, (l) * 4 + 3
#define BLOCKS(a, b, first) \
  __builtin_shufflevector(a, b, BLOCK_OF(first), BLOCK_OF(first + 2), BLOCK_OF(first + 4), BLOCK_OF(first + 6))
#elif VL == 8
#define SHUFFLE(a, b, s0, s1, s2, s3) __builtin_shufflevector(a, b, s0, s1, s2, s3, s0 + 4, s1 + 4, s2 + 4, s3 + 4)
#elif VL == 4
#define SHUFFLE(a, b, s0, s1, s2, s3) __builtin_shufflevector(a, b, s0, s1, s2, s3)
#endif

// Lane j of rows[i] changes places with lane i of rows[j].
static inline __attribute__((always_inline, unused)) void vf_transpose(vf *rows) {
#if VL >= 4
#pragma clang loop unroll(full)
  for (int i = 0; i < VL; i += 4) {
    vf a = rows[i], b = rows[i + 1], c = rows[i + 2], d = rows[i + 3];
    vf ab = SHUFFLE(a, b, 0, VL, 1, VL + 1), ab_high = SHUFFLE(a, b, 2, VL + 2, 3, VL + 3);
    vf cd = SHUFFLE(c, d, 0, VL, 1, VL + 1), cd_high = SHUFFLE(c, d, 2, VL + 2, 3, VL + 3);
    rows[i] = SHUFFLE(ab, cd, 0, 1, VL, VL + 1);
    rows[i + 1] = SHUFFLE(ab, cd, 2, 3, VL + 2, VL + 3);
    rows[i + 2] = SHUFFLE(ab_high, cd_high, 0, 1, VL, VL + 1);
    rows[i + 3] = SHUFFLE(ab_high, cd_high, 2, 3, VL + 2, VL + 3);
  }
#endif
#if VL == 8
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    vf low = rows[i], high = rows[i + 4];
    rows[i] = __builtin_shufflevector(low, high, 0, 1, 2, 3, 8, 9, 10, 11);
    rows[i + 4] = __builtin_shufflevector(low, high, 4, 5, 6, 7, 12, 13, 14, 15);
  }
#elif VL == 16
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    vf even = BLOCKS(rows[i], rows[i + 4], 0), odd = BLOCKS(rows[i], rows[i + 4], 1);
    vf later_even = BLOCKS(rows[i + 8], rows[i + 12], 0), later_odd = BLOCKS(rows[i + 8], rows[i + 12], 1);
    rows[i] = BLOCKS(even, later_even, 0);
    rows[i + 4] = BLOCKS(odd, later_odd, 0);
    rows[i + 8] = BLOCKS(even, later_even, 1);
    rows[i + 12] = BLOCKS(odd, later_odd, 1);
  }
#elif VL == 1
  (void)rows;
#endif
}

#undef SHUFFLE
#undef BLOCK_OF
#undef BLOCKS

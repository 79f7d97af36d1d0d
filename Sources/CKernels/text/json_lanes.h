// Eight JSON numbers at a time with AVX-512: each in a lane of 16 bytes, or of 32 where one of them is long.
//
// A lane starts at the byte in front of a number's first digit: a minus, or what separates it from the number before. A
// mask of a vector's 64 bytes thus has a field of 16 or 32 bits for each lane, and additions of such masks find ends of
// digits in all fields at once: they carry through a run of ones and stop at the first zero.
#pragma once

#include <immintrin.h>
#include <stdint.h>

#define AVX512 __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,bmi,bmi2,popcnt")))
#define AVX512_INLINE static inline AVX512 __attribute__((always_inline))

// Bytes behind a number's first digit that its lane may touch.
enum { LANE_REACH = 32 };

// What the lanes of a vector hold.
typedef struct lanes {
  // The digits as 0 to 9, without the point, from byte 1 of each lane on; zero elsewhere.
  __m512i digits;
  // One bit a lane: the first byte behind the digits in front of the point.
  uint64_t whole_end;
  // Bits in the fields of lanes that hold no `d.d`, `.d` or `d` with a comma behind it.
  uint64_t bad;
} lanes;

// A mask that stays in a general register: LLVM would pair the masks of two vectors in a third, and move them to and fro.
AVX512_INLINE uint64_t scalar(uint64_t mask) {
  __asm__("" : "+r"(mask));
  return mask;
}

// Reads the lanes of `width` bytes in `text`; `next` is the text one byte further on.
AVX512_INLINE lanes read_lanes(__m512i text, __m512i next, int width) {
  const uint64_t first = width == 16 ? 0x0002000200020002 : 0x0000000200000002;
  const uint64_t last = first << (width - 2);
  const __m512i zero = _mm512_set1_epi8('0');
  __m512i digits = _mm512_sub_epi8(text, zero);
  uint64_t commas = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(','));
  uint64_t points = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('.')) & ~last;
  // Without the last byte, so that no addition carries into the next field; there a number may end, with a comma.
  uint64_t whole = _mm512_cmple_epu8_mask(digits, _mm512_set1_epi8(9)) & ~(last | first >> 1);
  lanes result;
  uint64_t sum = whole + first;
  result.whole_end = scalar(sum & ~whole);
  uint64_t point = result.whole_end & points;
  uint64_t with_point = whole | point;
  uint64_t sum_with_point = with_point + first;
  uint64_t end = sum_with_point & ~with_point;
  whole = scalar(whole & ~sum);
  with_point = scalar(with_point & ~sum_with_point);
  // Something else behind it, or no digit behind the point.
  result.bad = scalar((end & ~commas) | (point << 1 & end));
  // Digits behind the point move next to those in front of it.
  result.digits = _mm512_maskz_sub_epi8((with_point ^ whole) >> 1, next, zero);
  result.digits = _mm512_mask_mov_epi8(result.digits, whole, digits);
  return result;
}

// The numbers that the 16 digits in each 128 bits of two vectors spell: of `a` and `b` in turn.
AVX512_INLINE __m512i sixteen_digits(__m512i a, __m512i b) {
  // Neighbours become pairs, pairs fours, fours eights, and those sixteens.
  const __m512i tens = _mm512_set1_epi16(0x010A), hundreds = _mm512_set1_epi32(0x00010064);
  __m512i fours = _mm512_packus_epi32(_mm512_madd_epi16(_mm512_maddubs_epi16(a, tens), hundreds),
                                      _mm512_madd_epi16(_mm512_maddubs_epi16(b, tens), hundreds));
  __m512i eights = _mm512_madd_epi16(fours, _mm512_set1_epi32(0x00012710));
  return _mm512_add_epi64(_mm512_mul_epu32(eights, _mm512_set1_epi64(100000000)), _mm512_srli_epi64(eights, 32));
}

// Eight numbers: their digits as whole numbers times the power of ten in `low` and `high` that whole_end, 2^2 to 2^15,
// chooses; negative where the byte `before` is a minus. One whose first digit is not 0 is `unit` or more. Stores eight
// values; returns a mask of those that may be wrong.
AVX512_INLINE uint32_t scale_numbers(__m512d number, __m512d whole_end, __m512d low, __m512d high, double unit,
                                     __m512i before, float *values) {
  const __m512d one_digit = _mm512_set1_pd(4);
  __mmask8 empty = _mm512_cmp_pd_mask(whole_end, one_digit, _CMP_LT_OQ);
  __mmask8 zero_first = _mm512_cmp_pd_mask(number, _mm512_set1_pd(unit), _CMP_LT_OQ);
  __mmask8 zero_and_more = _mm512_mask_cmp_pd_mask(zero_first, whole_end, one_digit, _CMP_GT_OQ);
  // The exponent field of 2^k is 1023 + k: its low four bits, k - 1, are the index.
  __m512i index = _mm512_srli_epi64(_mm512_castpd_si512(whole_end), 52);
  // The roundings of number, scale and product add up to less than 4 ulp. Rounding again to float is right unless the
  // middle between two floats is that near.
  __m512d result = _mm512_mul_pd(number, _mm512_permutex2var_pd(low, index, high));
  __m512i rest = _mm512_and_si512(_mm512_castpd_si512(result), _mm512_set1_epi64(0x1FFFFFFF));
  __mmask8 doubtful = _mm512_cmple_epu64_mask(_mm512_sub_epi64(rest, _mm512_set1_epi64(0x0FFFFFFC)), _mm512_set1_epi64(8));
  before = _mm512_and_si512(before, _mm512_set1_epi64(0xFF));
  __mmask8 negative = _mm512_cmpeq_epi64_mask(before, _mm512_set1_epi64('-'));
  __m256i magnitudes = _mm256_castps_si256(_mm512_cvtpd_ps(result));
  __m256i signs = _mm256_set1_epi32(INT32_MIN);
  _mm256_storeu_si256((__m256i *)values, _mm256_mask_or_epi32(magnitudes, negative, magnitudes, signs));
  return (uint32_t)(doubtful | empty | zero_and_more);
}

// Four bytes runs of 16 as one vector.
AVX512_INLINE __m512i load_four(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d) {
  __m512i four = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)a));
  four = _mm512_inserti32x4(four, _mm_loadu_si128((const __m128i *)b), 1);
  four = _mm512_inserti32x4(four, _mm_loadu_si128((const __m128i *)c), 2);
  return _mm512_inserti32x4(four, _mm_loadu_si128((const __m128i *)d), 3);
}

static inline uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

// Reads numbers of up to 14 characters whose first digits are at `starts`. Stores eight values; returns how many, from the
// first on, are right.
AVX512_INLINE int64_t eight_short_numbers(const uint8_t *const *starts, float *values) {
  __m512i even_text = load_four(starts[0] - 1, starts[2] - 1, starts[4] - 1, starts[6] - 1);
  __m512i odd_text = load_four(starts[1] - 1, starts[3] - 1, starts[5] - 1, starts[7] - 1);
  lanes even = read_lanes(even_text, _mm512_bsrli_epi128(even_text, 1), 16);
  lanes odd = read_lanes(odd_text, _mm512_bsrli_epi128(odd_text, 1), 16);
  __m128i whole_ends = _mm_unpacklo_epi16(_mm_cvtsi64_si128((int64_t)even.whole_end),
                                          _mm_cvtsi64_si128((int64_t)odd.whole_end));
  // Byte 1 is worth 10^14 among sixteen digits, and 10^(k - 2) where the whole part ends at byte k.
  uint32_t doubtful = scale_numbers(_mm512_cvtepi64_pd(sixteen_digits(even.digits, odd.digits)),
                                    _mm512_cvtepi64_pd(_mm512_cvtepu16_epi64(whole_ends)),
                                    _mm512_setr_pd(0, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8),
                                    _mm512_setr_pd(1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 0), 1e14,
                                    _mm512_unpacklo_epi64(even_text, odd_text), values);
  // Known without waiting for the numbers, so that those behind them are read meanwhile.
  if (__builtin_expect((even.bad | odd.bad | doubtful) == 0, 1)) return 8;
  uint64_t good = _tzcnt_u32(doubtful | 256);
  good = smaller(good, _tzcnt_u64(even.bad) / 16 * 2);
  return (int64_t)smaller(good, _tzcnt_u64(odd.bad) / 16 * 2 + 1);
}

// The same for numbers of up to 30 characters, 13 of them in front of the point.
AVX512_INLINE int64_t eight_long_numbers(const uint8_t *const *starts, float *values) {
  __m512i text[4];
  lanes part[4];
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    const uint8_t *a = starts[i] - 1, *b = starts[i + 4] - 1;
    text[i] = load_four(a, a + 16, b, b + 16);
    part[i] = read_lanes(text[i], load_four(a + 1, a + 17, b + 1, b + 17), 32);
    part[i].bad |= part[i].whole_end & 0xFFFF0000FFFF0000;
  }
  // Of vectors in the order 0 1 _ _ 4 5 _ _ and 2 3 _ _ 6 7 _ _ of numbers, and of what stands in their gaps.
  const __m512i order = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13), gaps = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
  __m512i front = sixteen_digits(part[0].digits, part[1].digits), back = sixteen_digits(part[2].digits, part[3].digits);
  __m512d high = _mm512_cvtepi64_pd(_mm512_permutex2var_epi64(front, order, back));
  __m512d low = _mm512_cvtepi64_pd(_mm512_permutex2var_epi64(front, gaps, back));
  __m512i before = _mm512_permutex2var_epi64(_mm512_unpacklo_epi64(text[0], text[1]), order,
                                             _mm512_unpacklo_epi64(text[2], text[3]));
  __m256i whole_ends = _mm256_setr_epi64x((int64_t)part[0].whole_end, (int64_t)part[1].whole_end,
                                          (int64_t)part[2].whole_end, (int64_t)part[3].whole_end);
  whole_ends = _mm256_permutevar8x32_epi32(whole_ends, _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
  // Byte 1 is worth 10^30 among 32 digits.
  uint32_t doubtful = scale_numbers(_mm512_fmadd_pd(high, _mm512_set1_pd(1e16), low), _mm512_cvtepu32_pd(whole_ends),
                                    _mm512_setr_pd(0, 1e-30, 1e-29, 1e-28, 1e-27, 1e-26, 1e-25, 1e-24),
                                    _mm512_setr_pd(1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 0), 1e30,
                                    before, values);
  if (__builtin_expect((part[0].bad | part[1].bad | part[2].bad | part[3].bad | doubtful) == 0, 1)) return 8;
  uint64_t good = _tzcnt_u32(doubtful | 256);
  for (uint64_t i = 0; i < 4; i++) good = smaller(good, _tzcnt_u64(part[i].bad) / 32 * 4 + i);
  return (int64_t)good;
}

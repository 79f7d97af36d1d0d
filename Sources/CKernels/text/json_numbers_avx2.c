// Runs of JSON numbers with AVX2: one number at a time, its digits in one vector.
#include "json_numbers.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2,bmi,bmi2")))

static const double powers_of_ten[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,
                                       1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
static const uint64_t whole_powers_of_ten[] = {1ull,
                                               10ull,
                                               100ull,
                                               1000ull,
                                               10000ull,
                                               100000ull,
                                               1000000ull,
                                               10000000ull,
                                               100000000ull,
                                               1000000000ull,
                                               10000000000ull,
                                               100000000000ull,
                                               1000000000000ull,
                                               10000000000000ull,
                                               100000000000000ull,
                                               1000000000000000ull,
                                               10000000000000000ull,
                                               100000000000000000ull,
                                               1000000000000000000ull};

// 16 bytes from `16 - n` on are -1 in the last n lanes: keeps the digits of a number that ends at a load's end.
static const int8_t last_lanes[32] = {0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
                                      -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

// The number that the last n (0 to 16) of the 16 characters before `end` spell; false where one is no digit.
static inline AVX2 __attribute__((always_inline)) int digits_before(const uint8_t *end, int64_t n,
                                                                    uint64_t *number) {
  __m128i kept = _mm_loadu_si128((const __m128i *)(last_lanes + n));
  __m128i digits = _mm_and_si128(
      _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(end - 16)), _mm_set1_epi8('0')), kept);
  __m128i valid = _mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits);
  // Neighbours become pairs, pairs fours, fours eights.
  __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(0x010A));
  __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00010064));
  __m128i packed = _mm_packus_epi32(fours, fours);
  uint64_t eights = (uint64_t)_mm_cvtsi128_si64(_mm_madd_epi16(packed, _mm_set1_epi32(0x00012710)));
  *number = (eights & 0xFFFFFFFF) * 100000000 + (eights >> 32);
  return _mm_movemask_epi8(valid) == 0xFFFF;
}

// The number in start..<end; 0 where it has another form or needs more care.
static inline AVX2 __attribute__((always_inline)) int one_number(const uint8_t *start, const uint8_t *end,
                                                                 float *value) {
  uint32_t sign = *start == '-';
  start += sign;
  uint32_t lead = (uint32_t)*start - '0';
  if (lead > 9) return 0;
  uint64_t number;
  double result;
  if (start[1] == '.') {
    int64_t n = end - start - 2;
    if (n < 1 || n > 18) return 0;
    if (n <= 16) {
      if (!digits_before(end, n, &number)) return 0;
    } else {
      // The two or fewer digits in front of the last sixteen.
      uint64_t front = 0;
      for (int64_t i = 0; i < n - 16; i++) {
        uint32_t digit = (uint32_t)start[2 + i] - '0';
        if (digit > 9) return 0;
        front = front * 10 + digit;
      }
      if (!digits_before(end, 16, &number)) return 0;
      number += front * whole_powers_of_ten[16];
    }
    number += lead * whole_powers_of_ten[n];
    // At most 1 ulp off in double: rounding again to float is right unless the middle between two floats is that near.
    result = (double)number / powers_of_ten[n];
    uint64_t bits;
    memcpy(&bits, &result, 8);
    if ((bits & 0x1FFFFFFF) - 0x0FFFFFFE <= 4) return 0;
  } else {
    int64_t n = end - start;
    if (n > 8 || (n > 1 && lead == 0) || !digits_before(end, n, &number)) return 0;
    result = (double)number;  // exact, and rounded once below
  }
  float magnitude = (float)result;
  uint32_t bits;
  memcpy(&bits, &magnitude, 4);
  bits |= sign << 31;
  memcpy(value, &bits, 4);
  return 1;
}

AVX2 int64_t json_numbers_avx2(const uint8_t *text, int64_t length, int64_t *offset, int64_t capacity,
                               float *values) {
  const uint8_t *start = text + *offset;
  const uint8_t *block = start;
  const uint8_t *const end = text + length;
  int64_t count = 0;
  // A block's commas are found at once, so that the numbers between them do not wait for each other. 64 for the block, 1 for
  // the space behind its last comma.
  while (end - block >= 65) {
    __m256i low = _mm256_loadu_si256((const __m256i *)block);
    __m256i high = _mm256_loadu_si256((const __m256i *)(block + 32));
    __m256i comma = _mm256_set1_epi8(',');
    uint64_t commas = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, comma)) |
                      (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, comma)) << 32;
    while (commas != 0) {
      const uint8_t *stop = block + __builtin_ctzll(commas);
      commas &= commas - 1;
      if (count == capacity || stop <= start || stop - text < 16 || !one_number(start, stop, values + count)) {
        goto done;
      }
      count++;
      start = stop + 1;
      start += *start == ' ';
    }
    block += 64;
  }
done:
  *offset = start - text;
  return count;
}
#endif

// Runs of JSON numbers with AVX-512: first where they start, from masks of 64 characters, then eight at a time.
#include "json_numbers.h"

#if defined(__x86_64__)
#include "json_lanes.h"

#include <string.h>

#define VBMI2 __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx512vbmi2,avx2,fma,bmi,bmi2,popcnt")))

// Numbers found before they are read: many, as where either loop ends cannot be predicted; few at first, as most of them
// are found in vain where the next number with an exponent is near.
enum { NUMBERS_FOUND_FIRST = 8, NUMBERS_FOUND = 256 };
// Places for them, the number behind them, what a block of 64 characters adds at most, and a group that is written whole.
enum { STARTS_MAX = NUMBERS_FOUND + 1 + 64 + 8 };

// Where a search for numbers is.
typedef struct search {
  const uint8_t *block;   // the next characters
  const uint8_t *end;     // of the text
  uint64_t is_separated;  // 1 where a comma and nothing but space stand in front of `block`
  uint64_t is_negative;   // 1 where a minus does
  int64_t enough;         // numbers to find before they are read
  int is_over;            // where the array has ended
} search;

// Whether to look at another block, `count` starts being known.
AVX512_INLINE int goes_on(const search *search, int64_t count) {
  return count <= search->enough && !search->is_over && search->end - search->block >= 64 + LANE_REACH;
}

// A bit for each character of the next block that is the first digit of a number behind a comma.
AVX512_INLINE uint64_t starts_in_block(search *search) {
  __m512i text = _mm512_loadu_si512(search->block);
  uint64_t commas = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(','));
  uint64_t brackets = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(']'));
  uint64_t minus = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('-'));
  // Space is what its low four bits find in this table: itself.
  const __m512i space_by_low_bits =
      _mm512_broadcast_i32x4(_mm_setr_epi8(' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0));
  uint64_t spaces = _mm512_cmpeq_epi8_mask(text, _mm512_shuffle_epi8(space_by_low_bits, text));
  // Behind each comma: adding one there carries through the ones of space to what follows it.
  uint64_t behind = commas << 1 | search->is_separated;
  unsigned long long behind_space;
  uint64_t carry = __builtin_uaddll_overflow(behind & spaces, spaces, &behind_space);
  uint64_t found = (behind | behind_space) & ~spaces;
  search->is_separated = commas >> 63 | carry;
  // And behind one minus.
  uint64_t negative = found & minus;
  found = (found ^ negative) | negative << 1 | search->is_negative;
  search->is_negative = negative >> 63;
  if (brackets != 0) {
    found &= brackets ^ (brackets - 1);
    search->is_over = 1;
  }
  search->block += 64;
  return found;
}

// Adds where numbers start to `count` places that are known, until there are many or the array or the text ends; returns
// how many there are then.
static AVX512 int64_t find_starts(search *search, const uint8_t **starts, int64_t count) {
  while (goes_on(search, count)) {
    const uint8_t *block = search->block;
    uint64_t found = starts_in_block(search);
    int64_t added = (int64_t)_mm_popcnt_u64(found);
    // Eight at a time, wanted or not: how many a block has cannot be predicted.
    for (int64_t i = 0; i < added; i += 8) {
      for (int64_t j = 0; j < 8; j++) {
        starts[count + i + j] = block + _tzcnt_u64(found);
        found &= found - 1;
      }
    }
    count += added;
  }
  return count;
}

// The same where the processor can gather the numbers of a mask's bits in one step (VBMI2).
static VBMI2 int64_t find_starts_vbmi2(search *search, const uint8_t **starts, int64_t count) {
  static const uint8_t bytes[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
                                    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
  while (goes_on(search, count)) {
    __m512i block = _mm512_set1_epi64((int64_t)search->block);
    uint64_t found = starts_in_block(search);
    int64_t added = (int64_t)_mm_popcnt_u64(found);
    __m512i offsets = _mm512_maskz_compress_epi8(found, _mm512_loadu_si512(bytes));
    for (int64_t i = 0; i < added; i += 8) {
      __m512i eight = _mm512_cvtepu8_epi64(_mm512_castsi512_si128(offsets));
      _mm512_storeu_si512(starts + count + i, _mm512_add_epi64(block, eight));
      offsets = _mm512_maskz_alignr_epi64(0x7F, offsets, offsets, 1);
    }
    count += added;
  }
  return count;
}

// Reads eight numbers; returns how many, from the first on, could be read. `is_long` is whether there was a long number:
// then others will follow.
AVX512_INLINE int64_t eight_numbers(const uint8_t *const *starts, float *values, int *is_long) {
  if (!*is_long) {
    if (eight_short_numbers(starts, values) == 8) return 8;
    *is_long = 1;
  }
  return eight_long_numbers(starts, values);
}

// Where the number with that first digit begins: at its minus.
static inline const uint8_t *beginning(const uint8_t *start) { return start - (start[-1] == '-'); }

// Reads `count` numbers, fewer than eight, together with others that are of no interest.
AVX512_INLINE int64_t few_numbers(const uint8_t *const *starts, int64_t count, float *values, int *is_long) {
  static const uint8_t filler[1 + LANE_REACH + 1] = ",0,";
  const uint8_t *padded[8];
  float padded_values[8];
  for (int64_t i = 0; i < 8; i++) padded[i] = i < count ? starts[i] : filler + 1;
  int64_t read = eight_numbers(padded, padded_values, is_long);
  if (read > count) read = count;
  // A call of memcpy would take longer than the numbers.
  _mm256_mask_storeu_ps(values, (__mmask8)((1 << read) - 1), _mm256_loadu_ps(padded_values));
  return read;
}

// Reads `count` numbers; returns how many, from the first on, could be read.
static AVX512 int64_t read_numbers(const uint8_t *text, int64_t length, const uint8_t *const *starts, int64_t count,
                                   float *values) {
  // A guess from the first eight; starts[count] is there too.
  int is_long = count >= 8 && starts[8] - starts[0] > 8 * 16;
  int64_t next = 0;
  while (next < count) {
    if (count - next >= 8) {
      int64_t read = eight_numbers(starts + next, values + next, &is_long);
      next += read;
      if (read == 8) continue;
    } else {
      next += few_numbers(starts + next, count - next, values + next, &is_long);
      if (next == count) break;
    }
    // A whole number in the middle between two floats: other arithmetic decides those of up to eight digits.
    int64_t offset = beginning(starts[next]) - text;
    if (json_numbers_avx2(text, length, &offset, 1, values + next) == 0) break;
    next++;
  }
  return next;
}

// Whether the array ends so soon that its numbers are sooner read one by one.
AVX512_INLINE int is_short(const uint8_t *block) {
  __m512i text = _mm512_loadu_si512(block);
  uint64_t brackets = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(']'));
  uint64_t commas = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(','));
  return brackets != 0 && _mm_popcnt_u64(commas & (brackets ^ (brackets - 1))) < 6;
}

AVX512 int64_t json_numbers_avx512(const uint8_t *text, int64_t length, int64_t *offset, int64_t capacity,
                                   float *values) {
  search search = {.block = text + *offset, .end = text + length, .enough = NUMBERS_FOUND_FIRST};
  // A lane starts at the byte in front of a number.
  if (*offset < 1 || length - *offset < 64 + LANE_REACH || search.block[-1] == '-') return 0;
  if (is_short(search.block)) return json_numbers_avx2(text, length, offset, capacity, values);
  const uint8_t *starts[STARTS_MAX];
  starts[0] = search.block + (*search.block == '-');
  const int has_vbmi2 = __builtin_cpu_supports("avx512vbmi2");
  int64_t known = 1, count = 0;
  while (1) {
    known = has_vbmi2 ? find_starts_vbmi2(&search, starts, known) : find_starts(&search, starts, known);
    // Only those before the last one found are followed by a comma for sure, and by other numbers.
    int64_t wanted = known - 1;
    int is_last = known <= search.enough || wanted >= capacity - count;
    if (is_last) {
      wanted = wanted < capacity - count ? wanted : capacity - count;
    } else {
      wanted -= wanted % 8;
    }
    int64_t read = read_numbers(text, length, starts, wanted, values + count);
    count += read;
    known -= read;
    if (is_last || read < wanted) {
      *offset = beginning(starts[read]) - text;
      return count;
    }
    memmove(starts, starts + read, (size_t)known * sizeof *starts);
    if (search.enough < NUMBERS_FOUND) search.enough *= 2;
  }
}
#endif

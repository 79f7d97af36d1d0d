// Numbers into JSON text: first the digits of a block of them, lane by lane, then their text, one by one.
#include "../include/CKernels.h"

#include <string.h>

enum {
  FLOAT_BLOCK = 8,
  FRACTION_BITS = 23,
  FRACTION_MASK = (1 << FRACTION_BITS) - 1,
  EXPONENT_MASK = 255,
  EXPONENT_BIAS = 150,
  POWER_MIN = -31,
};

// 10^k as 64 bits, the first of them set, rounded up: from k = POWER_MIN on.
static const uint64_t powers_of_ten[] = {
    0x81CEB32C4B43FCF5, 0xA2425FF75E14FC32, 0xCAD2F7F5359A3B3F, 0xFD87B5F28300CA0E, 0x9E74D1B791E07E49,
    0xC612062576589DDB, 0xF79687AED3EEC552, 0x9ABE14CD44753B53, 0xC16D9A0095928A28, 0xF1C90080BAF72CB2,
    0x971DA05074DA7BEF, 0xBCE5086492111AEB, 0xEC1E4A7DB69561A6, 0x9392EE8E921D5D08, 0xB877AA3236A4B44A,
    0xE69594BEC44DE15C, 0x901D7CF73AB0ACDA, 0xB424DC35095CD810, 0xE12E13424BB40E14, 0x8CBCCC096F5088CC,
    0xAFEBFF0BCB24AAFF, 0xDBE6FECEBDEDD5BF, 0x89705F4136B4A598, 0xABCC77118461CEFD, 0xD6BF94D5E57A42BD,
    0x8637BD05AF6C69B6, 0xA7C5AC471B478424, 0xD1B71758E219652C, 0x83126E978D4FDF3C, 0xA3D70A3D70A3D70B,
    0xCCCCCCCCCCCCCCCD, 0x8000000000000000, 0xA000000000000000, 0xC800000000000000, 0xFA00000000000000,
    0x9C40000000000000, 0xC350000000000000, 0xF424000000000000, 0x9896800000000000, 0xBEBC200000000000,
    0xEE6B280000000000, 0x9502F90000000000, 0xBA43B74000000000, 0xE8D4A51000000000, 0x9184E72A00000000,
    0xB5E620F480000000, 0xE35FA931A0000000, 0x8E1BC9BF04000000, 0xB1A2BC2EC5000000, 0xDE0B6B3A76400000,
    0x8AC7230489E80000, 0xAD78EBC5AC620000, 0xD8D726B7177A8000, 0x878678326EAC9000, 0xA968163F0A57B400,
    0xD3C21BCECCEDA100, 0x84595161401484A0, 0xA56FA5B99019A5C8, 0xCECB8F27F4200F3A, 0x813F3978F8940985,
    0xA18F07D736B90BE6, 0xC9F2C9CD04674EDF, 0xFC6F7C4045812297, 0x9DC5ADA82B70B59E, 0xC5371912364CE306,
    0xF684DF56C3E01BC7, 0x9A130B963A6C115D, 0xC097CE7BC90715B4, 0xF0BDC21ABB48DB21, 0x96769950B50D88F5,
    0xBC143FA4E250EB32, 0xEB194F8E1AE525FE, 0x92EFD1B8D0CF37BF, 0xB7ABC627050305AE, 0xE596B7B0C643C71A,
    0x8F7E32CE7BEA5C70, 0xB35DBF821AE4F38C,
};

// Decimals of nine digits, 0.ddddddddd * 10^point; those at the end may be zeros.
typedef struct float_decimals {
  int32_t point[FLOAT_BLOCK];
  // The first digit, the next four and the last four: a digit a byte, the first one lowest.
  uint32_t first[FLOAT_BLOCK], front[FLOAT_BLOCK], back[FLOAT_BLOCK];
} float_decimals;

typedef struct float_decimals_table {
  void (*decimals)(const uint32_t *bits, float_decimals *decimals);
} float_decimals_table;

#define CK_TEMPLATE "../text/json_floats.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(float_decimals_table);

// Writes a finite number; may touch CK_JSON_FLOAT_ROOM bytes. Returns the end of its text.
static inline uint8_t *write_finite(uint32_t bits, const float_decimals *decimals, int64_t index, uint8_t *text) {
  *text = '-';
  text += bits >> 31;
  bits &= 0x7FFFFFFF;
  if (bits == 0) {
    memcpy(text, "0.0", 3);
    return text + 3;
  }
  const int32_t point = decimals->point[index];
  const uint8_t first = (uint8_t)('0' + decimals->first[index]);
  uint64_t others = decimals->front[index] | (uint64_t)decimals->back[index] << 32;
  const int32_t count = others == 0 ? 1 : 9 - (__builtin_clzll(others) >> 3);
  others |= 0x3030303030303030;
  if (point > -4 && point <= 0) {
    memcpy(text, "0.000000", 8);
    text += 2 - point;
    text[0] = first;
    memcpy(text + 1, &others, 8);
    return text + count;
  }
  text[0] = first;
  // Up to 2^24 every whole number is a float.
  if (point > 0 && bits <= 0x4B800000) {
    memcpy(text + 1, &others, 8);
    others >>= 8 * (point - 1);
    text[point] = '.';
    memcpy(text + point + 1, &others, 8);
    return text + point + 1 + (count > point ? count - point : 1);
  }
  text[1] = '.';
  memcpy(text + 2, &others, 8);
  text += count > 1 ? count + 1 : 1;
  const int32_t exponent = point - 1;
  const uint32_t magnitude = (uint32_t)(exponent < 0 ? -exponent : exponent);
  text[0] = 'e';
  text[1] = exponent < 0 ? '-' : '+';
  text[2] = (uint8_t)('0' + magnitude / 10);
  text[3] = (uint8_t)('0' + magnitude % 10);
  return text + 4;
}

static uint8_t *write_other(uint32_t bits, uint8_t *text) {
  if (bits << 9 != 0) {
    memcpy(text, "NaN", 3);
    return text + 3;
  }
  *text = '-';
  text += bits >> 31;
  memcpy(text, "Infinity", 8);
  return text + 8;
}

int64_t ck_json_floats(const void *values, int64_t count, uint8_t *text) {
  const float_decimals_table *kernels = tables[ck_isa_current()];
  const uint8_t *source = values;
  uint8_t *end = text;
  for (int64_t begin = 0; begin < count; begin += FLOAT_BLOCK) {
    const int64_t run = count - begin < FLOAT_BLOCK ? count - begin : FLOAT_BLOCK;
    uint32_t bits[FLOAT_BLOCK] = {0};
    for (int64_t i = 0; i < run; i++) memcpy(bits + i, source + 4 * (begin + i), 4);
    float_decimals decimals;
    // One alone, such as a score, is done sooner than a block.
    if (run == 1) {
      decimal_scalar(bits[0], &decimals, 0);
    } else {
      kernels->decimals(bits, &decimals);
    }
    for (int64_t i = 0; i < run; i++) {
      const int is_finite = (bits[i] >> FRACTION_BITS & EXPONENT_MASK) != EXPONENT_MASK;
      end = is_finite ? write_finite(bits[i], &decimals, i, end) : write_other(bits[i], end);
      *end++ = ',';
    }
  }
  return count > 0 ? end - text - 1 : 0;
}

// Vector math of one instruction set; a template includes it once, after vector.h.
//
// Written from scratch: range reduction as in Cody & Waite, polynomials fitted by Lawson's iteration to the relative error and
// rounded to float one coefficient at a time. Each function is the same sequence of operations at every level, so levels with a
// fused multiply-add agree to the last bit, whatever their width. No lane ever influences another.
//
// Measured against double, every 101st float of all 2^32 (worst with / without fused multiply-add), in ulp: exp 0.99 / 1.01,
// tanh 1.50, sigmoid 2.86, erf 2.15, softplus 2.57; every 503rd: log 0.78, expm1 0.91 / 0.95, sin and cos 1.54.
//
// Turns contraction off for the rest of the translation unit: a fused multiply-add happens only where vf_fma says so.
#include <float.h>
#include <math.h>
#include <string.h>

#include "table.h"

#pragma clang fp contract(off)

#ifndef CK_MATH
#define CK_MATH
// 2^(j / 16).
static const ck_table ck_exp_table = {
    0x1p+0f, 0x1.0b5586p+0f, 0x1.172b84p+0f, 0x1.2387a6p+0f, 0x1.306fep+0f, 0x1.3dea64p+0f, 0x1.4bfdaep+0f, 0x1.5ab07ep+0f,
    0x1.6a09e6p+0f, 0x1.7a1148p+0f, 0x1.8ace54p+0f, 0x1.9c4918p+0f, 0x1.ae89fap+0f, 0x1.c199bep+0f, 0x1.d5818ep+0f,
    0x1.ea4afap+0f,
};
#endif

#define MATH_FUNCTION static inline __attribute__((always_inline, unused))

#define vf_abs NAME(ck_vf_abs)
#define vf_copysign NAME(ck_vf_copysign)
#define vf_minimum NAME(ck_vf_minimum)
#define vf_maximum NAME(ck_vf_maximum)
#define vf_power_of_two NAME(ck_vf_power_of_two)
#define vf_exp_polynomial NAME(ck_vf_exp_polynomial)
#define vf_scale NAME(ck_vf_scale)
#define vf_exp_within NAME(ck_vf_exp_within)
#define vf_exp_nonpositive NAME(ck_vf_exp_nonpositive)
#define vf_exp NAME(ck_vf_exp)
#define vf_expm1 NAME(ck_vf_expm1)
#define vf_log_normal NAME(ck_vf_log_normal)
#define vf_log NAME(ck_vf_log)
#define vf_log1p_unit NAME(ck_vf_log1p_unit)
#define vf_log1p NAME(ck_vf_log1p)

MATH_FUNCTION vf vf_abs(vf x) { return (vf)((vi)x & 0x7fffffff); }

MATH_FUNCTION vf vf_copysign(vf magnitude, vf sign) {
  return (vf)(((vi)magnitude & 0x7fffffff) | ((vi)sign & (int32_t)0x80000000));
}

// Larger and smaller of two; NaN if either is NaN. (The first selection is one x86 max or min, which gives b for any NaN.)
MATH_FUNCTION vf vf_maximum(vf a, vf b) { return vf_select(a == a, vf_select(a > b, a, b), a); }
MATH_FUNCTION vf vf_minimum(vf a, vf b) { return vf_select(a == a, vf_select(a < b, a, b), a); }

// 2^n for -126 <= n <= 127.
MATH_FUNCTION vf vf_power_of_two(vi n) { return (vf)((n + 127) << 23); }

// Adding and subtracting 1.5 * 2^23 rounds to the nearest integer, and leaves it in the sum's low bits: unlike a conversion
// this is defined for NaN too.
#define ROUNDING_MAGIC 12582912.0f
#define LN2_HIGH 0.693359375f  // 9 bits: n * LN2_HIGH is exact
#define LN2_LOW -2.12194440e-4f

// (e^r - 1 - r) / r^2 on [-ln2 / 2, ln2 / 2]. Polynomials are summed in pairs (Estrin's scheme): a long chain of dependent
// operations would leave the units idle.
MATH_FUNCTION vf vf_exp_polynomial(vf r, vf square) {
  vf low = vf_fma(vf_set(0x1.555490p-3f), r, vf_set(0.5f));
  vf high = vf_fma(vf_set(0x1.123adap-7f), r, vf_set(0x1.5554c2p-5f));
  return vf_fma(vf_fma(vf_set(0x1.6d7810p-10f), square, high), square, low);
}

// p * 2^n for n in -151...151, as long as p * 2^(n / 2) is normal: rounded once. `rounded` is n plus less than 1.
MATH_FUNCTION vf vf_scale(vf p, vf rounded, vi n) {
#if VL == 16 && defined(__x86_64__)
  (void)n;
  return __builtin_ia32_scalefps512_mask(p, rounded, p, (uint16_t)-1, 4);
#else
  // In two factors: the first product is exact.
  (void)rounded;
  vi half = n >> 1;
  return p * vf_power_of_two(half) * vf_power_of_two(n - half);
#endif
}

// s e^x for |x| < 110 or NaN, where the table has s 2^(j / 16) and s is a power of 2: with x = (n + j / 16) ln2 + r, it is
// s 2^n 2^(j / 16) e^r.
MATH_FUNCTION vf vf_exp_within(vf x, const float *table) {
  vf shifted = vf_fma(x, vf_set(0x1.715476p+0f), vf_set(ROUNDING_MAGIC / 16));  // the low bits count sixteenths
  vf rounded = shifted - ROUNDING_MAGIC / 16;
  vf r = vf_fma(rounded, vf_set(-LN2_HIGH), x);
  r = vf_fma(rounded, vf_set(-LN2_LOW), r);
  vf power = vf_lookup(table, (vi)shifted);
  vf p = vf_fma(vf_fma(vf_set(0x1.555598p-3f), r, vf_set(0x1.00021ep-1f)), r, vf_set(1.0f));
  return vf_scale(vf_fma(power * r, p, power), rounded, ((vi)shifted - (vi)vf_set(ROUNDING_MAGIC / 16)) >> 4);
}

// Beyond the limits e^x is infinity and 0. The selections keep NaN.
MATH_FUNCTION vf vf_exp_nonpositive(vf x) {
  return vf_exp_within(vf_select(vf_set(-104.0f) > x, vf_set(-104.0f), x), ck_exp_table);
}

MATH_FUNCTION vf vf_exp(vf x) { return vf_exp_nonpositive(vf_select(vf_set(89.0f) < x, vf_set(89.0f), x)); }

MATH_FUNCTION vf vf_expm1(vf x) {
  vf clamped = vf_select(vf_set(89.0f) < x, vf_set(89.0f), x);
  clamped = vf_select(vf_set(-30.0f) > clamped, vf_set(-30.0f), clamped);
  vf shifted = vf_fma(clamped, vf_set(0x1.715476p+0f), vf_set(ROUNDING_MAGIC));
  vf rounded = shifted - ROUNDING_MAGIC;
  vi n = (vi)shifted - (vi)vf_set(ROUNDING_MAGIC);
  vf r = vf_fma(rounded, vf_set(-LN2_HIGH), clamped);
  r = vf_fma(rounded, vf_set(-LN2_LOW), r);
  vf p = vf_fma(r * r, vf_exp_polynomial(r, r * r), r);  // e^r - 1
  vf scale = vf_power_of_two(n - 1);           // half of 2^n, which may be 2^128
  vf y = 2.0f * vf_fma(scale, p, scale - 0.5f);
  return vf_select(vf_abs(x) < 0x1p-25f, x, y);  // keeps -0 and denormals
}

// log(x) + extra ln2 for a positive, finite, normal x.
MATH_FUNCTION vf vf_log_normal(vf x, vi extra) {
  // x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)).
  vi bits = (vi)x;
  vi e = (bits - 0x3f3504f3) >> 23;
  vf f = (vf)(bits - (e << 23)) - 1.0f;
  vf exponent = __builtin_convertvector(e + extra, vf);
  vf square = f * f;
  vf p01 = vf_fma(vf_set(-0x1.000226p-2f), f, vf_set(0x1.555554p-2f));
  vf p23 = vf_fma(vf_set(-0x1.54728cp-3f), f, vf_set(0x1.99a01ep-3f));
  vf p45 = vf_fma(vf_set(-0x1.0d81f2p-3f), f, vf_set(0x1.22d8f8p-3f));
  vf p67 = vf_fma(vf_set(-0x1.38cf20p-4f), f, vf_set(0x1.05602ep-3f));
  vf p = vf_fma(vf_fma(p67, square, p45), square * square, vf_fma(p23, square, p01));
  vf y = vf_fma(p, f * square, exponent * LN2_LOW);
  y = vf_fma(square, vf_set(-0.5f), y);
  return vf_fma(exponent, vf_set(LN2_HIGH), f + y);
}

MATH_FUNCTION vf vf_log(vf x) {
  vi denormal = x < FLT_MIN;
  vf y = vf_log_normal(vf_select(denormal, x * 0x1p23f, x), denormal & -23);
  vf special = vf_select(x < 0.0f, vf_set(NAN), x);  // infinity and NaN stay
  special = vf_select(x == 0.0f, vf_set(-INFINITY), special);
  // Positive and finite, as one unsigned comparison.
  vi ordinary = (vu)x - 1 < (vu)vf_set(INFINITY) - 1;
  return vf_select(ordinary, y, special);
}

// log(1 + x) for 0 <= x <= 1 (or NaN), with the rounding error of 1 + x put back: lost / (1 + x), where a few bits suffice.
MATH_FUNCTION vf vf_log1p_unit(vf x) {
  vf sum = x + 1.0f;
  vf lost = x - (sum - 1.0f);
  vf inverse = vf_fma(x, vf_fma(x, vf_set(0.5f), vf_set(-1.0f)), vf_set(1.0f));
  return vf_fma(lost, inverse, vf_log_normal(sum, (vi){0}));
}

MATH_FUNCTION vf vf_log1p(vf x) {
  vf sum = x + 1.0f;
  vf lost = (x - (sum - 1.0f)) / sum;
  vf y = vf_log(sum);
  y = vf_select((sum > 0.0f) & (sum < INFINITY), y + lost, y);
  return vf_select(vf_abs(x) < 0x1p-25f, x, y);
}

// Sine and cosine of one instruction set; included after math.h by the templates that need them.
//
// x is reduced to r = x - n pi/2 in double, which is exact enough up to 2^20 without fused operations; larger magnitudes
// (nobody's activations) go lane by lane through the C library.
#define vd NAME(ck_vd)
typedef double vd __attribute__((vector_size(VL * 8)));

#define vf_sine_shifted NAME(ck_vf_sine_shifted)
#define vf_sin NAME(ck_vf_sin)
#define vf_cos NAME(ck_vf_cos)

// sin(x + shift pi/2).
MATH_FUNCTION vf vf_sine_shifted(vf x, int32_t shift) {
  const double magic = 6755399441055744.0;  // 1.5 * 2^52: rounds to an integer kept in the low bits
  vd wide = __builtin_convertvector(x, vd);
  vd shifted = wide * 0x1.45f306dc9c883p-1 + magic;
  vd rounded = shifted - magic;
  vd reduced = (wide - rounded * 0x1.921fb544p+0) - rounded * 0x1.0b4611a626331p-34;
  vf r = __builtin_convertvector(reduced, vf);
  // Bit 0 of the quadrant chooses sine or cosine, bit 1 the sign. Rounded is below 2^22, so float holds it exactly.
  vf quadrant_float = __builtin_convertvector(rounded, vf) + ROUNDING_MAGIC;
  vi quadrant = (vi)quadrant_float - (vi)vf_set(ROUNDING_MAGIC) + shift;
  vf s = r * r;
  vf sine = vf_fma(vf_set(-0x1.9954a8p-13f), s, vf_set(0x1.11077ap-7f));
  sine = vf_fma(sine, s, vf_set(-0x1.555546p-3f));
  sine = vf_fma(sine * s, r, r);
  vf cosine = vf_fma(vf_set(0x1.99e0e4p-16f), s, vf_set(-0x1.6c0c1ap-10f));
  cosine = vf_fma(cosine, s, vf_set(0x1.55554ap-5f));
  cosine = vf_fma(cosine, s * s, vf_fma(s, vf_set(-0.5f), vf_set(1.0f)));
  vf y = vf_select((quadrant & 1) == 0, sine, cosine);
  y = (vf)((vi)y ^ ((quadrant & 2) << 30));
  vi large = vf_abs(x) > 0x1p20f;
  for (int lane = 0; lane < VL; lane++) {
    if (__builtin_expect(large[lane], 0)) y[lane] = shift == 0 ? sinf(x[lane]) : cosf(x[lane]);
  }
  return y;
}

MATH_FUNCTION vf vf_sin(vf x) { return vf_select(x == 0.0f, x, vf_sine_shifted(x, 0)); }
MATH_FUNCTION vf vf_cos(vf x) { return vf_sine_shifted(x, 1); }

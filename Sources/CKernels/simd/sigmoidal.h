// tanh, sigmoid and erf of one instruction set; included after math.h by the templates that need them.
//
// tanh and erf are odd and soon 1: |x| falls into one of sixteen intervals, and f(c + r), where c is the interval's centre, is a
// polynomial of degree 5 in r. Its coefficients are looked up, which needs no division and half the operations of an exponential.
#ifndef CK_SIGMOIDAL
#define CK_SIGMOIDAL
// The centres, then the coefficients from the constant one up. Entry i is for intervals whose 2.5 |x| + 1.5 has the exponent and
// the first two fraction bits i modulo 16: a tenth wide at 0, 1.6 wide at 9. A centre is chosen where tanh is nearly a float.
static const ck_table ck_tanh_tables[] = {
    {0x1.328p-2f, 0x1.018p-1f, 0x1.62p-1f, 0x1.cap-1f, 0x1.318p+0f, 0x1.9bp+0f, 0x1p+1f, 0x1.338p+1f, 0x1.7e8p+1f, 0x1.e5p+1f,
     0x1.27p+2f, 0x1.5ap+2f, 0x1.a78p+2f, 0x1.038p+3f, 0.0f, 0x1.318p-3f},
    {0x1.29a9d4p-2f, 0x1.db906ap-2f, 0x1.32a102p-1f, 0x1.6d6034p-1f, 0x1.a9c9d2p-1f, 0x1.d8504cp-1f, 0x1.ed9506p-1f,
     0x1.f7ae28p-1f, 0x1.fd687ap-1f, 0x1.ff79fap-1f, 0x1.ffe602p-1f, 0x1.fffab8p-1f, 0x1.ffff88p-1f, 0x1.fffffap-1f, 0.0f,
     0x1.2f4108p-3f},
    {0x1.d4bc92p-1f, 0x1.9191dap-1f, 0x1.485d5ap-1f, 0x1.f68488p-2f, 0x1.3bd048p-2f, 0x1.312f94p-3f, 0x1.2162c2p-4f,
     0x1.081144p-5f, 0x1.4aeaaep-7f, 0x1.0be88cp-9f, 0x1.9fd77ep-12f, 0x1.51faeep-14f, 0x1.e0631ep-18f, 0x1.844762p-22f, 0x1p+0f,
     0x1.f4c628p-1f},
    {-0x1.1081fap-2f, -0x1.74fdfap-2f, -0x1.894e5p-2f, -0x1.669c3cp-2f, -0x1.06a7d4p-2f, -0x1.198998p-3f, -0x1.16fa72p-4f,
     -0x1.03c588p-5f, -0x1.4909c4p-7f, -0x1.0b8054p-9f, -0x1.9f927ap-12f, -0x1.5184d6p-14f, -0x1.dbe25ap-18f, -0x1.9ebf8cp-22f,
     0x1.b96bc6p-24f, -0x1.289b82p-3f},
    {-0x1.d296fap-3f, -0x1.7a0fdp-4f, 0x1.0a12fcp-6f, 0x1.619c64p-4f, 0x1.c4a262p-4f, 0x1.3c01a8p-4f, 0x1.58f668p-5f,
     0x1.4f0eap-6f, 0x1.b29848p-8f, 0x1.642adep-10f, 0x1.14c39cp-12f, 0x1.c29746p-15f, 0x1.3b94dep-18f, 0x1.0bd5a6p-22f,
     -0x1.5557bep-2f, -0x1.37e59ap-2f},
    {0x1.3b312cp-3f, 0x1.4f64dp-3f, 0x1.e47dbcp-4f, 0x1.c5ca78p-5f, -0x1.5b3228p-8f, -0x1.9ae0d4p-6f, -0x1.24fa6ep-6f,
     -0x1.3a4d9ap-7f, -0x1.b678b6p-9f, -0x1.6d1b76p-11f, -0x1.1cd6d2p-13f, -0x1.d77822p-16f, -0x1.6817ep-19f, -0x1.77fc08p-24f,
     0x1.fe7c5p-13f, 0x1.7fd28ep-4f},
    {0x1.aeb398p-5f, -0x1.9c7f3ep-6f, -0x1.fb00ap-5f, -0x1.d151p-5f, -0x1.9bb3dcp-6f, 0x1.2db254p-11f, 0x1.369156p-8f,
     0x1.b1616ap-9f, 0x1.487bd2p-10f, 0x1.1b3e7ep-12f, 0x1.cfada6p-15f, 0x1.6e0692p-17f, 0x1.29ca8p-20f, 0x1.9eda44p-26f,
     0x1.0ca8b2p-3f, 0x1.caa5b6p-4f},
};
// The coefficients for the centre i / 4.
static const ck_table ck_erf_tables[] = {
    {0.0f, 0x1.1af54ep-2f, 0x1.0a7ef6p-1f, 0x1.6c1c98p-1f, 0x1.af767ap-1f, 0x1.d8865ep-1f, 0x1.eea556p-1f, 0x1.f92d08p-1f,
     0x1.fd9ae2p-1f, 0x1.ff4048p-1f, 0x1.ffcaa8p-1f, 0x1.fff2dp-1f, 0x1.fffd1ap-1f, 0x1.ffff7p-1f, 0x1.ffffe8p-1f,
     0x1.fffffcp-1f},
    {0x1.20dd76p+0f, 0x1.0f5d18p+0f, 0x1.c1efcep-1f, 0x1.492e42p-1f, 0x1.a911fp-2f, 0x1.e4653p-3f, 0x1.e72372p-4f, 0x1.b0553p-5f,
     0x1.529b9ep-6f, 0x1.d4143ap-8f, 0x1.1d8318p-9f, 0x1.3360ccp-11f, 0x1.2408eap-13f, 0x1.e9b5e8p-16f, 0x1.6a5972p-18f,
     0x1.fa2a24p-21f},
    {-0x1.2db8dap-18f, -0x1.0f5be2p-2f, -0x1.c1ef16p-2f, -0x1.edc70ep-2f, -0x1.a91048p-2f, -0x1.2ec176p-2f, -0x1.6d602ep-3f,
     -0x1.7a53a6p-4f, -0x1.52b35cp-5f, -0x1.0771b6p-6f, -0x1.63ea3p-8f, -0x1.a7d53ap-10f, -0x1.a9be2cp-12f, -0x1.a5d2bap-14f,
     -0x1.15a39ep-15f, 0x1.585d6ap-20f},
    {-0x1.810b2p-2f, -0x1.3c9d84p-2f, -0x1.2c0622p-3f, 0x1.b6efdap-6f, 0x1.1b6126p-3f, 0x1.571c8ap-3f, 0x1.1c2a72p-3f,
     0x1.714992p-4f, 0x1.8b0bf8p-5f, 0x1.63efdap-6f, 0x1.119ce8p-7f, 0x1.69ccb6p-9f, 0x1.9db0dp-11f, 0x1.9a994ap-13f,
     0x1.62bd72p-15f, 0x1.66dfbap-17f},
    {-0x1.f4130ap-11f, 0x1.023a9ap-3f, 0x1.750654p-3f, 0x1.3493cap-3f, 0x1.1a04bcp-4f, -0x1.5a8442p-8f, -0x1.654eacp-5f,
     -0x1.845cfp-5f, -0x1.143122p-5f, -0x1.2fd7f8p-6f, -0x1.3b186ap-7f, -0x1.888726p-9f, -0x1.d93e92p-10f, 0x1.339f5cp-14f,
     0x1.b70baep-11f, -0x1.141644p-12f},
    {0x1.d817a6p-4f, 0x1.4b63aep-4f, 0x1.2b5526p-7f, -0x1.b1e8ecp-5f, -0x1.1a318p-4f, -0x1.81a978p-5f, -0x1.eb04f6p-7f,
     0x1.a8ffeap-8f, 0x1.aa343cp-7f, 0x1.5cad66p-7f, 0x1.91c6bep-8f, 0x1.6b2fd8p-9f, 0x1.0cd8f6p-10f, 0x1.4d4088p-12f,
     0x1.5e30ecp-14f, 0x1.3a8f76p-16f},
};
// 2^-24 2^(j / 16).
static const ck_table ck_small_exp_table = {
    0x1p-24f, 0x1.0b5586p-24f, 0x1.172b84p-24f, 0x1.2387a6p-24f, 0x1.306fep-24f, 0x1.3dea64p-24f, 0x1.4bfdaep-24f, 0x1.5ab07ep-24f,
    0x1.6a09e6p-24f, 0x1.7a1148p-24f, 0x1.8ace54p-24f, 0x1.9c4918p-24f, 0x1.ae89fap-24f, 0x1.c199bep-24f, 0x1.d5818ep-24f,
    0x1.ea4afap-24f,
};
#endif

#define vf_piece NAME(ck_vf_piece)
#define vf_tanh NAME(ck_vf_tanh)
#define vf_sigmoid NAME(ck_vf_sigmoid)
#define vf_erf NAME(ck_vf_erf)

// The polynomial `index` % 16 of r.
MATH_FUNCTION vf vf_piece(const ck_table *coefficients, vi index, vf r) {
  vf y = vf_lookup(coefficients[5], index);
#pragma clang loop unroll(full)
  for (int power = 4; power >= 0; power--) y = vf_fma(y, r, vf_lookup(coefficients[power], index));
  return y;
}

MATH_FUNCTION vf vf_tanh(vf x) {
  vf magnitude = vf_abs(x);
  magnitude = vf_select(vf_set(0x1.1ffffep+3f) < magnitude, vf_set(0x1.1ffffep+3f), magnitude);  // here it is 1; keeps NaN
  vi index = (vi)vf_fma(magnitude, vf_set(2.5f), vf_set(1.5f)) >> 21;
  vf r = magnitude - vf_lookup(ck_tanh_tables[0], index);
  return vf_copysign(vf_piece(ck_tanh_tables + 1, index, r), x);
}

MATH_FUNCTION vf vf_erf(vf x) {
  vf magnitude = vf_abs(x);
  magnitude = vf_select(vf_set(0x1.effffep+1f) < magnitude, vf_set(0x1.effffep+1f), magnitude);  // here it is 1; keeps NaN
  vf shifted = magnitude + ROUNDING_MAGIC / 4;
  return vf_copysign(vf_piece(ck_erf_tables, (vi)shifted, magnitude - (shifted - ROUNDING_MAGIC / 4)), x);
}

// s / (s + s e^-x) with s = 2^-24, so that e^104 is a float too: small results stay exact down to the denormal ones.
MATH_FUNCTION vf vf_sigmoid(vf x) {
  x = vf_select(vf_set(104.0f) < x, vf_set(104.0f), x);
  x = vf_select(vf_set(-104.0f) > x, vf_set(-104.0f), x);
  return 0x1p-24f / (vf_exp_within(-x, ck_small_exp_table) + 0x1p-24f);
}

// Splitting and joining of even and odd lanes of one instruction set; a template includes it once, after vector.h.
//
// With a and b read as one sequence of 2 VL lanes: vf_even and vf_odd take every second lane; vf_interleave_low and
// vf_interleave_high give the halves of a[0] b[0] a[1] b[1] ...
#define vf_even NAME(ck_vf_even)
#define vf_odd NAME(ck_vf_odd)
#define vf_interleave_low NAME(ck_vf_interleave_low)
#define vf_interleave_high NAME(ck_vf_interleave_high)

#define SHUFFLE_FUNCTION static inline __attribute__((always_inline, unused))

#if VL == 16
#define EVEN_LANES 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD_LANES 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define LOW_LANES 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH_LANES 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif VL == 8
#define EVEN_LANES 0, 2, 4, 6, 8, 10, 12, 14
#define ODD_LANES 1, 3, 5, 7, 9, 11, 13, 15
#define LOW_LANES 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH_LANES 4, 12, 5, 13, 6, 14, 7, 15
#elif VL == 4
#define EVEN_LANES 0, 2, 4, 6
#define ODD_LANES 1, 3, 5, 7
#define LOW_LANES 0, 4, 1, 5
#define HIGH_LANES 2, 6, 3, 7
#else
#define EVEN_LANES 0
#define ODD_LANES 1
#define LOW_LANES 0
#define HIGH_LANES 1
#endif

SHUFFLE_FUNCTION vf vf_even(vf a, vf b) { return __builtin_shufflevector(a, b, EVEN_LANES); }
SHUFFLE_FUNCTION vf vf_odd(vf a, vf b) { return __builtin_shufflevector(a, b, ODD_LANES); }
SHUFFLE_FUNCTION vf vf_interleave_low(vf a, vf b) { return __builtin_shufflevector(a, b, LOW_LANES); }
SHUFFLE_FUNCTION vf vf_interleave_high(vf a, vf b) { return __builtin_shufflevector(a, b, HIGH_LANES); }

#undef EVEN_LANES
#undef ODD_LANES
#undef LOW_LANES
#undef HIGH_LANES

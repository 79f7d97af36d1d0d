// Compiles the template named by CK_TEMPLATE once per instruction set.
//
// Inside the template: VL (float lanes), NAME(x) (x with the level's suffix), CK_FMA (1 where a fused multiply-add is one
// instruction), and the vector types of simd/vector.h. A template ends by defining the family's table `NAME(table)`.
// No include guard: each family includes this file once.
#define CK_PASTE_(a, b) a##_##b
#define CK_PASTE(a, b) CK_PASTE_(a, b)
#define NAME(x) CK_PASTE(x, CK_SUFFIX)

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,bmi,bmi2,f16c"))), apply_to = function)
#define CK_SUFFIX avx512
#define VL 16
#define CK_FMA 1
#include "vector.h"
#include CK_TEMPLATE
#undef CK_SUFFIX
#undef VL
#undef CK_FMA
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,f16c"))), apply_to = function)
#define CK_SUFFIX avx2
#define VL 8
#define CK_FMA 1
#include "vector.h"
#include CK_TEMPLATE
#undef CK_SUFFIX
#undef VL
#undef CK_FMA
#pragma clang attribute pop
#define CK_SUFFIX sse
#define VL 4
#define CK_FMA 0
#include "vector.h"
#include CK_TEMPLATE
#undef CK_SUFFIX
#undef VL
#undef CK_FMA
#elif defined(__aarch64__)
#define CK_SUFFIX neon
#define VL 4
#define CK_FMA 1
#include "vector.h"
#include CK_TEMPLATE
#undef CK_SUFFIX
#undef VL
#undef CK_FMA
#endif

#define CK_SUFFIX scalar
#define VL 1
#define CK_FMA 0
#include "vector.h"
#include CK_TEMPLATE
#undef CK_SUFFIX
#undef VL
#undef CK_FMA

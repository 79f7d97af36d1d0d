/// Matrix multiplication. Every output element is ONE chain of fused multiply-adds in ascending k (starting at 0),
/// then fma(alpha, chain, beta * C) (beta * C rounded; alpha * chain where beta is 0), then bias, then the activation: the result does not depend on M, on the number of threads,
/// or on whether the packed, the small-batch or the general path ran, and is the same at AVX2 and AVX-512 (NEON is meant to agree and has not been run).
#pragma once

#include "ck_pool.h"
#include <stdbool.h>

#pragma clang assume_nonnull begin

/// Activations that GEMM and convolution apply while the result is still in registers.
typedef enum ck_activation_kind {
  CK_ACT_NONE = 0,
  CK_ACT_RELU = 1,        // max(x, 0)
  CK_ACT_LEAKY_RELU = 2,  // x >= 0 ? x : alpha x
  CK_ACT_CLIP = 3,        // min(max(x, alpha), beta)
  CK_ACT_ELU = 4,         // x >= 0 ? x : alpha (exp x - 1)
  CK_ACT_SIGMOID = 5,
  CK_ACT_TANH = 6,
} ck_activation_kind;

typedef struct ck_activation {
  ck_activation_kind kind;
  float alpha, beta;
} ck_activation;

typedef enum ck_bias_kind {
  CK_BIAS_NONE = 0,
  CK_BIAS_COLUMN = 1,  // bias[n], one per output column (a dense layer)
  CK_BIAS_ROW = 2,     // bias[m], one per output row
} ck_bias_kind;

/// C[M,N] = act(alpha * A[M,K] B[K,N] + beta * C + bias).
/// A(i,p) = a[i * a_row_stride + p * a_column_stride], B(p,j) likewise; one of each pair of strides is 1 (all four transposes).
/// C is row-major with `c_row_stride >= n`. `beta == 0` never reads C.
typedef struct ck_gemm {
  int64_t m, n, k;
  const float *a;
  int64_t a_row_stride, a_column_stride;
  const float *_Nullable b;  // may be NULL when b_packed is given
  int64_t b_row_stride, b_column_stride;
  const float *_Nullable b_packed;  // from ck_f32_gemm_pack_b, at the same ISA level
  float *c;
  int64_t c_row_stride;
  float alpha, beta;
  const float *_Nullable bias;
  ck_bias_kind bias_kind;
  ck_activation activation;
} ck_gemm;

/// Floats that a packed B[K,N] takes at the current ISA level.
int64_t ck_f32_gemm_packed_b_count(int64_t k, int64_t n);

/// Packs B into the layout that the kernels stream through once. `packed` is 64-byte aligned.
void ck_f32_gemm_pack_b(int64_t k, int64_t n, const float *b, int64_t row_stride, int64_t column_stride,
                        float *packed);

/// The way back: B from its packed form, at the same ISA level.
void ck_f32_gemm_unpack_b(int64_t k, int64_t n, const float *packed, float *b, int64_t row_stride, int64_t column_stride);

/// Runs one product. Small M with a packed B is the bandwidth-bound case: one pass over the weights.
void ck_f32_gemm(const ck_gemm *gemm, ck_pool *_Nullable pool);

/// `batch` products whose operands lie `a_stride`, `b_stride`, `c_stride` floats apart (a stride of 0 repeats the operand).
void ck_f32_gemm_batched(const ck_gemm *gemm, int64_t batch, int64_t a_stride, int64_t b_stride, int64_t c_stride,
                         ck_pool *_Nullable pool);

#pragma clang assume_nonnull end

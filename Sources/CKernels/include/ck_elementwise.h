/// Elementwise functions over contiguous float arrays, alone, with broadcasting, and fused in chains.
///
/// Error bounds (checked by tests against double over all float magnitudes): exp 1.05 ulp, log 1, tanh 1.75, sigmoid 3, erf 2.25, sin
/// and cos 1.75, softplus 2.75; the other activations are compositions of these. Infinities, zeros and NaN behave as in C's math
/// library. Per element the result is the same at any array length and position, and at AVX2 and AVX-512 (NEON has not been run).
#pragma once

#include "ck_pool.h"
#include <stdbool.h>

#pragma clang assume_nonnull begin

typedef enum ck_unary {
  CK_IDENTITY, CK_ABS, CK_NEG, CK_SIGN, CK_CEIL, CK_FLOOR, CK_ROUND /* half to even */, CK_RECIPROCAL, CK_SQRT,
  CK_EXP, CK_LOG, CK_SIN, CK_COS, CK_TANH, CK_SIGMOID, CK_ERF, CK_SOFTPLUS, CK_SOFTSIGN,
  CK_RELU, CK_LEAKY_RELU /* p0 = alpha */, CK_ELU /* p0 = alpha */, CK_SELU /* p0 = alpha, p1 = gamma */,
  CK_CELU /* p0 = alpha */, CK_GELU /* exact, erf */, CK_GELU_TANH, CK_MISH, CK_SWISH /* x sigmoid(p0 x) */,
  CK_HARD_SIGMOID /* p0 = alpha, p1 = beta */, CK_HARD_SWISH, CK_THRESHOLDED_RELU /* p0 = alpha */,
  CK_CLIP /* p0 = min, p1 = max */, CK_SQUARE,
  CK_ADD_CONSTANT /* x + p0 */, CK_MUL_CONSTANT /* x * p0 */, CK_POW_CONSTANT /* x ^ p0 */,
  CK_UNARY_COUNT
} ck_unary;

typedef enum ck_binary {
  CK_ADD, CK_SUB, CK_MUL, CK_DIV, CK_POW, CK_MAX, CK_MIN, CK_PRELU /* a >= 0 ? a : a * b */,
  // Gradients, d = incoming gradient (first operand), y or x the saved value (second operand):
  CK_RELU_GRADIENT /* b > 0 ? a : 0 */, CK_LEAKY_RELU_GRADIENT /* b > 0 ? a : p0 a */,
  CK_SIGMOID_GRADIENT /* a * y * (1 - y) */, CK_TANH_GRADIENT /* a * (1 - y * y) */,
  CK_ELU_GRADIENT /* from x: x > 0 ? a : a * p0 * exp(x) */,
  CK_BINARY_COUNT
} ck_binary;

typedef enum ck_compare { CK_EQUAL, CK_LESS, CK_LESS_OR_EQUAL, CK_GREATER, CK_GREATER_OR_EQUAL } ck_compare;

/// y[i] = op(x[i]). x may equal y.
void ck_f32_unary(ck_unary op, int64_t count, const float *x, float p0, float p1, float *y, ck_pool *_Nullable pool);

/// y[i] = op(a[i], b[i]). y may equal a or b.
void ck_f32_binary(ck_binary op, int64_t count, const float *a, const float *b, float p0, float *y,
                   ck_pool *_Nullable pool);

/// Broadcast binary over a row-major output of `rank` dimensions `dims` (slowest first, rank <= 8, already collapsed by the
/// caller). Operand strides are in elements, 0 where the operand is broadcast. y is contiguous.
void ck_f32_binary_broadcast(ck_binary op, int rank, const int64_t *dims, const float *a, const int64_t *a_strides,
                             const float *b, const int64_t *b_strides, float p0, float *y, ck_pool *_Nullable pool);

/// y = op(a, b) as bytes 0 or 1, same addressing as ck_f32_binary_broadcast.
void ck_f32_compare_broadcast(ck_compare op, int rank, const int64_t *dims, const float *a, const int64_t *a_strides,
                              const float *b, const int64_t *b_strides, uint8_t *y, ck_pool *_Nullable pool);

/// y = condition ? a : b, same addressing; condition bytes are 0 or 1.
void ck_f32_select_broadcast(int rank, const int64_t *dims, const uint8_t *condition, const int64_t *c_strides,
                             const float *a, const int64_t *a_strides, const float *b, const int64_t *b_strides,
                             float *y, ck_pool *_Nullable pool);

/// How a chain reads an input: `inner` is the chain's row length, count = outer * inner.
typedef enum ck_chain_access {
  CK_CHAIN_FULL,    // element i
  CK_CHAIN_INNER,   // element i % inner (a row vector)
  CK_CHAIN_OUTER,   // element i / inner (one per row)
  CK_CHAIN_SCALAR,  // element 0
} ck_chain_access;

/// One step of a fused chain. Operands name registers: 0..<inputs are the inputs, then one new register per step.
typedef struct ck_chain_step {
  int32_t is_binary;  // 0: ck_unary in `op` on `lhs`; 1: ck_binary in `op` on `lhs`, `rhs`
  int32_t op;
  int32_t lhs, rhs;
  float p0, p1;
} ck_chain_step;

enum { CK_CHAIN_INPUTS_MAX = 8, CK_CHAIN_STEPS_MAX = 24 };

/// Runs all steps block by block, in cache; writes the last step's register to y. y may equal a FULL input.
void ck_f32_chain(int steps_count, const ck_chain_step *steps, int inputs_count, const float *const _Nonnull *_Nonnull inputs,
                  const ck_chain_access *access, int64_t outer, int64_t inner, float *y, ck_pool *_Nullable pool);

#pragma clang assume_nonnull end

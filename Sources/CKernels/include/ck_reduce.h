/// Reductions, softmax and cross-entropy. Sums use a fixed number of partial sums that does not depend on the ISA, so results
/// are the same at AVX2 and AVX-512 (NEON has not been run) and for any number of threads.
#pragma once

#include "ck_pool.h"

#pragma clang assume_nonnull begin

typedef enum ck_reduction {
  CK_REDUCE_SUM, CK_REDUCE_MEAN, CK_REDUCE_MAX, CK_REDUCE_MIN, CK_REDUCE_PROD, CK_REDUCE_SUM_SQUARE,
  CK_REDUCE_L1, CK_REDUCE_L2, CK_REDUCE_LOG_SUM, CK_REDUCE_LOG_SUM_EXP,
} ck_reduction;

/// x viewed as [outer, reduced, inner] becomes y [outer, inner]. An empty reduction gives the operation's identity as NumPy and ONNX do
/// (sum 0, product 1, max -inf, min +inf).
void ck_f32_reduce(ck_reduction op, int64_t outer, int64_t reduced, int64_t inner, const float *x, float *y,
                   ck_pool *_Nullable pool);

/// Index of the largest (`largest` != 0) or smallest element along the middle axis; the first, or the last when `last` != 0.
void ck_f32_arg_extreme(int largest, int last, int64_t outer, int64_t reduced, int64_t inner, const float *x,
                        int64_t *y, ck_pool *_Nullable pool);

/// Softmax over the last axis of x [rows, columns], stable (maximum subtracted). x may equal y.
void ck_f32_softmax(int64_t rows, int64_t columns, const float *x, float *y, ck_pool *_Nullable pool);
/// log softmax over the last axis.
void ck_f32_log_softmax(int64_t rows, int64_t columns, const float *x, float *y, ck_pool *_Nullable pool);
/// dx = y * (dy - sum(dy * y)), rows of the last axis; y is the softmax's output.
void ck_f32_softmax_gradient(int64_t rows, int64_t columns, const float *y, const float *dy, float *dx,
                             ck_pool *_Nullable pool);
/// dx = dy - exp(y) * sum(dy); y is the log-softmax's output.
void ck_f32_log_softmax_gradient(int64_t rows, int64_t columns, const float *y, const float *dy, float *dx,
                                 ck_pool *_Nullable pool);
/// loss[r] = logsumexp(x[r]) - x[r, label[r]]; a label outside 0..<columns gives 0 loss (ignored row).
void ck_f32_sparse_cross_entropy(int64_t rows, int64_t columns, const float *logits, const int64_t *labels, float *loss,
                                 ck_pool *_Nullable pool);
/// dx[r, j] = dloss[r] * (softmax(x[r])[j] - [j == label[r]]); an ignored row gives 0.
void ck_f32_sparse_cross_entropy_gradient(int64_t rows, int64_t columns, const float *logits, const int64_t *labels,
                                          const float *dloss, float *dx, ck_pool *_Nullable pool);

#pragma clang assume_nonnull end

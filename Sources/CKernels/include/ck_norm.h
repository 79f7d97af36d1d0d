/// Normalisation over NCHW (channel axis 1, S = product of the spatial sizes) and over trailing axes.
#pragma once

#include "ck_pool.h"

#pragma clang assume_nonnull begin

/// y = (x - mean[c]) / sqrt(variance[c] + epsilon) * scale[c] + bias[c]; x is [N, C, S].
void ck_f32_batch_norm(int64_t n, int64_t c, int64_t s, const float *x, const float *scale, const float *bias,
                       const float *mean, const float *variance, float epsilon, float *y, ck_pool *_Nullable pool);

/// mean[c] and the biased variance[c] of x over N and S, accumulated stably (two passes or pairwise).
void ck_f32_batch_statistics(int64_t n, int64_t c, int64_t s, const float *x, float *mean, float *variance,
                             ck_pool *_Nullable pool);

/// Training-mode gradient through the batch statistics:
/// dbias = sum dy; dscale = sum dy * xhat; dx = scale / sqrt(var + eps) * (dy - dbias / m - xhat * dscale / m), m = N * S.
void ck_f32_batch_norm_gradient(int64_t n, int64_t c, int64_t s, const float *x, const float *dy, const float *scale,
                                const float *mean, const float *variance, float epsilon, float *dx, float *dscale,
                                float *dbias, ck_pool *_Nullable pool);

/// y = (x - mean) / sqrt(variance + epsilon) * scale + bias over rows of x [rows, d]; scale and bias [d], bias may be NULL.
void ck_f32_layer_norm(int64_t rows, int64_t d, const float *x, const float *scale, const float *_Nullable bias,
                       float epsilon, float *y, float *_Nullable mean, float *_Nullable inverse_deviation,
                       ck_pool *_Nullable pool);

#pragma clang assume_nonnull end

/// Optimiser updates, in place, one pass over memory. g is the gradient; `scale` multiplies it first (1 unless clipped).
#pragma once

#include "ck_pool.h"
#include <stdbool.h>

#pragma clang assume_nonnull begin

/// w -= rate * (scale * g + decay * w)
void ck_f32_sgd(int64_t count, float *w, const float *g, float rate, float decay, float scale, ck_pool *_Nullable pool);

/// v = momentum * v + (scale * g + decay * w); w -= rate * (nesterov ? g' + momentum * v : v) where g' = scale * g + decay * w
/// (PyTorch's form).
void ck_f32_momentum(int64_t count, float *w, const float *g, float *v, float rate, float momentum, bool nesterov,
                     float decay, float scale, ck_pool *_Nullable pool);

/// Adam (Kingma & Ba 2014, algorithm 1) with bias correction for step t >= 1; g' = scale * g + decay * w, or for
/// `decoupled` (AdamW) g' = scale * g and w -= rate * decay * w first.
/// w -= rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
void ck_f32_adam(int64_t count, float *w, const float *g, float *m, float *v, float rate, float beta1, float beta2,
                 float epsilon, int64_t step, float decay, bool decoupled, float scale, ck_pool *_Nullable pool);

/// Sum of squares in double, deterministic for any number of threads (global-norm clipping, L2 terms).
double ck_f32_sum_of_squares(int64_t count, const float *x, ck_pool *_Nullable pool);

#pragma clang assume_nonnull end

/// Two-dimensional pooling over NCHW, as in ONNX MaxPool and AveragePool. Global pooling is a window of H x W.
#pragma once

#include "ck_pool.h"
#include <stdbool.h>

#pragma clang assume_nonnull begin

typedef struct ck_pooling {
  int64_t n, c, h, w;   // input [N, C, H, W]
  int64_t kh, kw;       // window
  int64_t oh, ow;       // output [N, C, OH, OW]
  int64_t stride_h, stride_w;
  int64_t dilation_h, dilation_w;
  int64_t pad_top, pad_left, pad_bottom, pad_right;
  bool count_include_pad;  // average only
} ck_pooling;

/// y = max over the window; padding never wins; NaN propagates. A window with no element gives -infinity.
void ck_f32_max_pool(const ck_pooling *pooling, const float *x, float *y, ck_pool *_Nullable pool);

/// dx = dy routed to the first (row-major) maximum of each window. Overwrites dx.
void ck_f32_max_pool_gradient(const ck_pooling *pooling, const float *x, const float *dy, float *dx,
                              ck_pool *_Nullable pool);

/// y = mean over the window; the divisor counts the window's elements inside the input, or inside input plus padding
/// when `count_include_pad`.
void ck_f32_average_pool(const ck_pooling *pooling, const float *x, float *y, ck_pool *_Nullable pool);

/// dx = dy spread evenly. Overwrites dx.
void ck_f32_average_pool_gradient(const ck_pooling *pooling, const float *dy, float *dx, ck_pool *_Nullable pool);

#pragma clang assume_nonnull end

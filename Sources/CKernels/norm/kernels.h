// The table behind ck_norm.h.
#pragma once

#include "../include/CKernels.h"

typedef struct ck_norm_table {
  // y = (x - mean) * scale + bias over one contiguous plane.
  void (*normalize)(int64_t count, const float *x, float mean, float scale, float bias, float *y);
  // The same with S = 1: a row of channels, each with its own numbers.
  void (*normalize_channels)(int64_t count, const float *x, const float *scale, const float *bias, const float *mean,
                             const float *variance, float epsilon, float *y);
  double (*sum)(int64_t count, const float *x);
  double (*squared_deviations)(int64_t count, const float *x, float mean);
  // Sums of dy and of dy * (x - mean) over one plane.
  double (*deviation_product)(int64_t count, const float *x, const float *dy, float mean);
  // dx = scale * (dy - offset - (x - mean) * slope) over one plane.
  void (*gradient)(int64_t count, const float *x, const float *dy, float mean, float scale, float offset, float slope,
                   float *dx);
  // One row of layer normalisation; `bias` may be NULL.
  void (*layer)(int64_t count, const float *x, const float *scale, const float *bias, float epsilon, float *y, float *mean,
                float *inverse_deviation);
} ck_norm_table;

// For the current level.
const ck_norm_table *ck_norm_kernels(void);

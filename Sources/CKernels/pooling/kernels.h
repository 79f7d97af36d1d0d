// The table behind ck_pooling.h. A row is one row of one output plane: row = (n * C + c) * OH + oy.
#pragma once

#include "../include/CKernels.h"

typedef struct ck_pooling_table {
  void (*max_rows)(const ck_pooling *p, int64_t begin, int64_t end, const float *x, float *y);
  void (*max_rows_2x2)(const ck_pooling *p, int64_t begin, int64_t end, const float *x, float *y);
  void (*max_gradient_rows_2x2)(const ck_pooling *p, int64_t begin, int64_t end, const float *x, const float *dy, float *dx);
  void (*average_rows)(const ck_pooling *p, int64_t begin, int64_t end, const float *x, float *y);
  // Over whole planes: windows may overlap.
  void (*average_gradient_planes)(const ck_pooling *p, int64_t begin, int64_t end, const float *dy, float *dx);
} ck_pooling_table;

// Taps of a window whose position start + tap * dilation lies in low..<high, as a range of taps begin..<end.
typedef struct ck_tap_range {
  int64_t begin, end;
} ck_tap_range;

static inline int64_t ck_divide_up(int64_t a, int64_t b) { return a <= 0 ? 0 : (a + b - 1) / b; }

static inline ck_tap_range ck_taps_inside(int64_t start, int64_t dilation, int64_t taps, int64_t low, int64_t high) {
  ck_tap_range range = {ck_divide_up(low - start, dilation), ck_divide_up(high - start, dilation)};
  if (range.end > taps) range.end = taps;
  if (range.begin > range.end) range.begin = range.end;
  return range;
}

// Number of elements that an average divides by, in one dimension.
static inline int64_t ck_averaged_taps(const ck_pooling *p, int64_t start, int64_t dilation, int64_t taps, int64_t size,
                                       int64_t pad_end) {
  ck_tap_range range = ck_taps_inside(start, dilation, taps, p->count_include_pad ? start : 0,
                                      p->count_include_pad ? size + pad_end : size);
  return range.end - range.begin;
}

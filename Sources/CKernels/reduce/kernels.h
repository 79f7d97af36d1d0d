// The tables behind ck_reduce.h.
#pragma once

#include "../include/CKernels.h"

// Columns that are reduced together, and rows between two hand-overs of their float sums to double.
enum { CK_STRIP = 512, CK_STRIP_ROWS = 64 };

typedef enum ck_sum_term { CK_SUM_VALUE, CK_SUM_SQUARE, CK_SUM_ABSOLUTE, CK_SUM_EXP, CK_SUM_TERMS } ck_sum_term;

typedef struct ck_reduce_table {
  // Over one contiguous row. `shift` is used by CK_SUM_EXP only.
  double (*row_sum[CK_SUM_TERMS])(int64_t count, const float *x, float shift);
  float (*row_extreme)(bool largest, int64_t count, const float *x);  // NaN if there is one
  double (*row_product)(int64_t count, const float *x);
  // Position of each row's first or last extreme element, NaN being more extreme than any number.
  void (*rows_arg_extreme)(bool largest, bool last, int64_t rows, int64_t columns, const float *x, int64_t *y);

  // Over `rows` rows of `width` <= CK_STRIP columns, rows `stride` apart. `shift` [width] is used by CK_SUM_EXP only.
  void (*strip_sum[CK_SUM_TERMS])(int64_t rows, int64_t stride, int64_t width, const float *x, const float *shift,
                                  double *total);
  void (*strip_extreme)(bool largest, int64_t rows, int64_t stride, int64_t width, const float *x, float *y);
  void (*strip_arg_extreme)(bool largest, bool last, int64_t rows, int64_t stride, int64_t width, const float *x, int64_t *y);
} ck_reduce_table;

// Over contiguous rows.
typedef struct ck_softmax_table {
  void (*softmax)(int64_t rows, int64_t columns, const float *x, float *y);
  void (*log_softmax)(int64_t rows, int64_t columns, const float *x, float *y);
  void (*softmax_gradient)(int64_t rows, int64_t columns, const float *y, const float *dy, float *dx);
  void (*log_softmax_gradient)(int64_t rows, int64_t columns, const float *y, const float *dy, float *dx);
  void (*cross_entropy)(int64_t rows, int64_t columns, const float *logits, const int64_t *labels, float *loss);
  void (*cross_entropy_gradient)(int64_t rows, int64_t columns, const float *logits, const int64_t *labels,
                                 const float *dloss, float *dx);
} ck_softmax_table;

// For the current level.
const ck_reduce_table *ck_reduce_kernels(void);
const ck_softmax_table *ck_softmax_kernels(void);

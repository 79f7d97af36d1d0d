// The tables behind ck_elementwise.h: loops over contiguous arrays at one instruction set.
#pragma once

#include "../include/CKernels.h"

typedef void ck_unary_kernel(int64_t count, const float *x, float p0, float p1, float *y);

// Which operands of a binary loop are one number for the whole loop.
enum { CK_BOTH_ARRAYS, CK_RIGHT_SCALAR, CK_LEFT_SCALAR, CK_OPERAND_FORMS };

typedef void ck_binary_kernel(int64_t count, const float *a, const float *b, float p0, float *y);
typedef void ck_compare_kernel(int64_t count, const float *a, const float *b, uint8_t *y);
typedef void ck_select_kernel(int64_t count, const uint8_t *condition, const float *a, const float *b, float *y);

typedef struct ck_unary_table {
  ck_unary_kernel *run[CK_UNARY_COUNT];
} ck_unary_table;

typedef struct ck_binary_table {
  ck_binary_kernel *run[CK_BINARY_COUNT][CK_OPERAND_FORMS];
} ck_binary_table;

typedef struct ck_compare_table {
  ck_compare_kernel *compare[CK_GREATER_OR_EQUAL + 1];
  ck_select_kernel *select;
} ck_compare_table;

// For the current level.
const ck_unary_table *ck_unary_kernels(void);
const ck_binary_table *ck_binary_kernels(void);
const ck_compare_table *ck_compare_kernels(void);

// Binary functions, comparisons and selection with broadcast operands.
//
// The output is walked as rows of its innermost dimension. Long rows go straight to the loops over arrays or numbers; short rows,
// odd strides and bytes are first collected into blocks of contiguous operands that stay in the nearest cache.
#include "kernels.h"

#include "../simd/dispatch.h"
#include <string.h>

enum { RANK_MAX = 8, OPERANDS_MAX = 3, BLOCK = 1024, LONG_ROW = 64 };

typedef struct operand {
  const void *base;
  const int64_t *strides;
  int size;  // bytes of an element: 4, or 1 for conditions
} operand;

typedef struct broadcast_work {
  int rank;
  const int64_t *dims;
  int64_t inner;  // length of the innermost dimension, 1 for rank 0
  int operands;
  operand operand[OPERANDS_MAX];
  void *y;
  ck_binary_kernel *const *binary;  // its three forms
  ck_compare_kernel *compare;
  ck_select_kernel *select;
  float p0;
} broadcast_work;

// A position in the output: the row's index and where each operand's row starts, in elements.
typedef struct position {
  int64_t index[RANK_MAX];
  int64_t offset[OPERANDS_MAX];
} position;

static position position_of_row(const broadcast_work *work, int64_t row) {
  position at = {0};
  for (int d = work->rank - 2; d >= 0; d--) {
    at.index[d] = row % work->dims[d];
    row /= work->dims[d];
    for (int k = 0; k < work->operands; k++) at.offset[k] += at.index[d] * work->operand[k].strides[d];
  }
  return at;
}

static void advance_row(const broadcast_work *work, position *at) {
  for (int d = work->rank - 2; d >= 0; d--) {
    bool wraps = ++at->index[d] == work->dims[d];
    int64_t steps = wraps ? 1 - work->dims[d] : 1;
    for (int k = 0; k < work->operands; k++) at->offset[k] += steps * work->operand[k].strides[d];
    if (!wraps) return;
    at->index[d] = 0;
  }
}

static int64_t inner_stride(const broadcast_work *work, int k) {
  return work->rank == 0 ? 0 : work->operand[k].strides[work->rank - 1];
}

static void collect_floats(float *out, const float *x, int64_t stride, int64_t count) {
  if (stride == 1) {
    memcpy(out, x, (size_t)count * sizeof *out);
  } else {
    for (int64_t i = 0; i < count; i++) out[i] = x[i * stride];
  }
}

static void collect_bytes(uint8_t *out, const uint8_t *x, int64_t stride, int64_t count) {
  if (stride == 1) {
    memcpy(out, x, (size_t)count);
  } else {
    for (int64_t i = 0; i < count; i++) out[i] = x[i * stride];
  }
}

static void run_block(const broadcast_work *work, int64_t count, const void *const *block, int64_t begin) {
  if (work->binary) {
    work->binary[CK_BOTH_ARRAYS](count, block[0], block[1], work->p0, (float *)work->y + begin);
  } else if (work->compare) {
    work->compare(count, block[0], block[1], (uint8_t *)work->y + begin);
  } else {
    work->select(count, block[0], block[1], block[2], (float *)work->y + begin);
  }
}

// Elements begin..<end of the output, operands collected block by block.
static void run_collected(const broadcast_work *work, int64_t begin, int64_t end) {
  float buffer[OPERANDS_MAX][BLOCK];
  const void *const block[OPERANDS_MAX] = {buffer[0], buffer[1], buffer[2]};
  position at = position_of_row(work, begin / work->inner);
  int64_t column = begin % work->inner;
  while (begin < end) {
    int64_t count = end - begin < BLOCK ? end - begin : BLOCK;
    for (int64_t filled = 0; filled < count;) {
      int64_t run = work->inner - column < count - filled ? work->inner - column : count - filled;
      for (int k = 0; k < work->operands; k++) {
        int64_t stride = inner_stride(work, k), start = at.offset[k] + column * stride;
        if (work->operand[k].size == 1) {
          collect_bytes((uint8_t *)buffer[k] + filled, (const uint8_t *)work->operand[k].base + start, stride, run);
        } else {
          collect_floats(buffer[k] + filled, (const float *)work->operand[k].base + start, stride, run);
        }
      }
      filled += run;
      column += run;
      if (column == work->inner) {
        column = 0;
        advance_row(work, &at);
      }
    }
    run_block(work, count, block, begin);
    begin += count;
  }
}

// Elements begin..<end, row by row in place: inner strides are 0 or 1 and not both 0.
static void run_in_place(const broadcast_work *work, int64_t begin, int64_t end) {
  int64_t a_stride = inner_stride(work, 0), b_stride = inner_stride(work, 1);
  ck_binary_kernel *kernel = work->binary[a_stride == 0 ? CK_LEFT_SCALAR : b_stride == 0 ? CK_RIGHT_SCALAR : CK_BOTH_ARRAYS];
  const float *a = work->operand[0].base, *b = work->operand[1].base;
  position at = position_of_row(work, begin / work->inner);
  int64_t column = begin % work->inner;
  while (begin < end) {
    int64_t count = work->inner - column < end - begin ? work->inner - column : end - begin;
    kernel(count, a + at.offset[0] + column * a_stride, b + at.offset[1] + column * b_stride, work->p0,
           (float *)work->y + begin);
    begin += count;
    column = 0;
    advance_row(work, &at);
  }
}

static void run(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const broadcast_work *work = context;
  if (work->binary && work->inner >= LONG_ROW) {
    int64_t a = inner_stride(work, 0), b = inner_stride(work, 1);
    if ((a == 0 || a == 1) && (b == 0 || b == 1) && a + b > 0) {
      run_in_place(work, begin, end);
      return;
    }
  }
  run_collected(work, begin, end);
}

static void start(broadcast_work *work, int rank, const int64_t *dims, ck_pool *pool) {
  work->rank = rank;
  work->dims = dims;
  work->inner = rank == 0 ? 1 : dims[rank - 1];
  int64_t count = 1;
  for (int d = 0; d < rank; d++) count *= dims[d];
  if (count > 0) ck_pool_for(pool, count, CK_PARALLEL_GRAIN, work, run);
}

void ck_f32_binary_broadcast(ck_binary op, int rank, const int64_t *dims, const float *a, const int64_t *a_strides,
                             const float *b, const int64_t *b_strides, float p0, float *y, ck_pool *pool) {
  broadcast_work work = {.operands = 2, .operand = {{a, a_strides, 4}, {b, b_strides, 4}}, .y = y, .p0 = p0};
  work.binary = ck_binary_kernels()->run[op];
  start(&work, rank, dims, pool);
}

void ck_f32_compare_broadcast(ck_compare op, int rank, const int64_t *dims, const float *a, const int64_t *a_strides,
                              const float *b, const int64_t *b_strides, uint8_t *y, ck_pool *pool) {
  broadcast_work work = {.operands = 2, .operand = {{a, a_strides, 4}, {b, b_strides, 4}}, .y = y};
  work.compare = ck_compare_kernels()->compare[op];
  start(&work, rank, dims, pool);
}

void ck_f32_select_broadcast(int rank, const int64_t *dims, const uint8_t *condition, const int64_t *c_strides,
                             const float *a, const int64_t *a_strides, const float *b, const int64_t *b_strides, float *y,
                             ck_pool *pool) {
  broadcast_work work = {
      .operands = 3, .operand = {{condition, c_strides, 1}, {a, a_strides, 4}, {b, b_strides, 4}}, .y = y};
  work.select = ck_compare_kernels()->select;
  start(&work, rank, dims, pool);
}

// Reductions of [outer, reduced, inner] to [outer, inner].
#include "kernels.h"

#include <math.h>

#define CK_TEMPLATE "../reduce/reduce.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(ck_reduce_table);

const ck_reduce_table *ck_reduce_kernels(void) { return tables[ck_isa_current()]; }

enum { CHUNK = 65536, CHUNKS_MAX = 256 };

typedef struct reduce_work {
  const ck_reduce_table *kernels;
  ck_reduction op;
  int64_t reduced, inner, strips;
  const float *x;
  float *y;
} reduce_work;

// MARK: One row, in chunks that depend on its length only, whoever runs them.

typedef struct row_work {
  const ck_reduce_table *kernels;
  ck_reduction op;
  int64_t count, chunk;
  const float *x;
  float shift;
  double partial[CHUNKS_MAX];
} row_work;

static double row_chunk(const ck_reduce_table *kernels, ck_reduction op, int64_t count, const float *x, float shift) {
  switch (op) {
    case CK_REDUCE_SUM:
    case CK_REDUCE_MEAN:
    case CK_REDUCE_LOG_SUM: return kernels->row_sum[CK_SUM_VALUE](count, x, 0);
    case CK_REDUCE_SUM_SQUARE:
    case CK_REDUCE_L2: return kernels->row_sum[CK_SUM_SQUARE](count, x, 0);
    case CK_REDUCE_L1: return kernels->row_sum[CK_SUM_ABSOLUTE](count, x, 0);
    case CK_REDUCE_LOG_SUM_EXP: return kernels->row_sum[CK_SUM_EXP](count, x, shift);
    case CK_REDUCE_MAX: return kernels->row_extreme(true, count, x);
    case CK_REDUCE_MIN: return kernels->row_extreme(false, count, x);
    case CK_REDUCE_PROD: return kernels->row_product(count, x);
  }
  __builtin_unreachable();
}

static double combine(ck_reduction op, double a, double b) {
  switch (op) {
    case CK_REDUCE_MAX: return a != a || a > b ? a : b;
    case CK_REDUCE_MIN: return a != a || a < b ? a : b;
    case CK_REDUCE_PROD: return a * b;
    default: return a + b;
  }
}

static void run_chunks(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  row_work *work = context;
  for (int64_t i = begin; i < end; i++) {
    int64_t from = i * work->chunk, rest = work->count - from;
    work->partial[i] = row_chunk(work->kernels, work->op, rest < work->chunk ? rest : work->chunk, work->x + from, work->shift);
  }
}

static double reduce_chunks(const ck_reduce_table *kernels, ck_reduction op, int64_t count, const float *x, float shift,
                            ck_pool *pool) {
  if (count <= CHUNK) return row_chunk(kernels, op, count, x, shift);
  row_work work = {.kernels = kernels, .op = op, .count = count, .x = x, .shift = shift};
  // Whole blocks of the sums, at least CHUNK elements, and no more chunks than there is room for.
  int64_t per_chunk = (count + CHUNKS_MAX - 1) / CHUNKS_MAX;
  work.chunk = per_chunk < CHUNK ? CHUNK : (per_chunk + 4095) / 4096 * 4096;
  int64_t chunks = (count + work.chunk - 1) / work.chunk;
  ck_pool_for(pool, chunks, 1, &work, run_chunks);
  double total = work.partial[0];
  for (int64_t i = 1; i < chunks; i++) total = combine(op, total, work.partial[i]);
  return total;
}

// An infinite maximum is no shift: infinity - infinity is NaN.
static float shift_of(float maximum) { return isinf(maximum) ? 0.0f : maximum; }

static float finish(ck_reduction op, double value, int64_t reduced, float shift) {
  switch (op) {
    case CK_REDUCE_MEAN: return (float)(value / (double)reduced);
    case CK_REDUCE_L2: return (float)sqrt(value);
    case CK_REDUCE_LOG_SUM: return (float)log(value);
    case CK_REDUCE_LOG_SUM_EXP: return (float)(log(value) + shift);
    default: return (float)value;
  }
}

static float reduce_row(const ck_reduce_table *kernels, ck_reduction op, int64_t count, const float *x, ck_pool *pool) {
  float shift = 0;
  if (op == CK_REDUCE_LOG_SUM_EXP) shift = shift_of((float)reduce_chunks(kernels, CK_REDUCE_MAX, count, x, 0, pool));
  return finish(op, reduce_chunks(kernels, op, count, x, shift, pool), count, shift);
}

static void run_rows(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const reduce_work *work = context;
  for (int64_t i = begin; i < end; i++) {
    work->y[i] = reduce_row(work->kernels, work->op, work->reduced, work->x + i * work->reduced, NULL);
  }
}

// MARK: Strips of columns.

static void reduce_strip(const reduce_work *work, int64_t width, const float *x, float *y) {
  const ck_reduce_table *kernels = work->kernels;
  int64_t rows = work->reduced, stride = work->inner;
  double total[CK_STRIP];
  float shift[CK_STRIP] = {0};
  switch (work->op) {
    case CK_REDUCE_MAX:
    case CK_REDUCE_MIN: kernels->strip_extreme(work->op == CK_REDUCE_MAX, rows, stride, width, x, y); return;
    case CK_REDUCE_PROD:
      for (int64_t j = 0; j < width; j++) total[j] = 1;
      for (int64_t row = 0; row < rows; row++) {
        for (int64_t j = 0; j < width; j++) total[j] *= x[row * stride + j];
      }
      break;
    case CK_REDUCE_SUM:
    case CK_REDUCE_MEAN:
    case CK_REDUCE_LOG_SUM: kernels->strip_sum[CK_SUM_VALUE](rows, stride, width, x, shift, total); break;
    case CK_REDUCE_SUM_SQUARE:
    case CK_REDUCE_L2: kernels->strip_sum[CK_SUM_SQUARE](rows, stride, width, x, shift, total); break;
    case CK_REDUCE_L1: kernels->strip_sum[CK_SUM_ABSOLUTE](rows, stride, width, x, shift, total); break;
    case CK_REDUCE_LOG_SUM_EXP:
      kernels->strip_extreme(true, rows, stride, width, x, shift);
      for (int64_t j = 0; j < width; j++) shift[j] = shift_of(shift[j]);
      kernels->strip_sum[CK_SUM_EXP](rows, stride, width, x, shift, total);
      break;
  }
  for (int64_t j = 0; j < width; j++) y[j] = finish(work->op, total[j], rows, shift[j]);
}

static void run_strips(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const reduce_work *work = context;
  for (int64_t i = begin; i < end; i++) {
    int64_t outer = i / work->strips, column = i % work->strips * CK_STRIP;
    int64_t width = work->inner - column < CK_STRIP ? work->inner - column : CK_STRIP;
    reduce_strip(work, width, work->x + outer * work->reduced * work->inner + column, work->y + outer * work->inner + column);
  }
}

void ck_f32_reduce(ck_reduction op, int64_t outer, int64_t reduced, int64_t inner, const float *x, float *y, ck_pool *pool) {
  if (outer <= 0 || inner <= 0) return;
  reduce_work work = {ck_reduce_kernels(), op, reduced, inner, (inner + CK_STRIP - 1) / CK_STRIP, x, y};
  if (inner == 1 && outer == 1) {
    y[0] = reduce_row(work.kernels, op, reduced, x, pool);
  } else if (inner == 1) {
    ck_pool_for(pool, outer, ck_grain_of(reduced), &work, run_rows);
  } else {
    ck_pool_for(pool, outer * work.strips, ck_grain_of(reduced * (inner < CK_STRIP ? inner : CK_STRIP)), &work, run_strips);
  }
}

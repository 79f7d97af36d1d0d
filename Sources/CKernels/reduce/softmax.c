// Softmax, log-softmax and sparse cross-entropy over the rows of a matrix.
#include "kernels.h"

#include "../simd/prefetch.h"

#define CK_TEMPLATE "../reduce/softmax.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(ck_softmax_table);

const ck_softmax_table *ck_softmax_kernels(void) { return tables[ck_isa_current()]; }

typedef struct softmax_work {
  void (*unary)(int64_t rows, int64_t columns, const float *x, float *y);
  void (*binary)(int64_t rows, int64_t columns, const float *a, const float *b, float *y);
  const ck_softmax_table *kernels;
  int64_t columns;
  const float *a, *b;
  const int64_t *labels;
  float *y;
} softmax_work;

static void run_unary(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const softmax_work *work = context;
  int64_t at = begin * work->columns;
  work->unary(end - begin, work->columns, work->a + at, work->y + at);
}

static void run_binary(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const softmax_work *work = context;
  int64_t at = begin * work->columns;
  work->binary(end - begin, work->columns, work->a + at, work->b + at, work->y + at);
}

void ck_f32_softmax(int64_t rows, int64_t columns, const float *x, float *y, ck_pool *pool) {
  softmax_work work = {.unary = ck_softmax_kernels()->softmax, .columns = columns, .a = x, .y = y};
  ck_pool_for(pool, rows, ck_grain_of(columns), &work, run_unary);
}

void ck_f32_log_softmax(int64_t rows, int64_t columns, const float *x, float *y, ck_pool *pool) {
  softmax_work work = {.unary = ck_softmax_kernels()->log_softmax, .columns = columns, .a = x, .y = y};
  ck_pool_for(pool, rows, ck_grain_of(columns), &work, run_unary);
}

void ck_f32_softmax_gradient(int64_t rows, int64_t columns, const float *y, const float *dy, float *dx, ck_pool *pool) {
  softmax_work work = {.binary = ck_softmax_kernels()->softmax_gradient, .columns = columns, .a = y, .b = dy, .y = dx};
  ck_pool_for(pool, rows, ck_grain_of(columns), &work, run_binary);
}

void ck_f32_log_softmax_gradient(int64_t rows, int64_t columns, const float *y, const float *dy, float *dx, ck_pool *pool) {
  softmax_work work = {.binary = ck_softmax_kernels()->log_softmax_gradient, .columns = columns, .a = y, .b = dy, .y = dx};
  ck_pool_for(pool, rows, ck_grain_of(columns), &work, run_binary);
}

static void run_cross_entropy(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const softmax_work *work = context;
  work->kernels->cross_entropy(end - begin, work->columns, work->a + begin * work->columns, work->labels + begin,
                               work->y + begin);
}

static void run_cross_entropy_gradient(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const softmax_work *work = context;
  int64_t at = begin * work->columns;
  work->kernels->cross_entropy_gradient(end - begin, work->columns, work->a + at, work->labels + begin, work->b + begin,
                                        work->y + at);
}

void ck_f32_sparse_cross_entropy(int64_t rows, int64_t columns, const float *logits, const int64_t *labels, float *loss,
                                 ck_pool *pool) {
  softmax_work work = {.kernels = ck_softmax_kernels(), .columns = columns, .a = logits, .labels = labels, .y = loss};
  ck_pool_for(pool, rows, ck_grain_of(columns), &work, run_cross_entropy);
}

void ck_f32_sparse_cross_entropy_gradient(int64_t rows, int64_t columns, const float *logits, const int64_t *labels,
                                          const float *dloss, float *dx, ck_pool *pool) {
  softmax_work work = {
      .kernels = ck_softmax_kernels(), .columns = columns, .a = logits, .b = dloss, .labels = labels, .y = dx};
  ck_pool_for(pool, rows, ck_grain_of(columns), &work, run_cross_entropy_gradient);
}

// Unary functions over contiguous arrays.
#include "kernels.h"

#define CK_TEMPLATE "../elementwise/unary.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(ck_unary_table);

const ck_unary_table *ck_unary_kernels(void) { return tables[ck_isa_current()]; }

typedef struct unary_work {
  ck_unary_kernel *kernel;
  const float *x;
  float *y;
  float p0, p1;
} unary_work;

static void run(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const unary_work *work = context;
  work->kernel(end - begin, work->x + begin, work->p0, work->p1, work->y + begin);
}

void ck_f32_unary(ck_unary op, int64_t count, const float *x, float p0, float p1, float *y, ck_pool *pool) {
  unary_work work = {ck_unary_kernels()->run[op], x, y, p0, p1};
  ck_pool_for(pool, count, CK_PARALLEL_GRAIN, &work, run);
}

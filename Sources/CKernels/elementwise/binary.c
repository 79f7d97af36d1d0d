// Binary functions over contiguous arrays.
#include "kernels.h"

#define CK_TEMPLATE "../elementwise/binary.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(ck_binary_table);

const ck_binary_table *ck_binary_kernels(void) { return tables[ck_isa_current()]; }

typedef struct binary_work {
  ck_binary_kernel *kernel;
  const float *a, *b;
  float *y;
  float p0;
} binary_work;

static void run(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const binary_work *work = context;
  work->kernel(end - begin, work->a + begin, work->b + begin, work->p0, work->y + begin);
}

void ck_f32_binary(ck_binary op, int64_t count, const float *a, const float *b, float p0, float *y, ck_pool *pool) {
  binary_work work = {ck_binary_kernels()->run[op][CK_BOTH_ARRAYS], a, b, y, p0};
  ck_pool_for(pool, count, CK_PARALLEL_GRAIN, &work, run);
}

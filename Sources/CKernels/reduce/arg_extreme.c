// Positions of the largest or smallest elements along the middle axis. As in NumPy, NaN counts as more extreme than any number.
#include "kernels.h"

#include "../simd/dispatch.h"

typedef struct arg_work {
  const ck_reduce_table *kernels;
  bool largest, last;
  int64_t reduced, inner, strips;
  const float *x;
  int64_t *y;
} arg_work;

static void run_rows(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const arg_work *work = context;
  work->kernels->rows_arg_extreme(work->largest, work->last, end - begin, work->reduced, work->x + begin * work->reduced,
                                  work->y + begin);
}

static void run_strips(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const arg_work *work = context;
  for (int64_t i = begin; i < end; i++) {
    int64_t outer = i / work->strips, column = i % work->strips * CK_STRIP;
    int64_t width = work->inner - column < CK_STRIP ? work->inner - column : CK_STRIP;
    work->kernels->strip_arg_extreme(work->largest, work->last, work->reduced, work->inner, width,
                                     work->x + outer * work->reduced * work->inner + column,
                                     work->y + outer * work->inner + column);
  }
}

void ck_f32_arg_extreme(int largest, int last, int64_t outer, int64_t reduced, int64_t inner, const float *x, int64_t *y,
                        ck_pool *pool) {
  if (outer <= 0 || inner <= 0 || reduced <= 0) return;
  arg_work work = {ck_reduce_kernels(), largest != 0, last != 0, reduced, inner, (inner + CK_STRIP - 1) / CK_STRIP, x, y};
  if (inner == 1) {
    ck_pool_for(pool, outer, ck_grain_of(reduced), &work, run_rows);
  } else {
    ck_pool_for(pool, outer * work.strips, ck_grain_of(reduced * (inner < CK_STRIP ? inner : CK_STRIP)), &work, run_strips);
  }
}

// Max and average pooling over NCHW: the choice between whole-plane, 2 x 2 and general windows.
#include "kernels.h"

#include "../reduce/kernels.h"
#include "../simd/prefetch.h"

#include <math.h>

#define CK_TEMPLATE "../pooling/pooling.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(ck_pooling_table);

typedef void rows_kernel(const ck_pooling *p, int64_t begin, int64_t end, const float *x, float *y);

typedef struct pooling_work {
  const ck_pooling *p;
  rows_kernel *rows;
  const ck_pooling_table *kernels;
  const ck_reduce_table *reduce;
  const float *x, *dy;
  float *y;
} pooling_work;

// One window that is the whole plane?
static bool is_global(const ck_pooling *p) {
  return p->oh == 1 && p->ow == 1 && p->kh == p->h && p->kw == p->w && p->pad_top == 0 && p->pad_left == 0 &&
         p->pad_bottom == 0 && p->pad_right == 0 && p->dilation_h == 1 && p->dilation_w == 1;
}

static bool is_two_by_two(const ck_pooling *p) {
  return p->kh == 2 && p->kw == 2 && p->stride_h == 2 && p->stride_w == 2 && p->dilation_h == 1 && p->dilation_w == 1 &&
         p->pad_top == 0 && p->pad_left == 0 && 2 * p->oh <= p->h && 2 * p->ow <= p->w && p->ow > 0;
}

static bool is_empty(const ck_pooling *p) { return p->n * p->c * p->oh * p->ow == 0; }

static void run_rows(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const pooling_work *work = context;
  work->rows(work->p, begin, end, work->x, work->y);
}

static void start_rows(pooling_work *work, ck_pool *pool) {
  const ck_pooling *p = work->p;
  ck_pool_for(pool, p->n * p->c * p->oh, ck_grain_of(p->ow * p->kh * p->kw), work, run_rows);
}

static void run_global_max(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const pooling_work *work = context;
  int64_t size = work->p->h * work->p->w;
  for (int64_t plane = begin; plane < end; plane++) {
    work->y[plane] = work->reduce->row_extreme(true, size, work->x + plane * size);
  }
}

void ck_f32_max_pool(const ck_pooling *p, const float *x, float *y, ck_pool *pool) {
  if (is_empty(p)) return;
  pooling_work work = {.p = p, .x = x, .y = y, .reduce = ck_reduce_kernels()};
  const ck_pooling_table *kernels = tables[ck_isa_current()];
  if (is_global(p)) {
    ck_pool_for(pool, p->n * p->c, ck_grain_of(p->h * p->w), &work, run_global_max);
  } else {
    work.rows = is_two_by_two(p) ? kernels->max_rows_2x2 : kernels->max_rows;
    start_rows(&work, pool);
  }
}

static void run_global_average(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const pooling_work *work = context;
  int64_t size = work->p->h * work->p->w;
  for (int64_t plane = begin; plane < end; plane++) {
    double sum = work->reduce->row_sum[CK_SUM_VALUE](size, work->x + plane * size, 0);
    work->y[plane] = (float)(sum / (double)size);
  }
}

void ck_f32_average_pool(const ck_pooling *p, const float *x, float *y, ck_pool *pool) {
  if (is_empty(p)) return;
  pooling_work work = {.p = p, .x = x, .y = y, .reduce = ck_reduce_kernels()};
  if (is_global(p)) {
    ck_pool_for(pool, p->n * p->c, ck_grain_of(p->h * p->w), &work, run_global_average);
  } else {
    work.rows = tables[ck_isa_current()]->average_rows;
    start_rows(&work, pool);
  }
}

// MARK: Gradients.

static void run_max_gradient_2x2(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const pooling_work *work = context;
  work->kernels->max_gradient_rows_2x2(work->p, begin, end, work->x, work->dy, work->y);
}

// Index in the plane of the first maximum (or NaN) of a window, -1 for a window with no element.
static int64_t first_maximum(const ck_pooling *p, const float *plane, int64_t top, int64_t left) {
  ck_tap_range rows = ck_taps_inside(top, p->dilation_h, p->kh, 0, p->h);
  ck_tap_range columns = ck_taps_inside(left, p->dilation_w, p->kw, 0, p->w);
  int64_t best = -1;
  for (int64_t ky = rows.begin; ky < rows.end; ky++) {
    for (int64_t kx = columns.begin; kx < columns.end; kx++) {
      int64_t at = (top + ky * p->dilation_h) * p->w + left + kx * p->dilation_w;
      if (best < 0 || plane[at] > plane[best] || (plane[at] != plane[at] && plane[best] == plane[best])) best = at;
    }
  }
  return best;
}

static void run_max_gradient(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const pooling_work *work = context;
  const ck_pooling *p = work->p;
  for (int64_t plane = begin; plane < end; plane++) {
    const float *x = work->x + plane * p->h * p->w, *dy = work->dy + plane * p->oh * p->ow;
    float *dx = work->y + plane * p->h * p->w;
    for (int64_t i = 0; i < p->h * p->w; i++) dx[i] = 0.0f;
    for (int64_t oy = 0; oy < p->oh; oy++) {
      for (int64_t ox = 0; ox < p->ow; ox++) {
        int64_t at = first_maximum(p, x, oy * p->stride_h - p->pad_top, ox * p->stride_w - p->pad_left);
        if (at >= 0) dx[at] += dy[oy * p->ow + ox];
      }
    }
  }
}

void ck_f32_max_pool_gradient(const ck_pooling *p, const float *x, const float *dy, float *dx, ck_pool *pool) {
  pooling_work work = {.p = p, .kernels = tables[ck_isa_current()], .x = x, .dy = dy, .y = dx};
  if (is_two_by_two(p) && p->oh > 0) {
    ck_pool_for(pool, p->n * p->c * p->oh, ck_grain_of(4 * p->ow), &work, run_max_gradient_2x2);
  } else {
    ck_pool_for(pool, p->n * p->c, ck_grain_of(p->h * p->w * p->kh), &work, run_max_gradient);
  }
}

static void run_average_gradient(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const pooling_work *work = context;
  work->kernels->average_gradient_planes(work->p, begin, end, work->dy, work->y);
}

void ck_f32_average_pool_gradient(const ck_pooling *p, const float *dy, float *dx, ck_pool *pool) {
  pooling_work work = {.p = p, .kernels = tables[ck_isa_current()], .dy = dy, .y = dx};
  ck_pool_for(pool, p->n * p->c, ck_grain_of(p->h * p->w), &work, run_average_gradient);
}

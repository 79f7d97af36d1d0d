// Layer normalisation over the rows of a matrix.
#include "kernels.h"

#include "../simd/dispatch.h"

typedef struct layer_work {
  const ck_norm_table *kernels;
  int64_t d;
  const float *x, *scale, *bias;
  float epsilon;
  float *y, *mean, *inverse_deviation;
} layer_work;

static void run(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const layer_work *work = context;
  for (int64_t row = begin; row < end; row++) {
    float mean, inverse_deviation;
    work->kernels->layer(work->d, work->x + row * work->d, work->scale, work->bias, work->epsilon, work->y + row * work->d,
                         &mean, &inverse_deviation);
    if (work->mean) work->mean[row] = mean;
    if (work->inverse_deviation) work->inverse_deviation[row] = inverse_deviation;
  }
}

void ck_f32_layer_norm(int64_t rows, int64_t d, const float *x, const float *scale, const float *bias, float epsilon, float *y,
                       float *mean, float *inverse_deviation, ck_pool *pool) {
  layer_work work = {ck_norm_kernels(), d, x, scale, bias, epsilon, y, mean, inverse_deviation};
  ck_pool_for(pool, rows, ck_grain_of(d), &work, run);
}

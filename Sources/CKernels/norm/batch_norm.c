// Batch normalisation of [N, C, S]: inference, statistics and the training gradient.
#include "kernels.h"

#include <math.h>

#define CK_TEMPLATE "../norm/norm.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(ck_norm_table);

const ck_norm_table *ck_norm_kernels(void) { return tables[ck_isa_current()]; }

enum { STRIP = 64 };

typedef struct batch_work {
  const ck_norm_table *kernels;
  int64_t n, c, s;
  const float *x, *dy, *scale, *bias, *mean, *variance;
  float epsilon;
  float *y;
  float *out_mean, *out_variance;  // statistics
  float *dscale, *dbias;           // gradient
} batch_work;

static void run_planes(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const batch_work *work = context;
  for (int64_t plane = begin; plane < end; plane++) {
    int64_t c = plane % work->c, at = plane * work->s;
    float factor = work->scale[c] / sqrtf(work->variance[c] + work->epsilon);
    work->kernels->normalize(work->s, work->x + at, work->mean[c], factor, work->bias[c], work->y + at);
  }
}

static void run_channel_rows(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const batch_work *work = context;
  for (int64_t n = begin; n < end; n++) {
    work->kernels->normalize_channels(work->c, work->x + n * work->c, work->scale, work->bias, work->mean, work->variance,
                                      work->epsilon, work->y + n * work->c);
  }
}

void ck_f32_batch_norm(int64_t n, int64_t c, int64_t s, const float *x, const float *scale, const float *bias,
                       const float *mean, const float *variance, float epsilon, float *y, ck_pool *pool) {
  batch_work work = {.kernels = ck_norm_kernels(), .n = n, .c = c, .s = s, .x = x, .scale = scale, .bias = bias,
                     .mean = mean, .variance = variance, .epsilon = epsilon, .y = y};
  if (s == 1) {
    ck_pool_for(pool, n, ck_grain_of(c), &work, run_channel_rows);
  } else {
    ck_pool_for(pool, n * c, ck_grain_of(s), &work, run_planes);
  }
}

// Two passes per channel: planes are summed in fixed partial sums, and added in double.
static void run_statistics(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const batch_work *work = context;
  double count = (double)(work->n * work->s);
  for (int64_t c = begin; c < end; c++) {
    double sum = 0, squares = 0;
    for (int64_t n = 0; n < work->n; n++) sum += work->kernels->sum(work->s, work->x + (n * work->c + c) * work->s);
    float mean = (float)(sum / count);
    for (int64_t n = 0; n < work->n; n++) {
      squares += work->kernels->squared_deviations(work->s, work->x + (n * work->c + c) * work->s, mean);
    }
    work->out_mean[c] = mean;
    work->out_variance[c] = (float)(squares / count);
  }
}

// The same with S = 1, where a channel's elements lie apart: STRIP channels at a time, row by row.
static void run_strip_statistics(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const batch_work *work = context;
  for (int64_t strip = begin; strip < end; strip++) {
    int64_t c = strip * STRIP, width = work->c - c < STRIP ? work->c - c : STRIP;
    double sum[STRIP] = {0}, squares[STRIP] = {0};
    for (int64_t n = 0; n < work->n; n++) {
      const float *row = work->x + n * work->c + c;
      for (int64_t j = 0; j < width; j++) sum[j] += row[j];
    }
    float *mean = work->out_mean + c;
    for (int64_t j = 0; j < width; j++) mean[j] = (float)(sum[j] / (double)work->n);
    for (int64_t n = 0; n < work->n; n++) {
      const float *row = work->x + n * work->c + c;
      for (int64_t j = 0; j < width; j++) {
        float deviation = row[j] - mean[j];
        squares[j] += deviation * deviation;
      }
    }
    for (int64_t j = 0; j < width; j++) work->out_variance[c + j] = (float)(squares[j] / (double)work->n);
  }
}

void ck_f32_batch_statistics(int64_t n, int64_t c, int64_t s, const float *x, float *mean, float *variance, ck_pool *pool) {
  batch_work work = {
      .kernels = ck_norm_kernels(), .n = n, .c = c, .s = s, .x = x, .out_mean = mean, .out_variance = variance};
  if (s == 1) {
    ck_pool_for(pool, (c + STRIP - 1) / STRIP, ck_grain_of(n * STRIP), &work, run_strip_statistics);
  } else {
    ck_pool_for(pool, c, ck_grain_of(n * s), &work, run_statistics);
  }
}

static void run_gradient(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const batch_work *work = context;
  double count = (double)(work->n * work->s);
  for (int64_t c = begin; c < end; c++) {
    float mean = work->mean[c];
    double inverse = 1.0 / sqrt((double)work->variance[c] + (double)work->epsilon);
    double sum = 0, product = 0;
    for (int64_t n = 0; n < work->n; n++) {
      int64_t at = (n * work->c + c) * work->s;
      sum += work->kernels->sum(work->s, work->dy + at);
      product += work->kernels->deviation_product(work->s, work->x + at, work->dy + at, mean);
    }
    work->dbias[c] = (float)sum;
    work->dscale[c] = (float)(product * inverse);
    float scale = (float)(work->scale[c] * inverse), offset = (float)(sum / count);
    float slope = (float)(product * inverse * inverse / count);
    for (int64_t n = 0; n < work->n; n++) {
      int64_t at = (n * work->c + c) * work->s;
      work->kernels->gradient(work->s, work->x + at, work->dy + at, mean, scale, offset, slope, work->y + at);
    }
  }
}

void ck_f32_batch_norm_gradient(int64_t n, int64_t c, int64_t s, const float *x, const float *dy, const float *scale,
                                const float *mean, const float *variance, float epsilon, float *dx, float *dscale,
                                float *dbias, ck_pool *pool) {
  batch_work work = {.kernels = ck_norm_kernels(), .n = n, .c = c, .s = s, .x = x, .dy = dy, .scale = scale, .mean = mean,
                     .variance = variance, .epsilon = epsilon, .y = dx, .dscale = dscale, .dbias = dbias};
  ck_pool_for(pool, c, ck_grain_of(n * s), &work, run_gradient);
}

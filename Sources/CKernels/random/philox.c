// Counter-based random numbers, split over threads: every element depends on its index only.
#include "../include/CKernels.h"

#include <math.h>

typedef struct ck_philox_table {
  void (*words)(uint64_t seed, uint64_t stream, uint64_t offset, int64_t count, uint32_t *y);
  void (*uniform)(uint64_t seed, uint64_t stream, uint64_t offset, int64_t count, float low, float high, float *y);
  void (*normal)(uint64_t seed, uint64_t stream, uint64_t offset, int64_t count, float mean, float deviation, float *y);
  void (*dropout)(uint64_t seed, uint64_t stream, uint64_t offset, int64_t count, uint64_t threshold, float scale,
                  const float *x, float *y, uint8_t *mask);
} ck_philox_table;

#define CK_TEMPLATE "../random/philox.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(ck_philox_table);

typedef struct philox_work {
  const ck_philox_table *kernels;
  uint64_t seed, stream, offset;
  float p0, p1;
  uint64_t threshold;
  uint32_t *words;
  const float *x;
  float *y;
  uint8_t *mask;
} philox_work;

static void run_words(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const philox_work *work = context;
  work->kernels->words(work->seed, work->stream, work->offset + (uint64_t)begin, end - begin, work->words + begin);
}

static void run_uniform(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const philox_work *work = context;
  work->kernels->uniform(work->seed, work->stream, work->offset + (uint64_t)begin, end - begin, work->p0, work->p1,
                         work->y + begin);
}

static void run_normal(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const philox_work *work = context;
  work->kernels->normal(work->seed, work->stream, work->offset + (uint64_t)begin, end - begin, work->p0, work->p1,
                        work->y + begin);
}

static void run_dropout(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const philox_work *work = context;
  work->kernels->dropout(work->seed, work->stream, (uint64_t)begin, end - begin, work->threshold, work->p0,
                         work->x + begin, work->y + begin, work->mask ? work->mask + begin : NULL);
}

void ck_philox_u32(uint64_t seed, uint64_t stream, uint64_t offset, int64_t count, uint32_t *y, ck_pool *pool) {
  philox_work work = {.kernels = tables[ck_isa_current()], .seed = seed, .stream = stream, .offset = offset, .words = y};
  ck_pool_for(pool, count, CK_PARALLEL_GRAIN, &work, run_words);
}

void ck_f32_uniform(uint64_t seed, uint64_t stream, uint64_t offset, int64_t count, float low, float high, float *y,
                    ck_pool *pool) {
  philox_work work = {.kernels = tables[ck_isa_current()], .seed = seed, .stream = stream, .offset = offset,
                      .p0 = low, .p1 = high, .y = y};
  ck_pool_for(pool, count, CK_PARALLEL_GRAIN, &work, run_uniform);
}

void ck_f32_normal(uint64_t seed, uint64_t stream, uint64_t offset, int64_t count, float mean, float deviation, float *y,
                   ck_pool *pool) {
  philox_work work = {.kernels = tables[ck_isa_current()], .seed = seed, .stream = stream, .offset = offset,
                      .p0 = mean, .p1 = deviation, .y = y};
  ck_pool_for(pool, count, CK_PARALLEL_GRAIN, &work, run_normal);
}

void ck_f32_dropout(uint64_t seed, uint64_t stream, int64_t count, float ratio, const float *x, float *y, uint8_t *mask,
                    ck_pool *pool) {
  // word / 2^32 >= ratio, in integers.
  double threshold = ceil((double)ratio * 0x1p32);
  philox_work work = {.kernels = tables[ck_isa_current()], .seed = seed, .stream = stream, .x = x, .y = y, .mask = mask};
  work.threshold = threshold <= 0 ? 0 : threshold >= 0x1p32 ? 1ull << 32 : (uint64_t)threshold;
  work.p0 = 1.0f / (1.0f - ratio);
  ck_pool_for(pool, count, CK_PARALLEL_GRAIN, &work, run_dropout);
}

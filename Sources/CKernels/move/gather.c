// Gather along an axis, and its gradient, scatter-add.
#include "../include/CKernels.h"

#include "../simd/dispatch.h"
#include <string.h>

typedef struct gather_work {
  int64_t element, axis, inner, count;
  const int64_t *indices;
  const char *x;
  char *y;
} gather_work;

// Unit of work: one index of one outer position.
static void run_gather(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const gather_work *work = context;
  int64_t bytes = work->inner * work->element;
  for (int64_t unit = begin; unit < end; unit++) {
    const char *source = work->x + (unit / work->count * work->axis + work->indices[unit % work->count]) * bytes;
    char *target = work->y + unit * bytes;
    switch (bytes) {  // constant sizes become single moves
      case 1: memcpy(target, source, 1); break;
      case 2: memcpy(target, source, 2); break;
      case 4: memcpy(target, source, 4); break;
      case 8: memcpy(target, source, 8); break;
      default: memcpy(target, source, (size_t)bytes);
    }
  }
}

void ck_gather(int element, int64_t outer, int64_t axis, int64_t inner, int64_t count, const int64_t *indices, const void *x,
               void *y, ck_pool *pool) {
  gather_work work = {element, axis, inner, count, indices, x, y};
  ck_pool_for(pool, outer * count, ck_grain_of(inner), &work, run_gather);
}

// The float of the same value; exact also for subnormal halves.
static inline float widen_half(uint16_t half) {
  const uint32_t magnitude = half & 0x7FFFu;
  const union {
    uint32_t bits;
    float value;
  } unbiased = {.bits = magnitude << 13};
  union {
    float value;
    uint32_t bits;
  } result = {.value = unbiased.value * 0x1p112f};
  result.bits |= (magnitude >= 0x7C00u ? 0x7F800000u : 0) | (uint32_t)(half & 0x8000u) << 16;
  return result.value;
}

static void run_gather_halves(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const gather_work *work = context;
  for (int64_t unit = begin; unit < end; unit++) {
    const int64_t row = unit / work->count * work->axis + work->indices[unit % work->count];
    const uint16_t *source = (const uint16_t *)work->x + row * work->inner;
    float *target = (float *)work->y + unit * work->inner;
    for (int64_t i = 0; i < work->inner; i++) target[i] = widen_half(source[i]);
  }
}

void ck_f32_gather_halves(int64_t outer, int64_t axis, int64_t inner, int64_t count, const int64_t *indices, const uint16_t *x,
                          float *y, ck_pool *pool) {
  gather_work work = {2, axis, inner, count, indices, (const char *)x, (char *)y};
  ck_pool_for(pool, outer * count, ck_grain_of(inner), &work, run_gather_halves);
}

typedef struct scatter_work {
  int64_t axis, inner, count;
  const int64_t *indices;
  const float *x;
  float *y;
} scatter_work;

// Unit of work: one outer position, so that additions to one element keep their order.
static void run_scatter(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const scatter_work *work = context;
  for (int64_t outer = begin; outer < end; outer++) {
    for (int64_t i = 0; i < work->count; i++) {
      const float *source = work->x + (outer * work->count + i) * work->inner;
      float *target = work->y + (outer * work->axis + work->indices[i]) * work->inner;
      if (work->inner < 16) {
        for (int64_t j = 0; j < work->inner; j++) target[j] += source[j];
      } else {
        ck_f32_binary(CK_ADD, work->inner, target, source, 0, target, NULL);
      }
    }
  }
}

void ck_f32_scatter_add(int64_t outer, int64_t axis, int64_t inner, int64_t count, const int64_t *indices, const float *x,
                        float *y, ck_pool *pool) {
  scatter_work work = {.axis = axis, .inner = inner, .count = count, .indices = indices, .x = x, .y = y};
  ck_pool_for(pool, outer, ck_grain_of(count * inner), &work, run_scatter);
}

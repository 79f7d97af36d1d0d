// Strided copies: slices, pads, concatenations, expansions.
#include "../include/CKernels.h"

#include "../simd/dispatch.h"
#include <string.h>

enum { RANK_MAX = 8 };

typedef struct copy_work {
  int64_t element;
  int rank;
  const int64_t *dims, *x_strides, *y_strides;
  int64_t inner, x_inner, y_inner;  // the innermost dimension
  const char *x;
  char *y;
} copy_work;

#define STRIDED_RUN(type)                                                                                    \
  static void copy_##type(int64_t count, const char *x, int64_t x_stride, char *y, int64_t y_stride) {       \
    for (int64_t i = 0; i < count; i++) ((type *)y)[i * y_stride] = ((const type *)x)[i * x_stride];         \
  }

STRIDED_RUN(uint8_t)
STRIDED_RUN(uint16_t)
STRIDED_RUN(uint32_t)
STRIDED_RUN(uint64_t)

static void copy_run(const copy_work *work, const char *x, char *y) {
  if (work->x_inner == 1 && work->y_inner == 1) {
    memcpy(y, x, (size_t)(work->inner * work->element));
    return;
  }
  switch (work->element) {
    case 1: copy_uint8_t(work->inner, x, work->x_inner, y, work->y_inner); break;
    case 2: copy_uint16_t(work->inner, x, work->x_inner, y, work->y_inner); break;
    case 4: copy_uint32_t(work->inner, x, work->x_inner, y, work->y_inner); break;
    default: copy_uint64_t(work->inner, x, work->x_inner, y, work->y_inner); break;
  }
}

// Unit of work: one row of the innermost dimension.
static void run_rows(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const copy_work *work = context;
  int64_t index[RANK_MAX], x = 0, y = 0, rest = begin;
  for (int d = work->rank - 2; d >= 0; d--) {
    index[d] = rest % work->dims[d];
    rest /= work->dims[d];
    x += index[d] * work->x_strides[d];
    y += index[d] * work->y_strides[d];
  }
  for (int64_t row = begin; row < end; row++) {
    copy_run(work, work->x + x * work->element, work->y + y * work->element);
    for (int d = work->rank - 2; d >= 0; d--) {
      bool wraps = ++index[d] == work->dims[d];
      int64_t steps = wraps ? 1 - work->dims[d] : 1;
      x += steps * work->x_strides[d];
      y += steps * work->y_strides[d];
      if (!wraps) break;
      index[d] = 0;
    }
  }
}

void ck_copy_strided(int element, int rank, const int64_t *dims, const void *x, const int64_t *x_strides, void *y,
                     const int64_t *y_strides, ck_pool *pool) {
  copy_work work = {.element = element, .rank = rank, .dims = dims, .x_strides = x_strides, .y_strides = y_strides,
                    .inner = 1, .x_inner = 1, .y_inner = 1, .x = x, .y = y};
  if (rank > 0) {
    work.inner = dims[rank - 1];
    work.x_inner = x_strides[rank - 1];
    work.y_inner = y_strides[rank - 1];
  }
  int64_t rows = 1;
  for (int d = 0; d < rank - 1; d++) rows *= dims[d];
  if (rows > 0 && work.inner > 0) ck_pool_for(pool, rows, ck_grain_of(work.inner), &work, run_rows);
}

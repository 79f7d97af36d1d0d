// Permutation of dimensions.
//
// Dimensions of size 1 are dropped and dimensions that stay together are merged. If the innermost dimension stays innermost, the
// rest is a copy of runs. Otherwise every permutation is a set of two-dimensional transpositions between the input's and the
// output's innermost dimensions, repeated over all other dimensions.
#include "../include/CKernels.h"

#include <string.h>

typedef struct ck_tile_table {
  void (*transpose)(int64_t rows, int64_t columns, const float *x, int64_t x_stride, float *y, int64_t y_stride);
} ck_tile_table;

#define CK_TEMPLATE "../move/tiles.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(ck_tile_table);

enum { RANK_MAX = 8, TILE = 64 };

// Output dimensions, slowest first, with the strides of both sides in elements.
typedef struct permutation_plan {
  int rank;
  int64_t size[RANK_MAX], x_stride[RANK_MAX], y_stride[RANK_MAX];
} permutation_plan;

static permutation_plan make_plan(int rank, const int64_t *dims, const int *permutation) {
  int64_t stride[RANK_MAX], product = 1;
  for (int d = rank - 1; d >= 0; d--) stride[d] = product, product *= dims[d];
  permutation_plan plan = {0};
  for (int d = 0; d < rank; d++) {
    int64_t size = dims[permutation[d]], x_stride = stride[permutation[d]];
    if (size == 1) continue;
    int last = plan.rank - 1;
    if (plan.rank > 0 && plan.x_stride[last] == x_stride * size) {
      plan.size[last] *= size;
      plan.x_stride[last] = x_stride;
    } else {
      plan.size[plan.rank] = size;
      plan.x_stride[plan.rank++] = x_stride;
    }
  }
  if (plan.rank == 0) plan = (permutation_plan){.rank = 1, .size = {1}, .x_stride = {1}};
  product = 1;
  for (int d = plan.rank - 1; d >= 0; d--) plan.y_stride[d] = product, product *= plan.size[d];
  return plan;
}

typedef struct transpose_work {
  permutation_plan outer;  // the dimensions that are repeated over
  int64_t rows, columns;   // rows: the output's innermost dimension; columns: the input's
  int64_t x_stride, y_stride;
  int64_t column_blocks;
  int element;
  const char *x;
  char *y;
  const ck_tile_table *kernels;
} transpose_work;

static void offsets_of(const permutation_plan *outer, int64_t index, int64_t *x, int64_t *y) {
  *x = *y = 0;
  for (int d = outer->rank - 1; d >= 0; d--) {
    int64_t i = index % outer->size[d];
    index /= outer->size[d];
    *x += i * outer->x_stride[d];
    *y += i * outer->y_stride[d];
  }
}

#define SCALAR_TRANSPOSE(type)                                                                                       \
  static void transpose_##type(int64_t rows, int64_t columns, const type *x, int64_t x_stride, type *y, int64_t y_stride) { \
    for (int64_t i0 = 0; i0 < rows; i0 += 16) {                                                                      \
      int64_t i1 = rows - i0 < 16 ? rows : i0 + 16;                                                                  \
      for (int64_t j = 0; j < columns; j++) {                                                                        \
        for (int64_t i = i0; i < i1; i++) y[j * y_stride + i] = x[i * x_stride + j];                                 \
      }                                                                                                              \
    }                                                                                                                \
  }

SCALAR_TRANSPOSE(uint8_t)
SCALAR_TRANSPOSE(uint16_t)
SCALAR_TRANSPOSE(uint64_t)

static void transpose_block(const transpose_work *work, int64_t rows, int64_t columns, const char *x, char *y) {
  int64_t xs = work->x_stride, ys = work->y_stride;
  switch (work->element) {
    case 1: transpose_uint8_t(rows, columns, (const uint8_t *)x, xs, (uint8_t *)y, ys); break;
    case 2: transpose_uint16_t(rows, columns, (const uint16_t *)x, xs, (uint16_t *)y, ys); break;
    case 4: work->kernels->transpose(rows, columns, (const float *)x, xs, (float *)y, ys); break;
    default: transpose_uint64_t(rows, columns, (const uint64_t *)x, xs, (uint64_t *)y, ys); break;
  }
}

// Unit of work: TILE columns of one transposition.
static void run_blocks(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const transpose_work *work = context;
  int64_t element = work->element;
  for (int64_t unit = begin; unit < end; unit++) {
    int64_t x, y, column = unit % work->column_blocks * TILE;
    offsets_of(&work->outer, unit / work->column_blocks, &x, &y);
    int64_t columns = work->columns - column < TILE ? work->columns - column : TILE;
    transpose_block(work, work->rows, columns, work->x + (x + column) * element,
                    work->y + (y + column * work->y_stride) * element);
  }
}

// Unit of work: one run of `columns` elements.
static void run_copies(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const transpose_work *work = context;
  int64_t element = work->element;
  for (int64_t unit = begin; unit < end; unit++) {
    int64_t x, y;
    offsets_of(&work->outer, unit, &x, &y);
    memcpy(work->y + y * element, work->x + x * element, (size_t)(work->columns * element));
  }
}

static void remove_dimension(permutation_plan *plan, int d) {
  for (plan->rank--; d < plan->rank; d++) {
    plan->size[d] = plan->size[d + 1];
    plan->x_stride[d] = plan->x_stride[d + 1];
    plan->y_stride[d] = plan->y_stride[d + 1];
  }
}

void ck_transpose(int element, int rank, const int64_t *dims, const int *permutation, const void *x, void *y, ck_pool *pool) {
  for (int d = 0; d < rank; d++) {
    if (dims[d] == 0) return;
  }
  transpose_work work = {.element = element, .x = x, .y = y, .kernels = tables[ck_isa_current()]};
  work.outer = make_plan(rank, dims, permutation);
  permutation_plan *outer = &work.outer;
  int last = outer->rank - 1, unit = 0;
  while (outer->x_stride[unit] != 1) unit++;
  work.rows = outer->size[last];
  work.columns = outer->size[unit];
  work.x_stride = outer->x_stride[last];
  work.y_stride = outer->y_stride[unit];
  remove_dimension(outer, last);
  if (unit != last) remove_dimension(outer, unit);
  int64_t units = 1;
  for (int d = 0; d < outer->rank; d++) units *= outer->size[d];
  if (unit == last) {
    ck_pool_for(pool, units, ck_grain_of(work.columns), &work, run_copies);
  } else {
    work.column_blocks = (work.columns + TILE - 1) / TILE;
    int64_t columns = work.columns < TILE ? work.columns : TILE;
    ck_pool_for(pool, units * work.column_blocks, ck_grain_of(work.rows * columns), &work, run_blocks);
  }
}

// What the drivers of the cells share: the order of the steps, the products, the weights.
#pragma once

#include "cells.h"

// Step `index` in the order of walking.
static inline int64_t ck_recurrent_time(const ck_recurrent *r, int64_t index) { return r->reverse ? r->t - 1 - index : index; }

static inline ck_step ck_recurrent_step(const ck_recurrent *r, int64_t index) {
  const int64_t t = ck_recurrent_time(r, index);
  return (ck_step){.t = t, .previous = r->reverse ? t + 1 : t - 1, .steps = r->t, .rows = r->n, .h = r->h, .lengths = r->lengths};
}

// A weight matrix as the right operand B[K, columns] of a product: packed, or where it lies.
typedef struct ck_weights {
  int64_t k, columns;
  const float *raw;
  int64_t row_stride, column_stride;
  const float *packed;  // or NULL
} ck_weights;

// The weights stored as [columns, K], as ONNX stores W and R, transposed by the strides; and as they are.
static inline ck_weights ck_weights_transposed(const float *w, int64_t columns, int64_t k) {
  return (ck_weights){.k = k, .columns = columns, .raw = w, .row_stride = 1, .column_stride = k};
}
static inline ck_weights ck_weights_plain(const float *w, int64_t k, int64_t columns) {
  return (ck_weights){.k = k, .columns = columns, .raw = w, .row_stride = columns, .column_stride = 1};
}

// Floats of the packed form, a multiple of a cache line.
int64_t ck_weights_count(const ck_weights *weights);
// Packs into `memory`; answers the end of what was written.
float *ck_weights_pack(ck_weights *weights, float *memory);

// C[rows, columns] (+)= A[rows, K] B + bias. Few rows stream B from a cache that it does not fit into: every other call goes through its
// columns backwards, so that what was read last is read first.
typedef struct ck_row_product {
  int64_t rows;
  const float *a;
  int64_t a_step;
  const ck_weights *b;
  float *c;
  int64_t c_step;
  bool adds;
  const float *bias;  // [columns] or NULL
} ck_row_product;

void ck_recurrent_product(const ck_row_product *product, bool backwards, ck_pool *pool);

// The same `batch` times, with rows of A and C so far apart and one B.
void ck_recurrent_products(const ck_row_product *product, int64_t batch, int64_t a_stride, int64_t c_stride, ck_pool *pool);

// Where the pre-activations of a few steps at a time are made: in the reserve, all at once, or in scratch memory that stays in the cache.
typedef struct ck_gates {
  float *base;
  int64_t row_step, time_step;
  int64_t chunk;  // steps at a time
} ck_gates;

// `kept`: the reserve's rows of this direction or NULL; `blocks` of H floats a row.
ck_gates ck_recurrent_gates(const ck_recurrent *r, float *kept, int64_t blocks);

// Steps [index, index + count) of the walk are times [first, first + count).
static inline int64_t ck_recurrent_first_time(const ck_recurrent *r, int64_t index, int64_t count) {
  return r->reverse ? r->t - index - count : index;
}

// Copies `count` floats, or zeros where there is no source.
void ck_recurrent_copy(int64_t count, const float *from, float *to);

// The walk of h: where it is written at each step.
typedef struct ck_hidden {
  float *state;         // [N, H], used where Y does not have the state
  float *y;             // or NULL
  int64_t y_step;       // between steps
  bool in_y;            // the state after a step is that step of Y
  const float *before;  // NULL: zeros
} ck_hidden;

// Fills `state` with the initial state where it is used.
ck_hidden ck_hidden_start(const ck_recurrent *r, float *state, float *y);
// Where the state after step t is to be written.
static inline float *ck_hidden_target(const ck_hidden *hidden, int64_t t) {
  return hidden->in_y ? hidden->y + t * hidden->y_step : hidden->state;
}

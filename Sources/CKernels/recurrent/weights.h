// The weights of a cell, as one call uses them.
#pragma once

#include "steps.h"

// R by what it is multiplied with: all gates see h, but GRU's candidate, which is apart.
typedef struct ck_recurrent_weights {
  ck_weights gates, candidate;
} ck_recurrent_weights;

static inline int64_t ck_recurrent_gate_count(ck_recurrent_cell cell) {
  return cell == CK_RECURRENT_LSTM ? 4 : cell == CK_RECURRENT_GRU ? 3 : 1;
}

ck_weights ck_input_weights(ck_recurrent_cell cell, int64_t i, int64_t h, const float *w);
ck_recurrent_weights ck_recurrent_weights_of(ck_recurrent_cell cell, int64_t h, const float *r);

// The biases that are added to x W: those of W and R together, but for a candidate that is reset after its product, whose R bias is inside
// of the reset. `sums` has G H floats; NULL without biases.
const float *ck_recurrent_bias(ck_recurrent_cell cell, bool resets_after_product, int64_t h, const float *bias, float *sums);

// Everything that a forward call multiplies with, packed by the caller or, where that pays, now, into the thread's scratch memory.
typedef struct ck_call_weights {
  ck_weights w;
  const float *bias;         // [G H] or NULL
  const float *token_gates;  // with tokens: what the projection copies
  ck_recurrent_weights r;
} ck_call_weights;

// `chunk`: steps that are projected at a time. `bias` as ck_recurrent_bias gives it.
ck_call_weights ck_call_weights_of(ck_recurrent_cell cell, const ck_recurrent *shape, int64_t chunk, const float *bias, ck_pool *pool);

// Gates of steps t_begin...: rows of x W + bias, `row_step` apart, `time_step` between steps.
void ck_recurrent_project(const ck_recurrent *r, const ck_call_weights *weights, int64_t t_begin, int64_t count, float *gates,
                          int64_t row_step, int64_t time_step, ck_pool *pool);

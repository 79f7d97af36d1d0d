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

// Everything that a forward call multiplies with, packed by the caller or, where that pays, now, into the thread's scratch memory.
typedef struct ck_call_weights {
  ck_weights w;
  ck_recurrent_weights r;
} ck_call_weights;

// `calls`: how often W is multiplied with.
ck_call_weights ck_call_weights_of(ck_recurrent_cell cell, const ck_recurrent *shape, int64_t calls);

// Packed weights of the cells.
#include "weights.h"

#include "../scratch.h"

ck_weights ck_input_weights(ck_recurrent_cell cell, int64_t i, int64_t h, const float *w) {
  return ck_weights_transposed(w, ck_recurrent_gate_count(cell) * h, i);
}

ck_recurrent_weights ck_recurrent_weights_of(ck_recurrent_cell cell, int64_t h, const float *r) {
  if (cell != CK_RECURRENT_GRU) return (ck_recurrent_weights){.gates = ck_weights_transposed(r, ck_recurrent_gate_count(cell) * h, h)};
  return (ck_recurrent_weights){.gates = ck_weights_transposed(r, 2 * h, h), .candidate = ck_weights_transposed(r + 2 * h * h, h, h)};
}

int64_t ck_f32_recurrent_packed_w_count(ck_recurrent_cell cell, int64_t i, int64_t h) {
  const ck_weights w = ck_input_weights(cell, i, h, NULL);
  return ck_weights_count(&w);
}

int64_t ck_f32_recurrent_packed_r_count(ck_recurrent_cell cell, int64_t h) {
  const ck_weights gates = ck_weights_transposed(NULL, (cell == CK_RECURRENT_GRU ? 2 : ck_recurrent_gate_count(cell)) * h, h);
  const ck_weights candidate = ck_weights_transposed(NULL, h, h);
  return ck_weights_count(&gates) + (cell == CK_RECURRENT_GRU ? ck_weights_count(&candidate) : 0);
}

void ck_f32_recurrent_pack_w(ck_recurrent_cell cell, int64_t i, int64_t h, const float *w, float *packed) {
  ck_weights weights = ck_input_weights(cell, i, h, w);
  ck_weights_pack(&weights, packed);
}

void ck_f32_recurrent_pack_r(ck_recurrent_cell cell, int64_t h, const float *r, float *packed) {
  ck_recurrent_weights weights = ck_recurrent_weights_of(cell, h, r);
  float *end = ck_weights_pack(&weights.gates, packed);
  if (cell == CK_RECURRENT_GRU) ck_weights_pack(&weights.candidate, end);
}

static void use_packed(ck_recurrent_cell cell, ck_recurrent_weights *r, const float *packed) {
  r->gates.packed = packed;
  if (cell == CK_RECURRENT_GRU) r->candidate.packed = packed + ck_weights_count(&r->gates);
}

ck_call_weights ck_call_weights_of(ck_recurrent_cell cell, const ck_recurrent *shape, int64_t calls) {
  ck_call_weights weights = {ck_input_weights(cell, shape->i, shape->h, shape->w), ck_recurrent_weights_of(cell, shape->h, shape->r)};
  const bool packs_w = shape->w_packed == NULL && calls > 1, packs_r = shape->r_packed == NULL && shape->t > 1;
  const int64_t w_count = packs_w ? ck_f32_recurrent_packed_w_count(cell, shape->i, shape->h) : 0;
  const int64_t r_count = packs_r ? ck_f32_recurrent_packed_r_count(cell, shape->h) : 0;
  float *memory = packs_w || packs_r ? ck_scratch(CK_SCRATCH_RECURRENT_WEIGHTS, w_count + r_count) : NULL;
  if (packs_w) {
    ck_weights_pack(&weights.w, memory);
  } else {
    weights.w.packed = shape->w_packed;
  }
  if (packs_r) {
    ck_f32_recurrent_pack_r(cell, shape->h, shape->r, memory + w_count);
    use_packed(cell, &weights.r, memory + w_count);
  } else if (shape->r_packed != NULL) {
    use_packed(cell, &weights.r, shape->r_packed);
  }
  return weights;
}

// Packed weights of the cells.
#include "weights.h"

#include "../scratch.h"
#include "../simd/dispatch.h"

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

static const float *unpack(const ck_weights *weights, const float *packed, float *raw) {
  ck_f32_gemm_unpack_b(weights->k, weights->columns, packed, raw, weights->row_stride, weights->column_stride);
  return packed + ck_weights_count(weights);
}

void ck_f32_recurrent_unpack_w(ck_recurrent_cell cell, int64_t i, int64_t h, const float *packed, float *w) {
  const ck_weights weights = ck_input_weights(cell, i, h, NULL);
  unpack(&weights, packed, w);
}

void ck_f32_recurrent_unpack_r(ck_recurrent_cell cell, int64_t h, const float *packed, float *r) {
  const ck_recurrent_weights weights = ck_recurrent_weights_of(cell, h, r);
  const float *end = unpack(&weights.gates, packed, r);
  if (cell == CK_RECURRENT_GRU) unpack(&weights.candidate, end, r + 2 * h * h);
}

static void use_packed(ck_recurrent_cell cell, ck_recurrent_weights *r, const float *packed) {
  r->gates.packed = packed;
  if (cell == CK_RECURRENT_GRU) r->candidate.packed = packed + ck_weights_count(&r->gates);
}

const float *ck_recurrent_bias(ck_recurrent_cell cell, bool resets_after_product, int64_t h, const float *bias, float *sums) {
  if (bias == NULL) return NULL;
  const int64_t count = ck_recurrent_gate_count(cell) * h;
  const int64_t whole = cell == CK_RECURRENT_GRU && resets_after_product ? 2 * h : count;
  for (int64_t j = 0; j < count; j++) sums[j] = j < whole ? bias[j] + bias[count + j] : bias[j];
  return sums;
}

static void make_token_gates(const ck_weights *w, int64_t vocabulary, const float *x, const float *bias, float *gates, ck_pool *pool) {
  const ck_row_product product = {.rows = vocabulary, .a = x, .a_step = w->k, .b = w, .c = gates, .c_step = w->columns, .bias = bias};
  ck_recurrent_product(&product, false, pool);
}

void ck_f32_recurrent_token_gates(ck_recurrent_cell cell, bool resets_after_product, int64_t vocabulary, int64_t i, int64_t h,
                                  const float *x, const float *w, const float *bias, float *gates) {
  const ck_weights weights = ck_input_weights(cell, i, h, w);
  float *sums = ck_scratch(CK_SCRATCH_RECURRENT_STATE, weights.columns);
  make_token_gates(&weights, vocabulary, x, ck_recurrent_bias(cell, resets_after_product, h, bias, sums), gates, NULL);
}

ck_call_weights ck_call_weights_of(ck_recurrent_cell cell, const ck_recurrent *shape, int64_t chunk, const float *bias, ck_pool *pool) {
  ck_call_weights weights = {
      .w = ck_input_weights(cell, shape->i, shape->h, shape->w), .bias = bias, .r = ck_recurrent_weights_of(cell, shape->h, shape->r)};
  // Steps of several directions lie apart, so that each is a product of its own.
  const bool again = shape->t > chunk || (shape->directions > 1 && shape->t > 1);
  const bool packs_w = shape->w_packed == NULL && shape->tokens == NULL && again, packs_r = shape->r_packed == NULL && shape->t > 1;
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
  weights.token_gates = shape->token_gates;
  if (shape->tokens != NULL && shape->token_gates == NULL) {
    float *gates = ck_scratch(CK_SCRATCH_RECURRENT_TOKENS, shape->vocabulary * weights.w.columns);
    make_token_gates(&weights.w, shape->vocabulary, shape->x, bias, gates, pool);
    weights.token_gates = gates;
  }
  return weights;
}

typedef struct token_work {
  const ck_recurrent *shape;
  const float *token_gates;
  int64_t columns, t_begin;
  float *gates;
  int64_t row_step, time_step;
} token_work;

static void copy_token_gates(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const token_work *work = context;
  for (int64_t row = begin; row < end; row++) {
    const int64_t t = row / work->shape->n, n = row % work->shape->n;
    const int64_t token = work->shape->tokens[(work->t_begin + t) * work->shape->n + n];
    ck_recurrent_copy(work->columns, work->token_gates + token * work->columns, work->gates + t * work->time_step + n * work->row_step);
  }
}

void ck_recurrent_project(const ck_recurrent *r, const ck_call_weights *weights, int64_t t_begin, int64_t count, float *gates,
                          int64_t row_step, int64_t time_step, ck_pool *pool) {
  if (r->tokens != NULL) {
    token_work work = {r, weights->token_gates, weights->w.columns, t_begin, gates, row_step, time_step};
    ck_pool_for(pool, count * r->n, ck_grain_of(weights->w.columns), &work, copy_token_gates);
    return;
  }
  ck_row_product product = {.rows = r->n,
                            .a = r->x + t_begin * r->n * r->i,
                            .a_step = r->i,
                            .b = &weights->w,
                            .c = gates,
                            .c_step = row_step,
                            .bias = weights->bias};
  if (time_step == r->n * row_step) {
    product.rows = count * r->n;
    count = 1;
  }
  ck_recurrent_products(&product, count, r->n * r->i, time_step, pool);
}

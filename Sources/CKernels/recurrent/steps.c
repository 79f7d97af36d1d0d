// What the drivers of the cells share.
#include "steps.h"

#include "../gemm/gemm.h"
#include "../scratch.h"

#include <string.h>

enum {
  CHUNK_ROWS = 192,     // rows of pre-activations that are made at once: they stay in the second-level cache until their step comes
  STREAMED_PANELS = 8,  // panels of weights between two changes of the order that they are read in
};

int64_t ck_weights_count(const ck_weights *weights) {
  return (ck_f32_gemm_packed_b_count(weights->k, weights->columns) + 15) / 16 * 16;
}

float *ck_weights_pack(ck_weights *weights, float *memory) {
  ck_f32_gemm_pack_b(weights->k, weights->columns, weights->raw, weights->row_stride, weights->column_stride, memory);
  weights->packed = memory;
  return memory + ck_weights_count(weights);
}

static ck_gemm as_gemm(const ck_row_product *p) {
  return (ck_gemm){
      .m = p->rows,
      .n = p->b->columns,
      .k = p->b->k,
      .a = p->a,
      .a_row_stride = p->a_step,
      .a_column_stride = 1,
      .b = p->b->raw,
      .b_row_stride = p->b->row_stride,
      .b_column_stride = p->b->column_stride,
      .b_packed = p->b->packed,
      .c = p->c,
      .c_row_stride = p->c_step,
      .alpha = 1,
      .beta = p->adds ? 1 : 0,
      .bias = p->bias,
      .bias_kind = p->bias == NULL ? CK_BIAS_NONE : CK_BIAS_COLUMN,
      .activation = {.kind = CK_ACT_NONE},
  };
}

void ck_recurrent_product(const ck_row_product *product, bool backwards, ck_pool *pool) {
  const ck_gemm gemm = as_gemm(product);
  if (!backwards || ck_pool_threads(pool) > 1 || !ck_gemm_is_small_batch(&gemm)) {
    ck_f32_gemm(&gemm, pool);
    return;
  }
  const int64_t strip = STREAMED_PANELS * ck_panel_width(ck_tile_table_current());
  for (int64_t index = ck_pieces(gemm.n, strip) - 1; index >= 0; index--) {
    const int64_t begin = index * strip;
    ck_gemm_small_batch(&gemm, (ck_gemm_part){0, gemm.m, begin, begin + strip < gemm.n ? begin + strip : gemm.n});
  }
}

void ck_recurrent_products(const ck_row_product *product, int64_t batch, int64_t a_stride, int64_t c_stride, ck_pool *pool) {
  const ck_gemm gemm = as_gemm(product);
  ck_f32_gemm_batched(&gemm, batch, a_stride, 0, c_stride, pool);
}

ck_gates ck_recurrent_gates(const ck_recurrent *r, float *kept, int64_t blocks) {
  const int64_t row_step = blocks * r->h;
  if (kept != NULL) return (ck_gates){kept, row_step, r->directions * r->n * row_step, r->t};
  int64_t chunk = CHUNK_ROWS / r->n;
  if (chunk < 1) chunk = 1;
  if (chunk > r->t) chunk = r->t;
  return (ck_gates){ck_scratch(CK_SCRATCH_RECURRENT_GATES, chunk * r->n * row_step), row_step, r->n * row_step, chunk};
}

void ck_recurrent_copy(int64_t count, const float *from, float *to) {
  if (from == NULL) {
    memset(to, 0, (size_t)count * sizeof *to);
  } else {
    memcpy(to, from, (size_t)count * sizeof *to);
  }
}

ck_hidden ck_hidden_start(const ck_recurrent *r, float *state, float *y) {
  ck_hidden hidden = {.state = state, .y = y, .y_step = r->directions * r->n * r->h, .in_y = y != NULL && r->lengths == NULL, .before = r->initial_h};
  if (!hidden.in_y) {
    ck_recurrent_copy(r->n * r->h, r->initial_h, state);
    if (r->initial_h != NULL || r->lengths != NULL) hidden.before = state;
  }
  return hidden;
}

// What the gradients of the cells share.
#include "gradients.h"

#include "../scratch.h"
#include "../simd/dispatch.h"

#include <string.h>

int64_t ck_f32_recurrent_gradient_count(ck_recurrent_cell cell, int64_t t, int64_t n, int64_t h) {
  return t * n * ck_gate_gradient_step(cell == CK_RECURRENT_RNN ? 1 : 4, h);
}

ck_history ck_recurrent_history(const ck_recurrent_gradient *g) {
  const ck_recurrent *r = &g->shape;
  const int64_t state_count = r->n * r->h, y_step = r->directions * state_count;
  if (r->t == 0) return (ck_history){.rows = g->y};
  if (r->directions == 1 && r->lengths == NULL) {
    return r->reverse ? (ck_history){g->y + y_step, 0, r->t - 1, r->initial_h, r->t - 1}
                      : (ck_history){g->y, 1, r->t - 1, r->initial_h, 0};
  }
  float *rows = ck_scratch(CK_SCRATCH_RECURRENT_HISTORY, r->t * state_count);
  for (int64_t index = 0; index < r->t; index++) {
    const ck_step step = ck_recurrent_step(r, index);
    for (int64_t n = 0; n < r->n; n++) {
      const float *before = ck_step_starts(&step, n) ? (r->initial_h == NULL ? NULL : r->initial_h + n * r->h)
                                                     : g->y + step.previous * y_step + n * r->h;
      ck_recurrent_copy(r->h, before, rows + step.t * state_count + n * r->h);
    }
  }
  return (ck_history){.rows = rows, .gates_begin = 0, .steps = r->t};
}

void ck_recurrent_weight_gradient(const ck_weight_product *p, ck_pool *pool) {
  const ck_gemm gemm = {
      .m = p->columns,
      .n = p->k,
      .k = p->rows,
      .a = p->gates,
      .a_row_stride = 1,
      .a_column_stride = p->gates_step,
      .b = p->other,
      .b_row_stride = p->other_step,
      .b_column_stride = 1,
      .c = p->result,
      .c_row_stride = p->k,
      .alpha = 1,
      .beta = p->adds ? 1 : 0,
      .activation = {.kind = CK_ACT_NONE},
  };
  ck_f32_gemm(&gemm, pool);
}

void ck_recurrent_history_gradient(const ck_recurrent_gradient *g, const ck_history *history, const float *gates, int64_t gates_step,
                                   int64_t columns, float *result, ck_pool *pool) {
  const ck_recurrent *r = &g->shape;
  const int64_t time_step = r->n * gates_step;
  ck_weight_product product = {.rows = history->steps * r->n,
                               .columns = columns,
                               .k = r->h,
                               .gates = gates + history->gates_begin * time_step,
                               .gates_step = gates_step,
                               .other = history->rows,
                               .other_step = r->h,
                               .result = result};
  ck_recurrent_weight_gradient(&product, pool);
  if (history->apart == NULL) return;
  product.rows = r->n;
  product.gates = gates + history->apart_t * time_step;
  product.other = history->apart;
  product.adds = true;
  ck_recurrent_weight_gradient(&product, pool);
}

typedef struct token_sums {
  const ck_recurrent_gradient *gradient;
  int64_t columns, step;
  float *sums;
} token_sums;

enum { COLUMN_BLOCK = 16 };  // no level's vectors straddle two of them

static void add_token_rows(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const token_sums *work = context;
  const ck_recurrent *r = &work->gradient->shape;
  const int64_t first = begin * COLUMN_BLOCK, last = end * COLUMN_BLOCK < work->columns ? end * COLUMN_BLOCK : work->columns;
  const ck_cell_table *kernels = ck_cell_kernels();
  for (int64_t token = 0; token < r->vocabulary; token++) ck_recurrent_copy(last - first, NULL, work->sums + token * work->step + first);
  for (int64_t row = 0; row < r->t * r->n; row++) {
    kernels->add(last - first, work->gradient->gates + row * work->step + first, work->sums + r->tokens[row] * work->step + first);
  }
}

ck_input_rows ck_recurrent_input_rows(const ck_recurrent_gradient *g, int64_t blocks, ck_pool *pool) {
  const ck_recurrent *r = &g->shape;
  const int64_t columns = blocks * r->h, step = ck_gate_gradient_step(blocks, r->h);
  if (r->tokens == NULL) return (ck_input_rows){r->t * r->n, g->gates, step, r->x};
  token_sums work = {g, columns, step, ck_scratch(CK_SCRATCH_RECURRENT_TOKENS, r->vocabulary * step)};
  const int64_t rows = r->t * r->n;
  ck_pool_for(pool, (columns + COLUMN_BLOCK - 1) / COLUMN_BLOCK, ck_grain_of(rows * COLUMN_BLOCK), &work, add_token_rows);
  return (ck_input_rows){r->vocabulary, work.sums, step, r->x};
}

void ck_recurrent_input_gradient(const ck_recurrent_gradient *g, const ck_input_rows *input, int64_t column, int64_t first, int64_t count,
                                 bool adds, ck_pool *pool) {
  if (g->dx == NULL) return;
  const ck_recurrent *r = &g->shape;
  const ck_weights w = ck_weights_plain(r->w + first * r->h * r->i, count * r->h, r->i);
  const ck_row_product product = {.rows = input->rows,
                                  .a = input->gates + column,
                                  .a_step = input->gates_step,
                                  .b = &w,
                                  .c = g->dx,
                                  .c_step = r->i,
                                  .adds = adds};
  ck_recurrent_product(&product, false, pool);
}

void ck_recurrent_input_weight_gradient(const ck_recurrent_gradient *g, const ck_input_rows *input, int64_t column, int64_t first,
                                        int64_t count, ck_pool *pool) {
  if (g->dw == NULL) return;
  const ck_recurrent *r = &g->shape;
  const ck_weight_product product = {.rows = input->rows,
                                     .columns = count * r->h,
                                     .k = r->i,
                                     .gates = input->gates + column,
                                     .gates_step = input->gates_step,
                                     .other = input->x,
                                     .other_step = r->i,
                                     .result = g->dw + first * r->h * r->i};
  ck_recurrent_weight_gradient(&product, pool);
}

ck_walk_back ck_walk_back_start(const ck_recurrent_gradient *g, int64_t blocks, bool has_c, const float *dy_c) {
  const int64_t state_count = g->shape.n * g->shape.h, sum_count = blocks * g->shape.h;
  float *memory = ck_scratch(CK_SCRATCH_RECURRENT_STATE, 2 * state_count + 2 * sum_count);
  ck_walk_back walk = {.dh = memory,
                       .dc = has_c ? memory + state_count : NULL,
                       .step_sums = memory + 2 * state_count,
                       .sums = memory + 2 * state_count + sum_count,
                       .sum_count = sum_count};
  ck_recurrent_copy(state_count, g->dy_h, walk.dh);
  if (has_c) ck_recurrent_copy(state_count, dy_c, walk.dc);
  ck_recurrent_copy(2 * sum_count, NULL, walk.step_sums);
  return walk;
}

void ck_walk_back_add(ck_walk_back *walk) {
  ck_cell_kernels()->add(walk->sum_count, walk->step_sums, walk->sums);
  ck_recurrent_copy(walk->sum_count, NULL, walk->step_sums);
}

ck_cell_backward ck_walk_back_cell(const ck_recurrent_gradient *g, const ck_walk_back *walk, int64_t index, int64_t gate_blocks,
                                   const float *reserve, int64_t reserve_blocks) {
  const ck_recurrent *r = &g->shape;
  const ck_step step = ck_recurrent_step(r, index);
  const int64_t state_count = r->n * r->h, y_step = r->directions * state_count, kept_step = y_step * reserve_blocks;
  const int64_t gates_step = ck_gate_gradient_step(gate_blocks, r->h);
  const bool first = index == 0;
  return (ck_cell_backward){
      .step = step,
      .functions = {r->functions[0], r->functions[1], r->functions[2]},
      .reserve = reserve == NULL ? NULL : reserve + step.t * kept_step,
      .reserve_before = reserve == NULL || first ? NULL : reserve + step.previous * kept_step,
      .reserve_step = reserve_blocks * r->h,
      .y = g->y + step.t * y_step,
      .y_before = first ? NULL : g->y + step.previous * y_step,
      .initial = r->initial_h,
      .dy = g->dy == NULL ? NULL : g->dy + step.t * y_step,
      .dh = walk->dh,
      .dc = walk->dc,
      .keeps_dh = r->lengths != NULL,
      .gates = g->gates + step.t * r->n * gates_step,
      .gates_step = gates_step,
      .sums = walk->step_sums,
  };
}

void ck_recurrent_gradient_finish(const ck_recurrent_gradient *g, const ck_walk_back *walk) {
  if (g->dinitial_h != NULL) ck_recurrent_copy(g->shape.n * g->shape.h, walk->dh, g->dinitial_h);
}

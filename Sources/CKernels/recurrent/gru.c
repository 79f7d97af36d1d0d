// GRU forward.
#include "weights.h"

#include "../scratch.h"

void ck_f32_gru(const ck_gru *g, ck_pool *pool) {
  const ck_recurrent *r = &g->shape;
  const int64_t h = r->h, state_count = r->n * h;
  if (state_count <= 0) return;
  float *state = ck_scratch(CK_SCRATCH_RECURRENT_STATE, 2 * state_count + 3 * h), *zeros = state + state_count;
  float *bias = zeros + state_count;
  ck_hidden hidden = ck_hidden_start(r, state, g->y);
  if (hidden.before == NULL) {
    // The blend wants the state itself, not only its product.
    ck_recurrent_copy(state_count, NULL, zeros);
    hidden.before = zeros;
  }
  const ck_gates gates = ck_recurrent_gates(r, g->reserve, 4);
  const ck_call_weights weights = ck_call_weights_of(
      CK_RECURRENT_GRU, r, gates.chunk, ck_recurrent_bias(CK_RECURRENT_GRU, g->resets_after_product, h, r->bias, bias), pool);
  const ck_cell_table *kernels = ck_cell_kernels();
  ck_cell_forward cell = {.functions = {r->functions[0], r->functions[1]}, .gates_step = gates.row_step, .keeps = g->reserve != NULL};
  for (int64_t index = 0; index < r->t;) {
    const int64_t count = r->t - index < gates.chunk ? r->t - index : gates.chunk;
    const int64_t first = ck_recurrent_first_time(r, index, count);
    ck_recurrent_project(r, &weights, first, count, gates.base, gates.row_step, gates.time_step, pool);
    for (const int64_t end = index + count; index < end; index++) {
      cell.step = ck_recurrent_step(r, index);
      cell.gates = gates.base + (cell.step.t - first) * gates.time_step;
      cell.h_before = hidden.before;
      ck_row_product product = {.rows = r->n,
                                .a = hidden.before,
                                .a_step = h,
                                .b = &weights.r.gates,
                                .c = cell.gates,
                                .c_step = gates.row_step,
                                .adds = true};
      const bool backwards = index % 2 != 0;
      if (!backwards) ck_recurrent_product(&product, false, pool);
      ck_row_product candidate = product;
      candidate.b = &weights.r.candidate;
      if (g->resets_after_product) {
        candidate.c = cell.gates + 3 * h;
        candidate.adds = false;
        candidate.bias = r->bias == NULL ? NULL : r->bias + 5 * h;
        ck_recurrent_product(&candidate, backwards, pool);
      }
      if (backwards) ck_recurrent_product(&product, true, pool);
      if (!g->resets_after_product) {
        ck_cell_run_forward(kernels->gru_reset, &cell, pool);
        candidate.a = cell.gates + 3 * h;
        candidate.a_step = gates.row_step;
        candidate.c = cell.gates + 2 * h;
        ck_recurrent_product(&candidate, backwards, pool);
      }
      cell.h = ck_hidden_target(&hidden, cell.step.t);
      cell.y = hidden.in_y || g->y == NULL ? NULL : g->y + cell.step.t * hidden.y_step;
      ck_cell_run_forward(g->resets_after_product ? kernels->gru_after : kernels->gru, &cell, pool);
      hidden.before = cell.h;
    }
  }
  if (g->y_h != NULL) ck_recurrent_copy(state_count, hidden.before, g->y_h);
}

// GRU backward. Rows of gate gradients: dz, dr, then the candidate's as it goes through R (reset after the product) or d(r h) (before), then
// the candidate's own.
#include "gradients.h"

#include "../scratch.h"

static void make_dr(const ck_gru_gradient *gru, ck_pool *pool) {
  const ck_recurrent_gradient *g = &gru->shared;
  const ck_recurrent *r = &g->shape;
  const int64_t h = r->h, kept = 4 * h, step = ck_gate_gradient_step(4, h);
  const ck_history history = ck_recurrent_history(g);
  if (gru->resets_after_product) {
    ck_recurrent_history_gradient(g, &history, g->gates, step, 3 * h, g->dr, pool);
    return;
  }
  ck_recurrent_history_gradient(g, &history, g->gates, step, 2 * h, g->dr, pool);
  // The candidate's product was with r h, which the reserve has; its steps may lie apart.
  const bool together = r->directions == 1;
  for (int64_t t = 0; t < (together ? 1 : r->t); t++) {
    ck_recurrent_weight_gradient(&(ck_weight_product){.rows = together ? r->t * r->n : r->n,
                                                      .columns = h,
                                                      .k = h,
                                                      .gates = g->gates + t * r->n * step + 3 * h,
                                                      .gates_step = step,
                                                      .other = gru->reserve + t * r->directions * r->n * kept + 3 * h,
                                                      .other_step = kept,
                                                      .result = g->dr + 2 * h * h,
                                                      .adds = t > 0},
                                 pool);
  }
}

void ck_f32_gru_gradient(const ck_gru_gradient *gru, ck_pool *pool) {
  const ck_recurrent_gradient *g = &gru->shared;
  const ck_recurrent *r = &g->shape;
  const int64_t h = r->h;
  const bool after = gru->resets_after_product;
  const ck_cell_table *kernels = ck_cell_kernels();
  ck_walk_back walk = ck_walk_back_start(g, 4, false, NULL);
  ck_weights back = ck_weights_plain(r->r, after ? 3 * h : 2 * h, h), candidate = ck_weights_plain(r->r + 2 * h * h, h, h);
  if (r->t > 1) {
    float *memory = ck_scratch(CK_SCRATCH_RECURRENT_WEIGHTS, ck_weights_count(&back) + ck_weights_count(&candidate));
    memory = ck_weights_pack(&back, memory);
    if (!after) ck_weights_pack(&candidate, memory);
  }
  for (int64_t index = r->t - 1; index >= 0 && r->n > 0; index--) {
    const ck_cell_backward cell = ck_walk_back_cell(g, &walk, index, 4, gru->reserve, 4);
    ck_row_product product = {.rows = r->n, .a = cell.gates, .a_step = cell.gates_step, .b = &back, .c = walk.dh, .c_step = h, .adds = true};
    if (after) {
      ck_cell_run_backward(kernels->gru_after_gradient, &cell, pool);
    } else {
      ck_cell_run_backward(kernels->gru_gradient, &cell, pool);
      ck_recurrent_product(&(ck_row_product){.rows = r->n,
                                             .a = cell.gates + 3 * h,
                                             .a_step = cell.gates_step,
                                             .b = &candidate,
                                             .c = cell.gates + 2 * h,
                                             .c_step = cell.gates_step},
                           false, pool);
      ck_cell_run_backward(kernels->gru_reset_gradient, &cell, pool);
    }
    ck_walk_back_add(&walk);
    if (index == 0 && g->dinitial_h == NULL) break;
    ck_recurrent_product(&product, index % 2 != 0, pool);
  }
  ck_recurrent_gradient_finish(g, &walk);
  if (g->db != NULL) {
    ck_recurrent_copy(2 * h, walk.sums, g->db);
    ck_recurrent_copy(h, walk.sums + 3 * h, g->db + 2 * h);
    ck_recurrent_copy(2 * h, walk.sums, g->db + 3 * h);
    ck_recurrent_copy(h, walk.sums + (after ? 2 : 3) * h, g->db + 5 * h);
  }
  if (g->dx != NULL || g->dw != NULL) {
    const ck_input_rows input = ck_recurrent_input_rows(g, 4, pool);
    ck_recurrent_input_gradient(g, &input, 0, 0, 2, g->adds_to_dx, pool);
    ck_recurrent_input_gradient(g, &input, 3 * h, 2, 1, true, pool);
    ck_recurrent_input_weight_gradient(g, &input, 0, 0, 2, pool);
    ck_recurrent_input_weight_gradient(g, &input, 3 * h, 2, 1, pool);
  }
  if (g->dr != NULL) make_dr(gru, pool);
}

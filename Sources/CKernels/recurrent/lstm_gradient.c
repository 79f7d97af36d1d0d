// LSTM backward: the cells from the last step to the first, each followed by the product that carries dh to the step before; then
// one product each over all steps for dX, dW and dR.
#include "gradients.h"

#include "../scratch.h"

void ck_f32_lstm_gradient(const ck_lstm_gradient *l, ck_pool *pool) {
  const ck_recurrent_gradient *g = &l->shared;
  const ck_recurrent *r = &g->shape;
  const int64_t h = r->h;
  ck_walk_back walk = ck_walk_back_start(g, 7, true, l->dy_c);
  ck_weights back = ck_weights_plain(r->r, 4 * h, h);
  if (r->t > 1) ck_weights_pack(&back, ck_scratch(CK_SCRATCH_RECURRENT_WEIGHTS, ck_weights_count(&back)));
  for (int64_t index = r->t - 1; index >= 0 && r->n > 0; index--) {
    ck_cell_backward cell = ck_walk_back_cell(g, &walk, index, 4, l->reserve, 5);
    cell.initial = l->initial_c;
    cell.peepholes = l->peepholes;
    cell.peephole_sums = l->dp == NULL ? NULL : walk.step_sums + 4 * h;
    ck_cell_run_backward(ck_cell_kernels()->lstm_gradient, &cell, pool);
    ck_walk_back_add(&walk);
    if (index == 0 && g->dinitial_h == NULL) break;
    ck_recurrent_product(&(ck_row_product){.rows = r->n,
                                           .a = cell.gates,
                                           .a_step = cell.gates_step,
                                           .b = &back,
                                           .c = walk.dh,
                                           .c_step = h,
                                           .adds = cell.keeps_dh},
                         index % 2 != 0, pool);
  }
  ck_recurrent_gradient_finish(g, &walk);
  if (l->dinitial_c != NULL) ck_recurrent_copy(r->n * h, walk.dc, l->dinitial_c);
  if (l->dp != NULL) ck_recurrent_copy(3 * h, walk.sums + 4 * h, l->dp);
  if (g->db != NULL) {
    ck_recurrent_copy(4 * h, walk.sums, g->db);
    ck_recurrent_copy(4 * h, walk.sums, g->db + 4 * h);
  }
  if (g->dx != NULL || g->dw != NULL) {
    const ck_input_rows input = ck_recurrent_input_rows(g, 4, pool);
    ck_recurrent_input_gradient(g, &input, 0, 0, 4, g->adds_to_dx, pool);
    ck_recurrent_input_weight_gradient(g, &input, 0, 0, 4, pool);
  }
  if (g->dr != NULL) {
    const ck_history history = ck_recurrent_history(g);
    ck_recurrent_history_gradient(g, &history, g->gates, ck_gate_gradient_step(4, h), 4 * h, g->dr, pool);
  }
}

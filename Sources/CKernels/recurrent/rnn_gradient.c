// Simple recurrent network, backward.
#include "gradients.h"

#include "../scratch.h"

void ck_f32_rnn_gradient(const ck_recurrent_gradient *g, ck_pool *pool) {
  const ck_recurrent *r = &g->shape;
  const int64_t h = r->h;
  ck_walk_back walk = ck_walk_back_start(g, 1, false, NULL);
  ck_weights back = ck_weights_plain(r->r, h, h);
  if (r->t > 1) ck_weights_pack(&back, ck_scratch(CK_SCRATCH_RECURRENT_WEIGHTS, ck_weights_count(&back)));
  for (int64_t index = r->t - 1; index >= 0 && r->n > 0; index--) {
    const ck_cell_backward cell = ck_walk_back_cell(g, &walk, index, 1, NULL, 0);
    ck_cell_run_backward(ck_cell_kernels()->rnn_gradient, &cell, pool);
    ck_walk_back_add(&walk);
    if (index == 0 && g->dinitial_h == NULL) break;
    ck_recurrent_product(&(ck_row_product){.rows = r->n, .a = cell.gates, .a_step = cell.gates_step, .b = &back, .c = walk.dh, .c_step = h, .adds = cell.keeps_dh},
                         index % 2 != 0, pool);
  }
  ck_recurrent_gradient_finish(g, &walk);
  if (g->db != NULL) {
    ck_recurrent_copy(h, walk.sums, g->db);
    ck_recurrent_copy(h, walk.sums, g->db + h);
  }
  if (g->dx != NULL || g->dw != NULL) {
    const ck_input_rows input = ck_recurrent_input_rows(g, 1, pool);
    ck_recurrent_input_gradient(g, &input, 0, 0, 1, g->adds_to_dx, pool);
    ck_recurrent_input_weight_gradient(g, &input, 0, 0, 1, pool);
  }
  if (g->dr != NULL) {
    const ck_history history = ck_recurrent_history(g);
    ck_recurrent_history_gradient(g, &history, g->gates, ck_gate_gradient_step(1, h), h, g->dr, pool);
  }
}

// Simple recurrent network, forward.
#include "weights.h"

#include "../scratch.h"

void ck_f32_rnn(const ck_rnn *rnn, ck_pool *pool) {
  const ck_recurrent *r = &rnn->shape;
  const int64_t h = r->h, state_count = r->n * h;
  if (state_count <= 0) return;
  float *state = ck_scratch(CK_SCRATCH_RECURRENT_STATE, state_count + h), *bias = state + state_count;
  ck_hidden hidden = ck_hidden_start(r, state, rnn->y);
  const ck_call_weights weights =
      ck_call_weights_of(CK_RECURRENT_RNN, r, r->t, ck_recurrent_bias(CK_RECURRENT_RNN, false, h, r->bias, bias), pool);
  ck_recurrent_project(r, &weights, 0, r->t, rnn->y, h, hidden.y_step, pool);
  ck_cell_forward cell = {.functions = {r->functions[0]}, .gates_step = h};
  for (int64_t index = 0; index < r->t; index++) {
    cell.step = ck_recurrent_step(r, index);
    cell.gates = rnn->y + cell.step.t * hidden.y_step;
    if (hidden.before != NULL) {
      ck_recurrent_product(
          &(ck_row_product){
              .rows = r->n, .a = hidden.before, .a_step = h, .b = &weights.r.gates, .c = cell.gates, .c_step = h, .adds = true},
          index % 2 != 0, pool);
    }
    cell.h = ck_hidden_target(&hidden, cell.step.t);
    ck_cell_run_forward(ck_cell_kernels()->rnn, &cell, pool);
    hidden.before = cell.h;
  }
  if (rnn->y_h != NULL) ck_recurrent_copy(state_count, hidden.before, rnn->y_h);
}

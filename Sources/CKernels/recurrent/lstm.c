// LSTM forward.
#include "weights.h"

#include "../scratch.h"

void ck_f32_lstm(const ck_lstm *l, ck_pool *pool) {
  const ck_recurrent *r = &l->shape;
  const int64_t h = r->h, state_count = r->n * h;
  if (state_count <= 0) return;
  float *own_c = ck_scratch(CK_SCRATCH_RECURRENT_STATE, 2 * state_count + 4 * h), *bias = own_c + 2 * state_count;
  float *c = l->y_c != NULL ? l->y_c : own_c;
  ck_hidden hidden = ck_hidden_start(r, own_c + state_count, l->y);
  ck_recurrent_copy(state_count, l->initial_c, c);
  const ck_gates gates = ck_recurrent_gates(r, l->reserve, l->reserve == NULL ? 4 : 5);
  const float *biases = r->token_gates != NULL ? NULL : ck_recurrent_bias(CK_RECURRENT_LSTM, false, h, r->bias, bias);
  const ck_call_weights weights = ck_call_weights_of(CK_RECURRENT_LSTM, r, gates.chunk, biases, pool);
  // What the tokens stand for is added by the cell where every step has a product to add it to.
  const bool adds_tokens = weights.token_gates != NULL && hidden.before != NULL;
  ck_cell_forward cell = {.functions = {r->functions[0], r->functions[1], r->functions[2]},
                          .gates_step = gates.row_step,
                          .keeps = l->reserve != NULL,
                          .peepholes = l->peepholes,
                          .c = c};
  for (int64_t index = 0; index < r->t;) {
    const int64_t count = r->t - index < gates.chunk ? r->t - index : gates.chunk;
    const int64_t first = ck_recurrent_first_time(r, index, count);
    if (adds_tokens) {
      cell.token_gates = weights.token_gates;
    } else {
      ck_recurrent_project(r, &weights, first, count, gates.base, gates.row_step, gates.time_step, pool);
    }
    for (const int64_t end = index + count; index < end; index++) {
      cell.step = ck_recurrent_step(r, index);
      cell.gates = gates.base + (cell.step.t - first) * gates.time_step;
      if (adds_tokens) cell.tokens = r->tokens + cell.step.t * r->n;
      if (hidden.before != NULL) {
        ck_recurrent_product(&(ck_row_product){.rows = r->n,
                                               .a = hidden.before,
                                               .a_step = h,
                                               .b = &weights.r.gates,
                                               .c = cell.gates,
                                               .c_step = gates.row_step,
                                               .adds = !adds_tokens},
                             index % 2 != 0, pool);
      }
      cell.h = ck_hidden_target(&hidden, cell.step.t);
      cell.y = hidden.in_y || l->y == NULL ? NULL : l->y + cell.step.t * hidden.y_step;
      ck_cell_run_forward(ck_cell_kernels()->lstm, &cell, pool);
      hidden.before = cell.h;
    }
  }
  if (l->y_h != NULL) ck_recurrent_copy(state_count, hidden.before, l->y_h);
}

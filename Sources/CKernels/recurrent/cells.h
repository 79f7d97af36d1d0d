// The pointwise part of the cells, one step of all rows; the table behind ck_recurrent.h.
#pragma once

#include "../include/CKernels.h"

// Which rows a step concerns, and where a row's state came from.
typedef struct ck_step {
  int64_t t;                 // the step
  int64_t previous;          // the step before it in the order of walking; outside of 0..<T for the first
  int64_t steps, rows, h;
  const int32_t *lengths;    // NULL: all rows are active
} ck_step;

// True where row n takes part.
static inline bool ck_step_active(const ck_step *step, int64_t n) { return step->lengths == NULL || step->t < step->lengths[n]; }

// True where row n's state before this step is the initial one.
static inline bool ck_step_starts(const ck_step *step, int64_t n) {
  return step->previous < 0 || step->previous >= step->steps ||
         (step->lengths != NULL && step->previous >= step->lengths[n]);
}

// A step forward. Inactive rows keep their state and get zeros in `y` and, where it is kept, the gates.
typedef struct ck_cell_forward {
  ck_step step;
  ck_recurrent_function functions[3];
  float *gates;            // rows of pre-activations, `gates_step` apart; results too where `keeps`
  int64_t gates_step;
  bool keeps;
  const int64_t *tokens;     // [N] of this step, with token_gates
  const float *token_gates;  // LSTM: row tokens[n] of 4 H floats is added to row n of `gates`; NULL: nothing
  const float *peepholes;  // [3 H] or NULL
  const float *h_before;   // [N, H], GRU
  float *h;                // [N, H], the state after
  float *y;                // [N, H] too, or NULL where it is `h` or not wanted
  float *c;                // [N, H], LSTM: before and after
} ck_cell_forward;

// A step backward. `dh` [N, H] has the gradient that comes back from the later step, and gets what this step passes on besides
// what goes through the recurrent product.
typedef struct ck_cell_backward {
  ck_step step;
  ck_recurrent_function functions[3];
  const float *reserve;         // rows of this step, `reserve_step` apart
  const float *reserve_before;  // the same of the step before
  int64_t reserve_step;
  const float *y, *y_before;    // [N, H] of this step and the one before
  const float *initial;         // [N, H]: h (GRU, RNN) or c (LSTM) where a row starts, or NULL
  const float *peepholes;
  const float *dy;              // [N, H] or NULL
  float *dh, *dc;
  bool keeps_dh;                // dh of inactive rows is to stay, and that of active rows to become 0 (LSTM, RNN)
  float *gates;                 // rows of gradients of the pre-activations, `gates_step` apart
  int64_t gates_step;
  float *sums;                  // [gate blocks, H]: sums of `gates` over the rows, are added to
  float *peephole_sums;         // [3 H] or NULL
} ck_cell_backward;

// Units [begin, end) of all rows.
typedef struct ck_cell_table {
  void (*lstm)(const ck_cell_forward *cell, int64_t begin, int64_t end);
  void (*gru_reset)(const ck_cell_forward *cell, int64_t begin, int64_t end);  // z, r and r h, before the candidate's product
  void (*gru)(const ck_cell_forward *cell, int64_t begin, int64_t end);        // the rest of it
  void (*gru_after)(const ck_cell_forward *cell, int64_t begin, int64_t end);  // all, with reset after the product
  void (*rnn)(const ck_cell_forward *cell, int64_t begin, int64_t end);
  void (*lstm_gradient)(const ck_cell_backward *cell, int64_t begin, int64_t end);
  void (*gru_gradient)(const ck_cell_backward *cell, int64_t begin, int64_t end);        // up to the candidate's product
  void (*gru_reset_gradient)(const ck_cell_backward *cell, int64_t begin, int64_t end);  // from there on
  void (*gru_after_gradient)(const ck_cell_backward *cell, int64_t begin, int64_t end);
  void (*rnn_gradient)(const ck_cell_backward *cell, int64_t begin, int64_t end);
  void (*add)(int64_t count, const float *x, float *sum);  // sum += x
} ck_cell_table;

const ck_cell_table *ck_cell_kernels(void);

// Runs a cell on all units, split over the pool in blocks that no level's vectors straddle.
void ck_cell_run_forward(void (*cell)(const ck_cell_forward *, int64_t, int64_t), const ck_cell_forward *arguments, ck_pool *pool);
void ck_cell_run_backward(void (*cell)(const ck_cell_backward *, int64_t, int64_t), const ck_cell_backward *arguments, ck_pool *pool);

// What the gradients of the cells share: the walk back, and the products over all steps.
#pragma once

#include "steps.h"

// Floats between two rows of gate gradients. The products over all steps read them by columns, in place, which works as long as the rows do not
// share few cache sets.
static inline int64_t ck_gate_gradient_step(int64_t blocks, int64_t h) {
  enum { ALIASING_STRIDE = 512, CACHE_LINE = 16 };
  return blocks * h % ALIASING_STRIDE == 0 ? blocks * h + CACHE_LINE : blocks * h;
}

// The states before each step as rows of one matrix [T N, H], and which rows of the gates they belong to.
typedef struct ck_history {
  const float *rows;        // of steps gates_begin...gates_begin + steps
  int64_t gates_begin, steps;
  const float *apart;       // the state before step apart_t, where it is not among the rows; NULL: zeros
  int64_t apart_t;
} ck_history;

// Y shifted by one step where that will do, else copied together.
ck_history ck_recurrent_history(const ck_recurrent_gradient *g);

// result[columns, K] (+)= gates^T rows, where gates are `columns` wide, `gates_step` apart, one row for each row of the right side.
typedef struct ck_weight_product {
  int64_t rows, columns, k;
  const float *gates;
  int64_t gates_step;
  const float *other;
  int64_t other_step;
  float *result;
  bool adds;
} ck_weight_product;

void ck_recurrent_weight_gradient(const ck_weight_product *product, ck_pool *pool);

// What dX and dW are made of: rows of gate gradients beside rows of x. With tokens all rows of one token are added up first.
typedef struct ck_input_rows {
  int64_t rows;
  const float *gates;
  int64_t gates_step;
  const float *x;
} ck_input_rows;

ck_input_rows ck_recurrent_input_rows(const ck_recurrent_gradient *g, int64_t blocks, ck_pool *pool);

// dX for gates [first, first + count) of W, whose gradients are from column `column` of the rows on; and their rows of dW.
void ck_recurrent_input_gradient(const ck_recurrent_gradient *g, const ck_input_rows *input, int64_t column, int64_t first, int64_t count,
                                 bool adds, ck_pool *pool);
void ck_recurrent_input_weight_gradient(const ck_recurrent_gradient *g, const ck_input_rows *input, int64_t column, int64_t first,
                                        int64_t count, ck_pool *pool);

// dR's part for gate columns `gates`: result[columns, H].
void ck_recurrent_history_gradient(const ck_recurrent_gradient *g, const ck_history *history, const float *gates, int64_t gates_step,
                                   int64_t columns, float *result, ck_pool *pool);

// What a walk back keeps between steps, in the thread's scratch memory.
typedef struct ck_walk_back {
  float *dh, *dc;
  float *step_sums, *sums;  // [blocks, H] of one step, of all
  int64_t sum_count;
} ck_walk_back;

// dh from dY_h; dc (zeros where `dy_c` is NULL) if `has_c`.
ck_walk_back ck_walk_back_start(const ck_recurrent_gradient *g, int64_t blocks, bool has_c, const float *dy_c);
// Adds the step's sums to all: in two levels, so that long sequences lose no digits.
void ck_walk_back_add(ck_walk_back *walk);

// The cell's arguments for step `index` of the walk.
ck_cell_backward ck_walk_back_cell(const ck_recurrent_gradient *g, const ck_walk_back *walk, int64_t index, int64_t gate_blocks,
                                   const float *reserve, int64_t reserve_blocks);

// The result of an operator without steps or rows: zeros and what passes through.
void ck_recurrent_gradient_finish(const ck_recurrent_gradient *g, const ck_walk_back *walk);

// Fused chains of elementwise functions: every step runs over a block that stays in the nearest cache, so that memory is read
// once per input and written once.
//
// A register is one block of floats, or one number while all it depends on is the same throughout the block. A block is a
// stretch of one long row, or several whole short rows.
#include "kernels.h"

#include "../simd/dispatch.h"
#include "../simd/prefetch.h"
#include <string.h>

enum { BLOCK = 1024, PREFETCH_FROM = 1 << 18, REGISTERS_MAX = CK_CHAIN_INPUTS_MAX + CK_CHAIN_STEPS_MAX };

typedef struct chain_work {
  int steps_count, inputs_count;
  const ck_chain_step *steps;
  const float *const *inputs;
  const ck_chain_access *access;
  int64_t outer, inner;
  bool prefetches;  // is this more than the nearer caches hold?
  float *y;
  const ck_unary_table *unary;
  const ck_binary_table *binary;
  int buffer_of[REGISTERS_MAX];  // which buffer each register uses; steps reuse buffers that nobody reads any more
} chain_work;

typedef struct chain_register {
  const float *values;
  bool uniform;  // values[0] stands for every element
} chain_register;

typedef float chain_buffer[BLOCK];

// Inputs keep the buffers 0..<inputs_count (for broadcast copies); every step takes the first buffer whose last reader has run.
static void assign_buffers(chain_work *work) {
  int last_use[REGISTERS_MAX] = {0}, free_from[REGISTERS_MAX] = {0};
  int inputs = work->inputs_count;
  for (int s = 0; s < work->steps_count; s++) {
    last_use[work->steps[s].lhs] = s;
    if (work->steps[s].is_binary) last_use[work->steps[s].rhs] = s;
  }
  for (int i = 0; i < inputs; i++) work->buffer_of[i] = i;
  for (int s = 0; s < work->steps_count; s++) {
    int buffer = inputs;
    // The loops allow y to be an operand, so a buffer read last by this very step may be taken.
    while (free_from[buffer] > s) buffer++;
    work->buffer_of[inputs + s] = buffer;
    free_from[buffer] = last_use[inputs + s] > s ? last_use[inputs + s] : s + 1;
  }
}

static void fill(float *out, float value, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = value;
}

// Input `i` for the `count` elements from `row`, `column` on. Short rows: `rows` whole rows, `repeated` says that the buffer
// already holds the row vector often enough.
static chain_register load_input(const chain_work *work, int i, int64_t row, int64_t column, int64_t count, bool repeated,
                                 float *buffer) {
  const float *x = work->inputs[i];
  bool within_row = column + count <= work->inner;
  switch (work->access[i]) {
    case CK_CHAIN_FULL:
      return (chain_register){x + row * work->inner + column, false};
    case CK_CHAIN_SCALAR:
      return (chain_register){x, true};
    case CK_CHAIN_INNER:
      if (within_row) return (chain_register){x + column, false};
      if (!repeated) {
        for (int64_t done = 0; done < count; done += work->inner) {
          memcpy(buffer + done, x, (size_t)work->inner * sizeof *x);
        }
      }
      return (chain_register){buffer, false};
    case CK_CHAIN_OUTER:
      if (within_row) return (chain_register){x + row, true};
      for (int64_t done = 0; done < count; done += work->inner) fill(buffer + done, x[row++], work->inner);
      return (chain_register){buffer, false};
  }
  __builtin_unreachable();
}

static chain_register run_step(const chain_work *work, const ck_chain_step *step, const chain_register *registers,
                               int64_t count, float *out) {
  chain_register lhs = registers[step->lhs];
  if (!step->is_binary) {
    work->unary->run[step->op](lhs.uniform ? 1 : count, lhs.values, step->p0, step->p1, out);
    return (chain_register){out, lhs.uniform};
  }
  chain_register rhs = registers[step->rhs];
  bool uniform = lhs.uniform && rhs.uniform;
  int form = lhs.uniform == rhs.uniform ? CK_BOTH_ARRAYS : rhs.uniform ? CK_RIGHT_SCALAR : CK_LEFT_SCALAR;
  work->binary->run[step->op][form](uniform ? 1 : count, lhs.values, rhs.values, step->p0, out);
  return (chain_register){out, uniform};
}

// Asks for step `s`'s share of what the next block reads and writes: the steps of a block touch memory one after the other, so
// without this the streams would be waited for in turn.
static void prefetch_share(const chain_work *work, const chain_register *registers, const float *y, int64_t count, int s) {
  int64_t begin = count + count * s / work->steps_count, end = count + count * (s + 1) / work->steps_count;
  for (int64_t i = begin; i < end; i += 16) {
    for (int k = 0; k < work->inputs_count; k++) {
      if (work->access[k] == CK_CHAIN_FULL) CK_PREFETCH_READ(registers[k].values, i);
    }
    CK_PREFETCH_WRITE(y, i);
  }
}

static void run_block(const chain_work *work, int64_t row, int64_t column, int64_t count, bool repeated,
                      chain_buffer *buffers) {
  chain_register registers[REGISTERS_MAX];
  int inputs = work->inputs_count;
  for (int i = 0; i < inputs; i++) {
    registers[i] = load_input(work, i, row, column, count, repeated, buffers[i]);
  }
  float *y = work->y + row * work->inner + column;
  for (int s = 0; s < work->steps_count; s++) {
    if (work->prefetches) prefetch_share(work, registers, y, count, s);
    float *out = s == work->steps_count - 1 ? y : buffers[work->buffer_of[inputs + s]];
    registers[inputs + s] = run_step(work, &work->steps[s], registers, count, out);
  }
  if (registers[inputs + work->steps_count - 1].uniform) fill(y, y[0], count);
}

// Long rows: elements begin..<end. Each thread has its own buffers, on its stack.
static void run_elements(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const chain_work *work = context;
  _Alignas(64) chain_buffer buffers[REGISTERS_MAX];
  while (begin < end) {
    int64_t row = begin / work->inner, column = begin % work->inner;
    int64_t count = work->inner - column < end - begin ? work->inner - column : end - begin;
    if (count > BLOCK) count = BLOCK;
    run_block(work, row, column, count, false, buffers);
    begin += count;
  }
}

// Short rows: whole rows begin..<end, as many to a block as fit.
static void run_rows(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const chain_work *work = context;
  _Alignas(64) chain_buffer buffers[REGISTERS_MAX];
  int64_t rows_per_block = BLOCK / work->inner;
  for (int64_t row = begin; row < end; row += rows_per_block) {
    int64_t rows = end - row < rows_per_block ? end - row : rows_per_block;
    run_block(work, row, 0, rows * work->inner, row > begin, buffers);
  }
}

void ck_f32_chain(int steps_count, const ck_chain_step *steps, int inputs_count, const float *const *inputs,
                  const ck_chain_access *access, int64_t outer, int64_t inner, float *y, ck_pool *pool) {
  if (outer <= 0 || inner <= 0 || steps_count <= 0) return;
  chain_work work = {.steps_count = steps_count, .inputs_count = inputs_count, .steps = steps, .inputs = inputs,
                     .access = access, .outer = outer, .inner = inner, .y = y,
                     .unary = ck_unary_kernels(), .binary = ck_binary_kernels()};
  assign_buffers(&work);
  bool by_row = false;  // do any inputs depend on where rows begin?
  for (int i = 0; i < inputs_count; i++) by_row |= access[i] == CK_CHAIN_INNER || access[i] == CK_CHAIN_OUTER;
  if (!by_row) {
    work.inner = outer * inner;
    work.outer = 1;
  }
  work.prefetches = steps_count > 1 && outer * inner >= PREFETCH_FROM;
  if (work.inner > BLOCK / 2) {
    ck_pool_for(pool, work.outer * work.inner, CK_PARALLEL_GRAIN, &work, run_elements);
  } else {
    ck_pool_for(pool, work.outer, ck_grain_of(work.inner), &work, run_rows);
  }
}

// The table of pointwise cells, and their split over threads.
#include "cells.h"

#include <math.h>

#define CK_TEMPLATE "../recurrent/cells.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(ck_cell_table);

const ck_cell_table *ck_cell_kernels(void) { return tables[ck_isa_current()]; }

enum {
  UNIT_BLOCK = 16,     // the widest vector
  UNITS_A_GRAIN = 2048  // of all rows: a unit is a hundred times as much work as an element of a sum
};

typedef struct cell_work {
  void (*forward)(const ck_cell_forward *, int64_t, int64_t);
  void (*backward)(const ck_cell_backward *, int64_t, int64_t);
  const void *arguments;
  int64_t h;
} cell_work;

static void run(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const cell_work *work = context;
  const int64_t first = begin * UNIT_BLOCK, last = end * UNIT_BLOCK < work->h ? end * UNIT_BLOCK : work->h;
  if (work->forward != NULL) {
    work->forward(work->arguments, first, last);
  } else {
    work->backward(work->arguments, first, last);
  }
}

static void run_all(cell_work *work, const ck_step *step, ck_pool *pool) {
  const int64_t blocks = (step->h + UNIT_BLOCK - 1) / UNIT_BLOCK;
  ck_pool_for(pool, blocks, UNITS_A_GRAIN / (UNIT_BLOCK * (step->rows < 1 ? 1 : step->rows)), work, run);
}

void ck_cell_run_forward(void (*cell)(const ck_cell_forward *, int64_t, int64_t), const ck_cell_forward *arguments, ck_pool *pool) {
  run_all(&(cell_work){.forward = cell, .arguments = arguments, .h = arguments->step.h}, &arguments->step, pool);
}

void ck_cell_run_backward(void (*cell)(const ck_cell_backward *, int64_t, int64_t), const ck_cell_backward *arguments, ck_pool *pool) {
  run_all(&(cell_work){.backward = cell, .arguments = arguments, .h = arguments->step.h}, &arguments->step, pool);
}

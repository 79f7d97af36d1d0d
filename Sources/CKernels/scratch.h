// Working memory that belongs to a thread: made on first use, grown when a larger request comes, given back when the thread
// ends. Steady state allocates nothing.
#pragma once

#include <stddef.h>
#include <stdint.h>

// One buffer per purpose, so that nested users never share one.
typedef enum ck_scratch_slot {
  CK_SCRATCH_GEMM_A,       // packed rows of A: at most CK_GEMM_ROW_PANELS x 16 x CK_GEMM_KC floats (640 KiB)
  CK_SCRATCH_GEMM_B,       // packed columns of B: at most CK_GEMM_NC x CK_GEMM_KC floats (8 MiB)
  CK_SCRATCH_GEMM_C,       // unfinished chains of one block while C is an operand (beta), or a block of the transposed product: 252 KiB
  CK_SCRATCH_CONV_IMAGE,   // padded input of one band of output rows: about 400 KiB, or the rows of one output row
  CK_SCRATCH_CONV_OUTPUT,  // dy of one chunk, padded (gradient of the weights)
  CK_SCRATCH_CONV_BLOCK,   // one panel of output channels of a band, channels last
  CK_SCRATCH_CONV_TAPS,    // tap rows and columns
  CK_SCRATCH_CONV_OFFSETS, // where each step of the chain lies
  CK_SCRATCH_CONV_SLOTS,   // the vectors of one band
  CK_SCRATCH_CONV_WEIGHTS, // weights packed on the fly
  CK_SCRATCH_CONV_GRADIENT, // weights rearranged for the gradient
  CK_SCRATCH_RECURRENT_STATE,   // states of one step, sums of biases or gate gradients
  CK_SCRATCH_RECURRENT_GATES,   // pre-activations of a few steps
  CK_SCRATCH_RECURRENT_WEIGHTS, // W and R packed for one call
  CK_SCRATCH_RECURRENT_TOKENS,  // gates or gate gradients of every token of a vocabulary
  CK_SCRATCH_RECURRENT_HISTORY, // states before every step, where Y does not have them in a row
  CK_SCRATCH_COUNT
} ck_scratch_slot;

// At least `count` floats, 64-byte aligned, with at least 128 readable bytes behind them. The contents are undefined. Ends the
// process with a message when memory is exhausted: kernels have no way to report it.
float *ck_scratch(ck_scratch_slot slot, int64_t count);

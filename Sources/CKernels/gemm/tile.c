// The table of register tiles of the current level, and the activations that follow them.
#include "tile.h"

#include <math.h>

#define CK_TEMPLATE "../gemm/tile.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(ck_tile_table);

const ck_tile_table *ck_tile_table_current(void) { return tables[ck_isa_current()]; }

bool ck_tile_finish_activation(ck_tile_finish *finish, ck_activation activation) {
  finish->leaky = false;
  finish->slope = 1;
  finish->low = -INFINITY;
  finish->high = INFINITY;
  switch (activation.kind) {
    case CK_ACT_NONE:
      return true;
    case CK_ACT_RELU:
      finish->low = 0;
      return true;
    case CK_ACT_LEAKY_RELU:
      finish->leaky = true;
      finish->slope = activation.alpha;
      return true;
    case CK_ACT_CLIP:
      finish->low = activation.alpha;
      finish->high = activation.beta;
      return true;
    case CK_ACT_ELU:
    case CK_ACT_SIGMOID:
    case CK_ACT_TANH:
      return false;
  }
  return false;
}

void ck_activation_apply(ck_activation activation, int64_t count, float *x) {
  switch (activation.kind) {
    case CK_ACT_NONE:
      return;
    case CK_ACT_RELU:
      ck_f32_unary(CK_RELU, count, x, 0, 0, x, NULL);
      return;
    case CK_ACT_LEAKY_RELU:
      ck_f32_unary(CK_LEAKY_RELU, count, x, activation.alpha, 0, x, NULL);
      return;
    case CK_ACT_CLIP:
      ck_f32_unary(CK_CLIP, count, x, activation.alpha, activation.beta, x, NULL);
      return;
    case CK_ACT_ELU:
      ck_f32_unary(CK_ELU, count, x, activation.alpha, 0, x, NULL);
      return;
    case CK_ACT_SIGMOID:
      ck_f32_unary(CK_SIGMOID, count, x, 0, 0, x, NULL);
      return;
    case CK_ACT_TANH:
      ck_f32_unary(CK_TANH, count, x, 0, 0, x, NULL);
      return;
  }
}

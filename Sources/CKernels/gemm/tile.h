// The register tile at the bottom of GEMM and convolution: `rows` x `vectors` accumulators, each one chain of
// fused multiply-adds in ascending k.
#pragma once

#include "../include/CKernels.h"

enum {
  CK_TILE_ROWS_MAX = 14,    // the largest tile of any level
  CK_TILE_VECTORS_MAX = 8,  // ditto
  CK_PANEL_VECTORS = 2,     // a packed panel of B is this many vectors wide
};

// What happens to a finished element while it is in its register: alpha and beta, then + bias, then leaky or clamp.
typedef struct ck_tile_finish {
  bool blend;                // x = fma(alpha, x, beta * C), or alpha * x where beta is 0 (not convolution tiles)
  float alpha, beta;
  const float *bias_row;     // one per row of the tile, or NULL
  const float *bias_column;  // one per column of the tile, or NULL
  bool leaky;                // x >= 0 ? x : slope * x; else clamp to low...high (NaN stays NaN)
  float slope, low, high;
} ck_tile_finish;

// Where one vector of a slot tile reads and writes.
typedef struct ck_slot {
  int64_t source;  // added to `b`
  int64_t target;  // added to `c`
  int64_t lanes;   // 1...VL are stored; all VL are read
} ck_slot;

typedef struct ck_tile {
  int64_t k;
  const float *a;
  int64_t a_step;
  const float *b;
  int64_t b_step, b_panel_step;
  const int64_t *offsets;  // k offsets into `a` or `b`
  const ck_slot *slots;    // one per vector
  float *c;
  int64_t c_step;              // between rows
  const float *next;           // C of the tile that follows, to prefetch, or NULL (not slot tiles)
  int64_t tail;                // lanes of the last vector that are stored (panel tiles)
  const float *start;          // what the chains start from, laid out as C with start_step between rows; NULL: 0
  int64_t start_step;
  const ck_tile_finish *finish;  // NULL: store the bare chains
} ck_tile;

typedef void (*ck_tile_kernel)(const ck_tile *tile);

// How the operands are addressed (i: row, p: step of the chain, v: vector):
typedef enum ck_tile_kind {
  CK_TILE_PANEL,     // a[p * a_step + i], b panel: b[p * b_step + v VL]          packed GEMM
  CK_TILE_ROWS,      // a[i * a_step + p], b panels b_panel_step apart            A as it lies, small M
  CK_TILE_SLOTS,     // a[p * a_step + i], b[slots[v].source + offsets[p]]        convolution, pixels in lanes
  CK_TILE_CHANNELS,  // a[offsets[p] + i], b[p * b_step + v VL]                   convolution, channels in lanes
  CK_TILE_KINDS
} ck_tile_kind;

typedef struct ck_tile_table {
  int64_t lanes;          // VL
  int64_t rows_max;       // balanced panels have at most this many rows
  int64_t registers_max;  // rows * vectors of any tile
  ck_tile_kernel kernels[CK_TILE_KINDS][CK_TILE_ROWS_MAX + 1][CK_TILE_VECTORS_MAX + 1];  // [rows][vectors], NULL where too large

  // Packing. A: dst[p * step + i] = a[i * row_stride + p * column_stride], rows padded to `step` with copies of the last row.
  void (*pack_rows)(int64_t rows, int64_t k, const float *a, int64_t row_stride, int64_t column_stride, float *to, int64_t step);
  // B: dst[p * step + j] = b[p * row_stride + j * column_stride], columns padded to `step` with 0.
  void (*pack_columns)(int64_t k, int64_t columns, const float *b, int64_t row_stride, int64_t column_stride, float *to, int64_t step);
  // All of B: panel after panel, each [k][width].
  void (*pack_panels)(int64_t k, int64_t columns, const float *b, int64_t row_stride, int64_t column_stride, float *to);
  // to[p * to_step + i] = from[i * from_step + p].
  void (*transpose)(int64_t rows, int64_t columns, const float *from, int64_t from_step, float *to, int64_t to_step);
  // `rows` rows of `pitch` floats: `before` zeros, `inside` floats of the source, zeros.
  void (*copy_padded)(int64_t rows, const float *from, int64_t from_step, int64_t before, int64_t inside, float *to, int64_t pitch);
} ck_tile_table;

const ck_tile_table *ck_tile_table_current(void);

// The activations that a tile applies itself. False for the others (ELU, sigmoid, tanh): `finish` then does nothing after the
// bias, and the caller applies ck_activation_apply to the finished rows.
bool ck_tile_finish_activation(ck_tile_finish *finish, ck_activation activation);
void ck_activation_apply(ck_activation activation, int64_t count, float *x);

// Piece `index` of `length` cut into `pieces` as evenly as possible.
static inline int64_t ck_piece(int64_t length, int64_t pieces, int64_t index) {
  const int64_t base = length / pieces, extra = length % pieces;
  return index * base + (index < extra ? index : extra);
}

static inline int64_t ck_pieces(int64_t length, int64_t longest) { return (length + longest - 1) / longest; }

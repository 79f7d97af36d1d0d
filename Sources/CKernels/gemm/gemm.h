// What the files of the GEMM family share.
#pragma once

#include "tile.h"

enum {
  CK_GEMM_KC = 1024,       // steps of the chain per pass: every pass but the first reads C again, which costs more than the cache misses of long panels
  CK_GEMM_ROW_PANELS = 10,  // row panels per block of A, which stays in the second-level cache
  CK_GEMM_NC = 2048,        // columns per block of B
  CK_GEMM_PARTIAL_ROWS = 168,     // block of unfinished chains that cannot wait in C, because C is an operand
  CK_GEMM_PARTIAL_COLUMNS = 384,
};

// The part [row_begin, row_end) x [column_begin, column_end) of C. `column_begin` is a multiple of the panel width.
typedef struct ck_gemm_part {
  int64_t row_begin, row_end, column_begin, column_end;
} ck_gemm_part;

// The epilogue of a product as the tiles apply it, biases from row and column 0. False: nothing to apply.
bool ck_gemm_finish(const ck_gemm *gemm, ck_tile_finish *finish);

// Computes a part, all but the activations that tiles do not apply.
void ck_gemm_chains(const ck_gemm *gemm, ck_gemm_part part);

// The same for few rows and a packed B: one pass over the weights.
bool ck_gemm_is_small_batch(const ck_gemm *gemm);
void ck_gemm_small_batch(const ck_gemm *gemm, ck_gemm_part part);

// The same by way of the transposed product, for few rows and a transposed B: B is then read where it lies.
bool ck_gemm_suits_transposition(const ck_gemm *gemm);
void ck_gemm_transposed(const ck_gemm *gemm, ck_gemm_part part);

static inline int64_t ck_panel_width(const ck_tile_table *table) { return CK_PANEL_VECTORS * table->lanes; }

// A panel's own width: the last one is as many whole vectors as it needs.
static inline int64_t ck_packed_width(const ck_tile_table *table, int64_t columns) {
  const int64_t width = ck_panel_width(table);
  return columns >= width ? width : ck_pieces(columns, table->lanes) * table->lanes;
}

// What the files of the GEMM family share.
#pragma once

#include "tile.h"

enum {
  CK_GEMM_KC = 1024,       // steps of the chain per pass: every pass but the first reads C again, which costs more than the cache misses of long panels
  CK_GEMM_ROW_PANELS = 10,  // row panels per block of A, which stays in the second-level cache
  CK_GEMM_NC = 2048,        // columns per block of B
  CK_GEMM_BLEND_ROWS = 168,
  CK_GEMM_BLEND_COLUMNS = 384,
};

// The part [row_begin, row_end) x [column_begin, column_end) of C. `column_begin` is a multiple of the panel width.
typedef struct ck_gemm_part {
  int64_t row_begin, row_end, column_begin, column_end;
} ck_gemm_part;

// Writes the chains of a part, then bias and activation: alpha is 1 and beta is 0.
void ck_gemm_chains(const ck_gemm *gemm, ck_gemm_part part);

// The same for few rows and a packed B: one pass over the weights.
bool ck_gemm_is_small_batch(const ck_gemm *gemm);
void ck_gemm_small_batch(const ck_gemm *gemm, ck_gemm_part part);

static inline int64_t ck_panel_width(const ck_tile_table *table) { return CK_PANEL_VECTORS * table->lanes; }

// A panel's own width: the last one is as many whole vectors as it needs.
static inline int64_t ck_packed_width(const ck_tile_table *table, int64_t columns) {
  const int64_t width = ck_panel_width(table);
  return columns >= width ? width : ck_pieces(columns, table->lanes) * table->lanes;
}

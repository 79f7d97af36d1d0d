// Few rows against packed weights: bandwidth-bound, so every weight is read once, many panels at a time, and A is read as it lies.
#include "gemm.h"

enum { SMALL_BATCH_ROWS = 6 };

bool ck_gemm_is_small_batch(const ck_gemm *g) {
  return g->m <= SMALL_BATCH_ROWS && g->b_packed != NULL && (g->a_column_stride == 1 || g->k == 1);
}

// Whole panels that one tile of `rows` rows takes at once: as many chains as the registers hold hide the latency of the additions.
static int64_t panels_at_once(const ck_tile_table *table, int64_t rows) {
  int64_t vectors = CK_TILE_VECTORS_MAX;
  while (vectors > CK_PANEL_VECTORS && table->kernels[CK_TILE_ROWS][rows][vectors] == NULL) vectors -= CK_PANEL_VECTORS;
  return vectors / CK_PANEL_VECTORS;
}

void ck_gemm_small_batch(const ck_gemm *g, ck_gemm_part part) {
  const ck_tile_table *table = ck_tile_table_current();
  const int64_t rows = part.row_end - part.row_begin, width = ck_panel_width(table);
  const int64_t most = panels_at_once(table, rows);
  ck_tile_finish finish;
  const bool plain = !ck_gemm_finish(g, &finish);
  if (g->bias_kind == CK_BIAS_ROW) finish.bias_row = g->bias + part.row_begin;
  ck_tile tile = {.k = g->k,
                  .a = g->a + part.row_begin * g->a_row_stride,
                  .a_step = g->a_row_stride,
                  .b_step = width,
                  .b_panel_step = width * g->k,
                  .c_step = g->c_row_stride,
                  .tail = table->lanes,
                  .finish = plain ? NULL : &finish};
  for (int64_t j = part.column_begin; j < part.column_end;) {
    // The last panel may be narrower than the others: it goes alone.
    const int64_t whole = (part.column_end - j) / width;
    int64_t vectors, columns;
    if (whole > 0) {
      const int64_t panels = ck_pieces(whole, ck_pieces(whole, most));
      vectors = panels * CK_PANEL_VECTORS;
      columns = panels * width;
      tile.b_step = width;
    } else {
      columns = part.column_end - j;
      vectors = ck_pieces(columns, table->lanes);
      tile.b_step = ck_packed_width(table, columns);
      tile.tail = columns - (vectors - 1) * table->lanes;
    }
    tile.b = g->b_packed + j * g->k;
    tile.c = g->c + part.row_begin * g->c_row_stride + j;
    if (g->bias_kind == CK_BIAS_COLUMN) finish.bias_column = g->bias + j;
    table->kernels[CK_TILE_ROWS][rows][vectors](&tile);
    j += columns;
  }
}

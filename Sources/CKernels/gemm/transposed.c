// C^T = B^T A^T for few rows and a transposed B that is not packed (the gradient of a dense layer's input): the large matrix is read
// where it lies, row by row, and only the small one is packed. The chains are the same, so are the results.
#include "../scratch.h"
#include "gemm.h"

enum {
  MOST_ROWS = 64,        // of C; with more, packing B pays
  FEWEST_COLUMNS = 512,  // ... and with fewer it is cheap
  BLOCK_COLUMNS = 160,   // of C at a time: whole tiles, and runs of memory long enough for the transposition
};

bool ck_gemm_suits_transposition(const ck_gemm *g) {
  return g->b_packed == NULL && g->b_row_stride == 1 && g->b_column_stride != 1 && g->a_column_stride == 1 && g->beta == 0 &&
         g->m > 1 && g->m <= MOST_ROWS && g->n >= FEWEST_COLUMNS && g->k <= CK_GEMM_KC && ck_panel_width(ck_tile_table_current()) > 1;
}

void ck_gemm_transposed(const ck_gemm *g, ck_gemm_part part) {
  const ck_tile_table *table = ck_tile_table_current();
  const int64_t rows = part.row_end - part.row_begin;
  float *small = ck_scratch(CK_SCRATCH_GEMM_A, ck_f32_gemm_packed_b_count(g->k, rows));
  table->pack_panels(g->k, rows, g->a + part.row_begin * g->a_row_stride, 1, g->a_row_stride, small);
  float *block = ck_scratch(CK_SCRATCH_GEMM_C, BLOCK_COLUMNS * MOST_ROWS);
  for (int64_t j = part.column_begin; j < part.column_end; j += BLOCK_COLUMNS) {
    const int64_t columns = part.column_end - j < BLOCK_COLUMNS ? part.column_end - j : BLOCK_COLUMNS;
    ck_gemm turned = *g;
    turned.m = columns;
    turned.n = rows;
    turned.a = g->b + j * g->b_column_stride;
    turned.a_row_stride = g->b_column_stride;
    turned.b_packed = small;
    turned.c = block;
    turned.c_row_stride = MOST_ROWS;
    if (g->bias_kind == CK_BIAS_COLUMN) {
      turned.bias_kind = CK_BIAS_ROW;
      turned.bias = g->bias + j;
    } else if (g->bias_kind == CK_BIAS_ROW) {
      turned.bias_kind = CK_BIAS_COLUMN;
      turned.bias = g->bias + part.row_begin;
    }
    ck_gemm_chains(&turned, (ck_gemm_part){0, columns, 0, rows});
    table->transpose(columns, rows, block, MOST_ROWS, g->c + part.row_begin * g->c_row_stride + j, g->c_row_stride);
  }
}

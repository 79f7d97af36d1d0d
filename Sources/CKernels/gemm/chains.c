// The blocked product: panels of A and B through the register tiles.
#include "gemm.h"
#include "../scratch.h"

// One panel of B over the current pass: element (p, j) is data[p * step + j].
typedef struct panel {
  const float *data;
  int64_t step;
} panel;

// Columns [begin, end) of B over steps [k_begin, k_begin + k_count) of the chain.
typedef struct column_block {
  const ck_gemm *gemm;
  const ck_tile_table *table;
  int64_t begin, end, k_begin, k_count;
  bool direct;   // full panels are read where they lie
  float *packed;
} column_block;

static panel column_panel(const column_block *block, int64_t j) {
  const ck_gemm *g = block->gemm;
  const int64_t width = ck_panel_width(block->table);
  if (g->b_packed != NULL) {
    const int64_t own = ck_packed_width(block->table, g->n - j);
    return (panel){g->b_packed + j * g->k + block->k_begin * own, own};
  }
  if (block->direct && g->n - j >= width) return (panel){g->b + block->k_begin * g->b_row_stride + j, g->b_row_stride};
  return (panel){block->packed + (block->direct ? 0 : (j - block->begin) * block->k_count),
                 ck_packed_width(block->table, block->end - j)};
}

static void pack_column_block(column_block *block) {
  const ck_gemm *g = block->gemm;
  if (g->b_packed != NULL) return;
  const int64_t width = ck_panel_width(block->table);
  int64_t first = block->begin;
  if (block->direct) first += (block->end - block->begin) / width * width;  // only the last, narrow panel
  block->table->pack_panels(block->k_count, block->end - first,
                            g->b + block->k_begin * g->b_row_stride + first * g->b_column_stride, g->b_row_stride,
                            g->b_column_stride, block->packed);
}

// How the tiles read A.
typedef enum row_access { ROWS_PACKED, ROWS_DIRECT, ROWS_DIRECT_TRANSPOSED } row_access;

enum {
  DIRECT_COLUMNS = 96,             // with fewer columns, packing A costs more than it saves
  DIRECT_TRANSPOSED_COLUMNS = 512,
  DIRECT_ROWS = 40,                // with fewer rows, packing B costs more than it saves
  ALIASING_STRIDE = 512,           // rows a multiple of 2 KiB apart fall into few cache sets
};

static row_access choose_row_access(const ck_gemm *g, ck_gemm_part part) {
  const int64_t columns = part.column_end - part.column_begin;
  if (g->a_column_stride == 1 && columns <= DIRECT_COLUMNS) return ROWS_DIRECT;
  if (g->a_row_stride == 1 && columns <= DIRECT_TRANSPOSED_COLUMNS && g->a_column_stride % ALIASING_STRIDE != 0) {
    return ROWS_DIRECT_TRANSPOSED;
  }
  return ROWS_PACKED;
}

// Panels are padded to whole groups of 4 rows, which is what the packing transposes at once.
static int64_t row_step(int64_t rows) { return (rows + 3) & ~(int64_t)3; }

// One block of rows against one block of columns.
static void multiply_block(const column_block *columns, int64_t row_begin, int64_t row_end, row_access access,
                           float *a_packed, bool first_pass, const ck_tile_finish *finish) {
  const ck_gemm *g = columns->gemm;
  const ck_tile_table *table = columns->table;
  const int64_t width = ck_panel_width(table), k_begin = columns->k_begin;
  const int64_t rows = row_end - row_begin, row_panels = ck_pieces(rows, table->rows_max);
  const int64_t a_panel = row_step(table->rows_max) * columns->k_count;
  if (access == ROWS_PACKED) {
    for (int64_t r = 0; r < row_panels; r++) {
      const int64_t i = ck_piece(rows, row_panels, r), count = ck_piece(rows, row_panels, r + 1) - i;
      table->pack_rows(count, columns->k_count,
                       g->a + (row_begin + i) * g->a_row_stride + k_begin * g->a_column_stride, g->a_row_stride,
                       g->a_column_stride, a_packed + r * a_panel, row_step(count));
    }
  }
  ck_tile_finish tile_finish;
  ck_tile tile = {.k = columns->k_count, .c_step = g->c_row_stride, .resume = !first_pass};
  if (finish != NULL) {
    tile_finish = *finish;
    tile.finish = &tile_finish;
  }
  const ck_tile_kind kind = access == ROWS_DIRECT ? CK_TILE_ROWS : CK_TILE_PANEL;
  for (int64_t j = columns->begin; j < columns->end; j += width) {
    const int64_t own = columns->end - j < width ? columns->end - j : width;
    const int64_t vectors = ck_pieces(own, table->lanes);
    const panel b = column_panel(columns, j);
    tile.b = b.data;
    tile.b_step = b.step;
    tile.tail = own - (vectors - 1) * table->lanes;
    if (finish != NULL && finish->bias_column != NULL) tile_finish.bias_column = finish->bias_column + j;
    for (int64_t r = 0; r < row_panels; r++) {
      const int64_t i = ck_piece(rows, row_panels, r), count = ck_piece(rows, row_panels, r + 1) - i;
      switch (access) {
        case ROWS_PACKED:
          tile.a = a_packed + r * a_panel;
          tile.a_step = row_step(count);
          break;
        case ROWS_DIRECT:
          tile.a = g->a + (row_begin + i) * g->a_row_stride + k_begin;
          tile.a_step = g->a_row_stride;
          break;
        case ROWS_DIRECT_TRANSPOSED:
          tile.a = g->a + (row_begin + i) + k_begin * g->a_column_stride;
          tile.a_step = g->a_column_stride;
          break;
      }
      tile.c = g->c + (row_begin + i) * g->c_row_stride + j;
      tile.next = r + 1 < row_panels ? tile.c + count * g->c_row_stride : g->c + row_begin * g->c_row_stride + j + width;
      if (r + 1 == row_panels && j + width >= columns->end) tile.next = NULL;
      if (finish != NULL && finish->bias_row != NULL) tile_finish.bias_row = finish->bias_row + row_begin + i;
      table->kernels[kind][count][vectors](&tile);
    }
  }
}

void ck_gemm_chains(const ck_gemm *g, ck_gemm_part part) {
  const ck_tile_table *table = ck_tile_table_current();
  ck_tile_finish finish = {.bias_row = g->bias_kind == CK_BIAS_ROW ? g->bias : NULL,
                           .bias_column = g->bias_kind == CK_BIAS_COLUMN ? g->bias : NULL};
  const bool plain = g->bias_kind == CK_BIAS_NONE && g->activation.kind == CK_ACT_NONE;
  ck_tile_finish_activation(&finish, g->activation);

  const row_access access = choose_row_access(g, part);
  const int64_t rows = part.row_end - part.row_begin;
  const bool direct = g->b_packed == NULL && g->b_column_stride == 1 && rows <= DIRECT_ROWS;
  const int64_t block_rows = CK_GEMM_ROW_PANELS * table->rows_max;
  const int64_t row_blocks = ck_pieces(rows, block_rows);
  // At least one pass: with k == 0 it writes the bias.
  const int64_t passes = g->k > CK_GEMM_KC ? ck_pieces(g->k, CK_GEMM_KC) : 1;
  const int64_t k_most = ck_pieces(g->k, passes);
  float *a_packed = access != ROWS_PACKED
                        ? NULL
                        : ck_scratch(CK_SCRATCH_GEMM_A, CK_GEMM_ROW_PANELS * row_step(table->rows_max) * k_most);
  const int64_t all_columns = part.column_end - part.column_begin;
  const int64_t block_columns = all_columns < CK_GEMM_NC ? all_columns + 2 * table->lanes : CK_GEMM_NC;
  float *b_packed = g->b_packed != NULL ? NULL : ck_scratch(CK_SCRATCH_GEMM_B, block_columns * k_most);

  for (int64_t j = part.column_begin; j < part.column_end; j += CK_GEMM_NC) {
    for (int64_t pass = 0; pass < passes; pass++) {
      column_block columns = {
          .gemm = g,
          .table = table,
          .begin = j,
          .end = part.column_end < j + CK_GEMM_NC ? part.column_end : j + CK_GEMM_NC,
          .k_begin = ck_piece(g->k, passes, pass),
          .direct = direct,
          .packed = b_packed,
      };
      columns.k_count = ck_piece(g->k, passes, pass + 1) - columns.k_begin;
      pack_column_block(&columns);
      const ck_tile_finish *last = pass == passes - 1 && !plain ? &finish : NULL;
      for (int64_t r = 0; r < row_blocks; r++) {
        multiply_block(&columns, part.row_begin + ck_piece(rows, row_blocks, r),
                       part.row_begin + ck_piece(rows, row_blocks, r + 1), access, a_packed, pass == 0, last);
      }
    }
  }
}

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
  DIRECT_ALIASING_STEPS = 64,
  PAGE_STRIDE = 1024,              // ... of 4 KiB into one, which has 8 to 12 ways
  PAGE_STRIDE_ROWS = 10,
  FEW_ROWS = 64,                   // up to here a block of packed B is read so rarely that it must not leave the second-level cache
  CACHED_FLOATS = 96 * 1024,       // ... of which it may take this much
};

static row_access choose_row_access(const ck_gemm *g, ck_gemm_part part) {
  const int64_t columns = part.column_end - part.column_begin;
  if (g->a_column_stride == 1 && columns <= DIRECT_COLUMNS) return ROWS_DIRECT;
  if (g->a_row_stride == 1 && columns <= DIRECT_TRANSPOSED_COLUMNS && g->a_column_stride % ALIASING_STRIDE != 0) {
    return ROWS_DIRECT_TRANSPOSED;
  }
  return ROWS_PACKED;
}

// Full panels of B are read where they lie by few rows, unless its rows share few cache sets.
static bool reads_b_in_place(const ck_gemm *g, int64_t rows) {
  return g->b_packed == NULL && g->b_column_stride == 1 && rows <= DIRECT_ROWS &&
         (g->b_row_stride % ALIASING_STRIDE != 0 || g->k <= DIRECT_ALIASING_STEPS);
}

// Passes over the chain; at least one, which writes the bias where k is 0.
static int64_t count_passes(const ck_gemm *g, ck_gemm_part part) {
  int64_t most = CK_GEMM_KC;
  const int64_t rows = part.row_end - part.row_begin, columns = part.column_end - part.column_begin;
  if (g->b_packed == NULL && rows <= FEW_ROWS && !reads_b_in_place(g, rows)) {
    const int64_t cached = CACHED_FLOATS / (columns < CK_GEMM_NC ? columns : CK_GEMM_NC);
    if (cached < most) most = cached < 32 ? 32 : cached;
  }
  return g->k > most ? ck_pieces(g->k, most) : 1;
}

// Panels are padded to whole groups of 4 rows, which is what the packing transposes at once.
static int64_t row_step(int64_t rows) { return (rows + 3) & ~(int64_t)3; }

// Rows of a tile at most: rows that are read where they lie share few cache sets when they are whole pages apart.
static int64_t tile_rows(const ck_gemm *g, row_access access, const ck_tile_table *table) {
  return access == ROWS_DIRECT && g->a_row_stride % PAGE_STRIDE == 0 && table->rows_max > PAGE_STRIDE_ROWS ? PAGE_STRIDE_ROWS
                                                                                                          : table->rows_max;
}

// Where unfinished chains wait between passes: in C, or in a buffer while C is still an operand.
typedef struct partial_block {
  float *data;  // element (part.row_begin, part.column_begin)
  int64_t step;
} partial_block;

// One block of columns over all rows of a part.
typedef struct pass_of_part {
  column_block columns;
  ck_gemm_part part;
  row_access access;
  float *a_packed;
  partial_block partial;
  bool first, last;
  bool rows_outside;             // all column panels of a row panel in turn, instead of all row panels of a column panel
  const ck_tile_finish *finish;  // NULL: bare chains
} pass_of_part;

// Rows [i, i + count) against the panel of columns that begins at j. The tile that follows writes at (next_row, next_column).
static void multiply_tile(const pass_of_part *pass, int64_t i, int64_t count, const float *a_packed, int64_t j,
                          int64_t next_row, int64_t next_column) {
  const column_block *columns = &pass->columns;
  const ck_gemm *g = columns->gemm;
  const ck_tile_table *table = columns->table;
  const int64_t width = ck_panel_width(table);
  const int64_t own = columns->end - j < width ? columns->end - j : width;
  const int64_t vectors = ck_pieces(own, table->lanes);
  const panel b = column_panel(columns, j);
  ck_tile tile = {.k = columns->k_count, .b = b.data, .b_step = b.step, .tail = own - (vectors - 1) * table->lanes};
  switch (pass->access) {
    case ROWS_PACKED:
      tile.a = a_packed;
      tile.a_step = row_step(count);
      break;
    case ROWS_DIRECT:
      tile.a = g->a + i * g->a_row_stride + columns->k_begin;
      tile.a_step = g->a_row_stride;
      break;
    case ROWS_DIRECT_TRANSPOSED:
      tile.a = g->a + i + columns->k_begin * g->a_column_stride;
      tile.a_step = g->a_column_stride;
      break;
  }
  const partial_block waiting = pass->partial;
  float *partial = waiting.data + (i - pass->part.row_begin) * waiting.step + (j - pass->part.column_begin);
  tile.c = pass->last ? g->c + i * g->c_row_stride + j : partial;
  tile.c_step = pass->last ? g->c_row_stride : waiting.step;
  tile.start = pass->first ? NULL : partial;
  tile.start_step = waiting.step;
  if (next_row < pass->part.row_end && next_column < columns->end) tile.next = tile.c + (next_row - i) * tile.c_step + (next_column - j);
  ck_tile_finish finish;
  if (pass->last && pass->finish != NULL) {
    finish = *pass->finish;
    if (finish.bias_column != NULL) finish.bias_column += j;
    if (finish.bias_row != NULL) finish.bias_row += i;
    tile.finish = &finish;
  }
  table->kernels[pass->access == ROWS_DIRECT ? CK_TILE_ROWS : CK_TILE_PANEL][count][vectors](&tile);
}

// One block of rows.
static void multiply_block(const pass_of_part *pass, int64_t row_begin, int64_t row_end) {
  const column_block *columns = &pass->columns;
  const ck_gemm *g = columns->gemm;
  const ck_tile_table *table = columns->table;
  const int64_t width = ck_panel_width(table);
  const int64_t rows = row_end - row_begin, row_panels = ck_pieces(rows, tile_rows(g, pass->access, table));
  const int64_t a_panel = row_step(table->rows_max) * columns->k_count;
  if (pass->access == ROWS_PACKED) {
    for (int64_t r = 0; r < row_panels; r++) {
      const int64_t i = ck_piece(rows, row_panels, r), count = ck_piece(rows, row_panels, r + 1) - i;
      table->pack_rows(count, columns->k_count,
                       g->a + (row_begin + i) * g->a_row_stride + columns->k_begin * g->a_column_stride, g->a_row_stride,
                       g->a_column_stride, pass->a_packed + r * a_panel, row_step(count));
    }
  }
  int64_t starts[CK_GEMM_ROW_PANELS + 1];
  for (int64_t r = 0; r <= row_panels; r++) starts[r] = row_begin + ck_piece(rows, row_panels, r);
  if (pass->rows_outside) {
    for (int64_t r = 0; r < row_panels; r++) {
      for (int64_t j = columns->begin; j < columns->end; j += width) {
        const bool wraps = j + width >= columns->end;
        multiply_tile(pass, starts[r], starts[r + 1] - starts[r], pass->a_packed + r * a_panel, j, starts[r + wraps],
                      wraps ? columns->begin : j + width);
      }
    }
  } else {
    for (int64_t j = columns->begin; j < columns->end; j += width) {
      for (int64_t r = 0; r < row_panels; r++) {
        const bool wraps = r + 1 == row_panels;
        multiply_tile(pass, starts[r], starts[r + 1] - starts[r], pass->a_packed + r * a_panel, j,
                      wraps ? row_begin : starts[r + 1], wraps ? j + width : j);
      }
    }
  }
}

// A part over all passes; the unfinished chains wait in `partial`.
static void run_passes(const ck_gemm *g, ck_gemm_part part, int64_t passes, partial_block partial, const ck_tile_finish *finish) {
  const ck_tile_table *table = ck_tile_table_current();
  const int64_t rows = part.row_end - part.row_begin, all_columns = part.column_end - part.column_begin;
  const int64_t k_most = ck_pieces(g->k, passes);
  pass_of_part pass = {.part = part, .access = choose_row_access(g, part), .partial = partial, .finish = finish};
  const int64_t block_columns = all_columns < CK_GEMM_NC ? all_columns + 2 * table->lanes : CK_GEMM_NC;
  float *b_packed = g->b_packed != NULL ? NULL : ck_scratch(CK_SCRATCH_GEMM_B, block_columns * k_most);
  // A large C is walked along its rows where B can stay in the cache meanwhile.
  pass.rows_outside = all_columns * k_most <= CACHED_FLOATS && rows * all_columns > 2 * CACHED_FLOATS;
  const int64_t panel_rows = tile_rows(g, pass.access, table), row_blocks = ck_pieces(rows, CK_GEMM_ROW_PANELS * panel_rows);
  if (pass.access == ROWS_PACKED) {
    const int64_t row_panels = ck_pieces(rows < CK_GEMM_ROW_PANELS * panel_rows ? rows : CK_GEMM_ROW_PANELS * panel_rows, panel_rows);
    pass.a_packed = ck_scratch(CK_SCRATCH_GEMM_A, row_panels * row_step(table->rows_max) * k_most);
  }
  for (int64_t j = part.column_begin; j < part.column_end; j += CK_GEMM_NC) {
    for (int64_t index = 0; index < passes; index++) {
      const int64_t k_begin = ck_piece(g->k, passes, index);
      pass.columns = (column_block){
          .gemm = g,
          .table = table,
          .begin = j,
          .end = part.column_end < j + CK_GEMM_NC ? part.column_end : j + CK_GEMM_NC,
          .k_begin = k_begin,
          .k_count = ck_piece(g->k, passes, index + 1) - k_begin,
          .direct = reads_b_in_place(g, rows),
          .packed = b_packed,
      };
      pass.first = index == 0;
      pass.last = index == passes - 1;
      pack_column_block(&pass.columns);
      for (int64_t r = 0; r < row_blocks; r++) {
        multiply_block(&pass, part.row_begin + ck_piece(rows, row_blocks, r), part.row_begin + ck_piece(rows, row_blocks, r + 1));
      }
    }
  }
}

void ck_gemm_chains(const ck_gemm *g, ck_gemm_part part) {
  ck_tile_finish finish;
  const ck_tile_finish *own = ck_gemm_finish(g, &finish) ? &finish : NULL;
  const int64_t passes = count_passes(g, part);
  if (passes == 1 || !finish.blend || finish.beta == 0) {
    float *c = g->c + part.row_begin * g->c_row_stride + part.column_begin;
    run_passes(g, part, passes, (partial_block){c, g->c_row_stride}, own);
    return;
  }
  float *buffer = ck_scratch(CK_SCRATCH_GEMM_C, CK_GEMM_PARTIAL_ROWS * CK_GEMM_PARTIAL_COLUMNS);
  for (int64_t j = part.column_begin; j < part.column_end; j += CK_GEMM_PARTIAL_COLUMNS) {
    for (int64_t i = part.row_begin; i < part.row_end; i += CK_GEMM_PARTIAL_ROWS) {
      const ck_gemm_part block = {
          i, part.row_end < i + CK_GEMM_PARTIAL_ROWS ? part.row_end : i + CK_GEMM_PARTIAL_ROWS,
          j, part.column_end < j + CK_GEMM_PARTIAL_COLUMNS ? part.column_end : j + CK_GEMM_PARTIAL_COLUMNS};
      run_passes(g, block, passes, (partial_block){buffer, CK_GEMM_PARTIAL_COLUMNS}, own);
    }
  }
}

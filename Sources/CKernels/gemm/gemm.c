// Matrix multiplication: the public functions, the split over threads, and the epilogue.
#include "gemm.h"

int64_t ck_f32_gemm_packed_b_count(int64_t k, int64_t n) {
  const int64_t lanes = ck_tile_table_current()->lanes;
  return k * ck_pieces(n, lanes) * lanes;
}

void ck_f32_gemm_pack_b(int64_t k, int64_t n, const float *b, int64_t row_stride, int64_t column_stride, float *packed) {
  ck_tile_table_current()->pack_panels(k, n, b, row_stride, column_stride, packed);
}

void ck_f32_gemm_unpack_b(int64_t k, int64_t n, const float *packed, float *b, int64_t row_stride, int64_t column_stride) {
  const ck_tile_table *table = ck_tile_table_current();
  const int64_t width = ck_panel_width(table);
  for (int64_t j = 0; j < n; j += width) {
    const int64_t own = ck_packed_width(table, n - j), columns = n - j < width ? n - j : width;
    const float *from = packed + j * k;
    for (int64_t p = 0; p < k; p++) {
      for (int64_t i = 0; i < columns; i++) b[p * row_stride + (j + i) * column_stride] = from[p * own + i];
    }
  }
}

bool ck_gemm_finish(const ck_gemm *g, ck_tile_finish *finish) {
  *finish = (ck_tile_finish){.blend = g->alpha != 1 || g->beta != 0,
                             .alpha = g->alpha,
                             .beta = g->beta,
                             .bias_row = g->bias_kind == CK_BIAS_ROW ? g->bias : NULL,
                             .bias_column = g->bias_kind == CK_BIAS_COLUMN ? g->bias : NULL};
  ck_tile_finish_activation(finish, g->activation);
  return finish->blend || g->bias_kind != CK_BIAS_NONE || g->activation.kind != CK_ACT_NONE;
}

static void run_part(const ck_gemm *g, ck_gemm_part part) {
  if (ck_gemm_is_small_batch(g)) {
    ck_gemm_small_batch(g, part);
  } else if (ck_gemm_suits_transposition(g)) {
    ck_gemm_transposed(g, part);
  } else {
    ck_gemm_chains(g, part);
  }
  ck_tile_finish finish;
  if (!ck_tile_finish_activation(&finish, g->activation)) {
    for (int64_t i = part.row_begin; i < part.row_end; i++) {
      ck_activation_apply(g->activation, part.column_end - part.column_begin,
                          g->c + i * g->c_row_stride + part.column_begin);
    }
  }
}

// How the output is cut for the pool: `batch` products of row_pieces x column_pieces parts.
typedef struct work {
  const ck_gemm *gemm;
  int64_t a_stride, b_stride, c_stride;
  int64_t batch, row_pieces, column_pieces;
} work;

enum {
  WORTH_A_THREAD = 200000,       // multiply-adds that pay for handing work to another thread
  PLENTY_FOR_A_THREAD = 8000000  // above this, parts are made smaller so that a disturbed core can be helped out
};

static void run_work(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const work *w = context;
  const int64_t width = ck_panel_width(ck_tile_table_current());
  const int64_t parts = w->row_pieces * w->column_pieces;
  const int64_t panels = ck_pieces(w->gemm->n, width);
  for (int64_t index = begin; index < end; index++) {
    const int64_t product = index / parts, row = index % parts / w->column_pieces, column = index % w->column_pieces;
    ck_gemm g = *w->gemm;
    g.a += product * w->a_stride;
    if (g.b != NULL) g.b += product * w->b_stride;
    g.c += product * w->c_stride;
    const int64_t column_end = ck_piece(panels, w->column_pieces, column + 1) * width;
    const ck_gemm_part part = {ck_piece(g.m, w->row_pieces, row), ck_piece(g.m, w->row_pieces, row + 1),
                               ck_piece(panels, w->column_pieces, column) * width,
                               column_end < g.n ? column_end : g.n};
    run_part(&g, part);
  }
}

void ck_f32_gemm_batched(const ck_gemm *gemm, int64_t batch, int64_t a_stride, int64_t b_stride, int64_t c_stride,
                         ck_pool *pool) {
  if (gemm->m <= 0 || gemm->n <= 0 || batch <= 0) return;
  work w = {gemm, a_stride, b_stride, c_stride, batch, 1, 1};
  const int64_t threads = ck_pool_threads(pool);
  const int64_t operations = gemm->m * gemm->n * (gemm->k + 1);
  if (threads > 1 && batch < 2 * threads && operations * batch >= 2 * WORTH_A_THREAD) {
    const ck_tile_table *table = ck_tile_table_current();
    const int64_t panels = ck_pieces(gemm->n, ck_panel_width(table));
    int64_t wanted = ck_pieces(operations >= threads * 2 * PLENTY_FOR_A_THREAD ? 2 * threads : threads, batch);
    if (wanted * WORTH_A_THREAD > operations) wanted = operations / WORTH_A_THREAD;
    const int64_t row_panels = ck_pieces(gemm->m, table->rows_max);
    // Cut the longer side: what every part packs for itself is then the shorter operand.
    if (gemm->n >= gemm->m || row_panels < wanted) {
      w.column_pieces = wanted < panels ? wanted : panels;
      w.row_pieces = wanted / w.column_pieces < row_panels ? wanted / w.column_pieces : row_panels;
    } else {
      w.row_pieces = wanted;
    }
    if (w.row_pieces < 1) w.row_pieces = 1;
    if (w.column_pieces < 1) w.column_pieces = 1;
  }
  const int64_t parts = batch * w.row_pieces * w.column_pieces;
  int64_t grain = WORTH_A_THREAD * w.row_pieces * w.column_pieces / operations;
  if (operations * batch < 2 * WORTH_A_THREAD) grain = parts;
  ck_pool_for(pool, parts, grain, &w, run_work);
}

void ck_f32_gemm(const ck_gemm *gemm, ck_pool *pool) { ck_f32_gemm_batched(gemm, 1, 0, 0, 0, pool); }

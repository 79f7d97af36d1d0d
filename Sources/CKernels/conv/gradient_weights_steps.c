// The gradient with respect to the weights with the pixels as steps of the chain: the input channels-last (a stride's residues counting as
// channels), dy channels-last, and for every cell of the window one product [channels x outputs] over all pixels of a few images. Nothing
// is multiplied with padding at the ends of rows, and no lanes have to be summed.
// Chains run over (image, row, column), ascending.
#include "gradient_weights.h"
#include "../scratch.h"

#include <string.h>

enum {
  CHUNK_FLOATS = 64 * 1024,  // of the turned input: together with dy it stays in the second-level cache
  WORTH_A_THREAD = 200000,   // multiply-adds that pay for handing work to another thread
};

// Where rows are so short that the other method multiplies more than a tenth too much, and where a stride leaves it few neighbours.
bool ck_steps_suit(const ck_conv *conv, const ck_correlation *op, const ck_tile_table *table) {
  const int64_t pitch = ck_band_layout(op, 1).pitch;
  return table->lanes > 1 && conv->groups == 1 && conv->dilation_h == 1 && conv->dilation_w == 1 &&
         conv->kh % conv->stride_h == 0 && conv->kw % conv->stride_w == 0 && conv->oc % table->lanes == 0 &&
         conv->c * conv->stride_h * conv->stride_w >= 2 * table->rows_max &&
         (conv->stride_w > 1 || op->columns * 10 < pitch * 9) &&
         conv->h * conv->w * conv->c <= CHUNK_FLOATS;
}

typedef struct work {
  const ck_correlation *op;
  const ck_tile_table *table;
  const float *x, *dy;
  ck_band band;
  int64_t depth;    // channels and residues: floats of one place of the turned input
  int64_t image_begin, images;
  float *x_turned;   // [image][place of the band][depth]
  float *dy_turned;  // [image][pixel][output]
  float *sums;       // [cell][depth][output]
  const int64_t *offsets;  // of each step in x_turned
  int64_t cell_columns;    // cells in a row of the window
  int64_t row_pieces, panels;
} work;

static void turn(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const work *w = context;
  const ck_correlation *op = w->op;
  const int64_t pixels = op->rows * op->columns, plane = w->band.plane;
  float *filled = ck_scratch(CK_SCRATCH_CONV_BLOCK, op->channels * w->band.channel);
  for (int64_t image = begin; image < end; image++) {
    const int64_t n = w->image_begin + image;
    ck_band_fill(op, &w->band, w->x + n * op->channels * op->h * op->w, 0, op->channels, 0, filled, w->band.channel);
    w->table->transpose(w->depth, plane, filled, plane, w->x_turned + image * plane * w->depth, w->depth);
    w->table->transpose(op->outputs, pixels, w->dy + n * op->y_image, op->y_channel,
                        w->dy_turned + image * pixels * op->outputs, op->outputs);
  }
}

static void multiply(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const work *w = context;
  const ck_correlation *op = w->op;
  const int64_t lanes = w->table->lanes;
  for (int64_t index = begin; index < end; index++) {
    const int64_t panel = index % w->panels, piece = index / w->panels % w->row_pieces, cell = index / w->panels / w->row_pieces;
    const int64_t first = ck_piece(w->depth, w->row_pieces, piece), rows = ck_piece(w->depth, w->row_pieces, piece + 1) - first;
    const int64_t column = panel * CK_PANEL_VECTORS * lanes, left = (op->outputs - column) / lanes;
    float *c = w->sums + (cell * w->depth + first) * op->outputs + column;
    const ck_tile tile = {
        .k = w->images * op->rows * op->columns,
        .a = w->x_turned + (cell / w->cell_columns * w->band.pitch + cell % w->cell_columns) * w->depth + first,
        .b = w->dy_turned + column,
        .b_step = op->outputs,
        .offsets = w->offsets,
        .c = c,
        .c_step = op->outputs,
        .tail = lanes,
        .start = w->image_begin > 0 ? c : NULL,
        .start_step = op->outputs,
    };
    w->table->kernels[CK_TILE_CHANNELS][rows][left < CK_PANEL_VECTORS ? left : CK_PANEL_VECTORS](&tile);
  }
}

// [cell][channel][residue][output] to [output][channel][window].
static void write_weights(const work *w, int64_t cells, float *dw) {
  const ck_correlation *op = w->op;
  const int64_t count = cells * w->depth;
  float *turned = w->x_turned;  // no longer needed, and larger where it matters
  w->table->transpose(count, op->outputs, w->sums, op->outputs, turned, count);
  for (int64_t o = 0; o < op->outputs; o++) {
    const float *from = turned + o * count;
    for (int64_t c = 0; c < op->channels; c++) {
      for (int64_t t = 0; t < op->taps; t++) {
        const int64_t i = op->tap_rows[t], j = op->tap_columns[t];
        const int64_t cell = i / op->stride_h * w->cell_columns + j / op->stride_w;
        const int64_t residue = i % op->stride_h * op->stride_w + j % op->stride_w;
        *dw++ = from[cell * w->depth + c * op->stride_h * op->stride_w + residue];
      }
    }
  }
}

void ck_steps_gradient_weights(const ck_conv *conv, const ck_correlation *op, const float *x, const float *dy, float *dw, ck_pool *pool) {
  work w = {.op = op, .table = ck_tile_table_current(), .x = x, .dy = dy};
  w.band = ck_band_layout(op, op->rows);
  w.depth = op->channels * op->stride_h * op->stride_w;
  w.cell_columns = conv->kw / conv->stride_w;
  const int64_t cells = conv->kh / conv->stride_h * w.cell_columns, pixels = op->rows * op->columns;
  const int64_t image_floats = w.band.plane * w.depth, count = cells * w.depth * op->outputs;
  int64_t chunk = CHUNK_FLOATS / image_floats;
  chunk = chunk < 1 ? 1 : chunk > op->images ? op->images : chunk;
  w.row_pieces = ck_pieces(w.depth, w.table->rows_max);
  w.panels = ck_pieces(op->outputs, CK_PANEL_VECTORS * w.table->lanes);
  w.x_turned = ck_scratch(CK_SCRATCH_CONV_IMAGE, chunk * image_floats > count ? chunk * image_floats : count);
  w.dy_turned = ck_scratch(CK_SCRATCH_CONV_OUTPUT, chunk * pixels * op->outputs);
  w.sums = ck_scratch(CK_SCRATCH_CONV_GRADIENT, count);
  int64_t *offsets = (int64_t *)ck_scratch(CK_SCRATCH_CONV_OFFSETS, 2 * chunk * pixels);
  for (int64_t image = 0; image < chunk; image++) {
    for (int64_t r = 0; r < op->rows; r++) {
      for (int64_t q = 0; q < op->columns; q++) {
        offsets[(image * op->rows + r) * op->columns + q] = image * image_floats + (r * w.band.pitch + q) * w.depth;
      }
    }
  }
  w.offsets = offsets;
  for (int64_t n = 0; n < op->images; n += chunk) {
    w.image_begin = n;
    w.images = op->images - n < chunk ? op->images - n : chunk;
    ck_pool_for(pool, w.images, 1 + 32768 / image_floats, &w, turn);
    const int64_t operations = w.table->rows_max * CK_PANEL_VECTORS * w.table->lanes * w.images * pixels;
    ck_pool_for(pool, cells * w.row_pieces * w.panels, 1 + WORTH_A_THREAD / operations, &w, multiply);
  }
  write_weights(&w, cells, dw);
}

// The gradient with respect to the weights: dw[output][step] = the sum over images and pixels of dy times the input under that
// step's tap. Both are laid out with the same row pitch, dy padded with zeros, so each element is a dot product of two contiguous runs,
// and a register tile takes a few outputs times a few steps of them at once. The lanes are summed once per chunk of images; chunks depend
// on the shape only, so the result is the same for any number of threads.
#include "gradient_weights.h"
#include "../scratch.h"
#include "images.h"

#include <string.h>

enum {
  CK_DOT_ROWS_MAX = 5,
  CK_DOT_COLUMNS_MAX = 6,
  CHUNK_POSITIONS = 4096,     // pixels per chunk: long enough that summing the lanes does not show, short enough for the caches
  WORTH_A_THREAD = 200000,    // multiply-adds that pay for handing work to another thread
};

// `images` runs of `length` floats (a multiple of VL): a[i * a_step + image * a_image], b[offsets[j] + image * b_image].
typedef struct dot_tile {
  int64_t images, length;
  const float *a;
  int64_t a_step, a_image;
  const float *b;
  const int64_t *offsets;
  int64_t b_image;
  float *to;  // to[i * to_step + j]
  int64_t to_step;
  bool add;   // add to `to` instead of setting it
} dot_tile;

typedef void (*dot_kernel)(const dot_tile *tile);

typedef struct dot_table {
  int64_t lanes, rows_max, columns_max;
  dot_kernel kernels[CK_DOT_ROWS_MAX + 1][CK_DOT_COLUMNS_MAX + 1];
} dot_table;

#define CK_TEMPLATE "../conv/gradient_weights.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(dot_table);

typedef struct work {
  const ck_correlation *op;
  const dot_table *table;
  const float *x, *dy;
  float *dw;
  ck_band band;
  int64_t image_begin, images, row, rows;  // this chunk
  int64_t length;                          // floats of one image's run, a multiple of VL
  float *x_runs, *dy_runs;                 // [channel][image][...]
  int64_t x_channel, dy_channel;
  const int64_t *offsets;
  int64_t row_pieces, column_pieces;
} work;

static void fill_inputs(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const work *w = context;
  const ck_correlation *op = w->op;
  for (int64_t c = begin; c < end; c++) {
    for (int64_t n = 0; n < w->images; n++) {
      const float *x = w->x + (w->image_begin + n) * op->groups * op->channels * op->h * op->w;
      ck_band_fill(op, &w->band, x, c, c + 1, w->row, w->x_runs + c * w->x_channel + n * w->band.channel, 0);
    }
  }
}

static void fill_gradients(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const work *w = context;
  const ck_correlation *op = w->op;
  const ck_tile_table *tiles = ck_tile_table_current();
  for (int64_t c = begin; c < end; c++) {
    for (int64_t n = 0; n < w->images; n++) {
      const float *from = w->dy + (w->image_begin + n) * op->y_image + c * op->y_channel + w->row * op->y_row;
      float *to = w->dy_runs + c * w->dy_channel + n * w->length, *const end_of_run = to + w->length;
      tiles->copy_padded(w->rows, from, op->y_row, 0, op->columns, to, w->band.pitch);
      to += w->rows * w->band.pitch;
      while (to < end_of_run) *to++ = 0;
    }
  }
}

static void multiply(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const work *w = context;
  const ck_correlation *op = w->op;
  const int64_t k = op->channels * op->taps;
  const int64_t pieces = w->row_pieces * w->column_pieces;
  for (int64_t index = begin; index < end; index++) {
    const int64_t group = index / pieces, row_piece = index % pieces / w->column_pieces, column_piece = index % w->column_pieces;
    const int64_t i = ck_piece(op->outputs, w->row_pieces, row_piece);
    const int64_t j = ck_piece(k, w->column_pieces, column_piece);
    const int64_t rows = ck_piece(op->outputs, w->row_pieces, row_piece + 1) - i;
    const int64_t columns = ck_piece(k, w->column_pieces, column_piece + 1) - j;
    const dot_tile tile = {
        .images = w->images,
        .length = w->length,
        .a = w->dy_runs + (group * op->outputs + i) * w->dy_channel,
        .a_step = w->dy_channel,
        .a_image = w->length,
        .b = w->x_runs + group * op->channels * w->x_channel,
        .offsets = w->offsets + j,
        .b_image = w->band.channel,
        .to = w->dw + (group * op->outputs + i) * k + j,
        .to_step = k,
        .add = w->image_begin > 0 || w->row > 0,
    };
    w->table->kernels[rows][columns](&tile);
  }
}

typedef struct turning {
  const ck_tile_table *table;
  int64_t images, floats;
  const float *from;
  float *to;
} turning;

static void turn_floats(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const turning *t = context;
  t->table->transpose(t->images, end - begin, t->from + begin, t->floats, t->to + begin * t->images, t->images);
}

// to[i * images + n] = from[n * floats + i].
static void turn_batch(const ck_tile_table *table, int64_t images, int64_t floats, const float *from, float *to, ck_pool *pool) {
  turning t = {table, images, floats, from, to};
  ck_pool_for(pool, floats, 1 + 32768 / images, &t, turn_floats);
}

static void run_chunk(work *w, int64_t image_begin, int64_t images, int64_t row, int64_t rows, ck_pool *pool) {
  const ck_correlation *op = w->op;
  w->image_begin = image_begin;
  w->images = images;
  w->row = row;
  w->rows = rows;
  const int64_t lanes = w->table->lanes;
  w->length = ck_pieces(rows * w->band.pitch, lanes) * lanes;
  const int64_t grain = 1 + 16384 / (images * w->length);
  ck_pool_for(pool, op->groups * op->channels, grain, w, fill_inputs);
  ck_pool_for(pool, op->groups * op->outputs, grain, w, fill_gradients);
  // A run is rounded up to whole vectors, so the last one reads a little past the last channel: times zero, but it must be finite.
  memset(w->x_runs + op->groups * op->channels * w->x_channel, 0, (size_t)lanes * sizeof(float));
  const int64_t tile_operations = w->table->rows_max * w->table->columns_max * images * w->length;
  ck_pool_for(pool, op->groups * w->row_pieces * w->column_pieces, 1 + WORTH_A_THREAD / tile_operations, w, multiply);
}

// One image per lane, without padding: the runs are the rows of dy, [channel][row][column][image].
static void run_images(work *w, const ck_conv *conv, ck_pool *pool) {
  const ck_correlation *op = w->op;
  const ck_tile_table *tiles = ck_tile_table_current();
  const int64_t chunk = ck_images_chunk(conv), k = op->channels * op->taps;
  const int64_t inputs = conv->c * conv->h * conv->w, outputs = conv->oc * conv->oh * conv->ow;
  w->x_runs = ck_scratch(CK_SCRATCH_CONV_IMAGE, chunk * inputs);
  w->dy_runs = ck_scratch(CK_SCRATCH_CONV_OUTPUT, chunk * outputs);
  int64_t *offsets = (int64_t *)ck_scratch(CK_SCRATCH_CONV_OFFSETS, 2 * k);
  w->offsets = offsets;
  for (int64_t n = 0; n < conv->n; n += chunk) {
    const int64_t images = conv->n - n < chunk ? conv->n - n : chunk;
    turn_batch(tiles, images, inputs, w->x + n * inputs, w->x_runs, pool);
    turn_batch(tiles, images, outputs, w->dy + n * outputs, w->dy_runs, pool);
    w->image_begin = n;
    w->images = op->rows;
    w->length = op->columns * images;
    w->band.channel = op->w * images;
    w->x_channel = op->h * op->w * images;
    w->dy_channel = op->rows * op->columns * images;
    for (int64_t p = 0; p < k; p++) {
      offsets[p] = p / op->taps * w->x_channel +
                   (op->tap_rows[p % op->taps] * op->w + op->tap_columns[p % op->taps]) * images;
    }
    const int64_t tile_operations = w->table->rows_max * w->table->columns_max * w->images * w->length;
    ck_pool_for(pool, w->row_pieces * w->column_pieces, 1 + WORTH_A_THREAD / tile_operations, w, multiply);
  }
}

void ck_f32_conv_gradient_weights(const ck_conv *conv, const float *x, const float *dy, float *dw, ck_pool *pool) {
  const int64_t window = conv->kh * conv->kw;
  int64_t *taps = (int64_t *)ck_scratch(CK_SCRATCH_CONV_TAPS, 4 * window);
  const ck_correlation op = ck_conv_correlation(conv, taps, taps + window);
  const int64_t k = op.channels * op.taps;
  if (op.images <= 0 || op.rows <= 0 || op.columns <= 0) {
    memset(dw, 0, (size_t)(conv->oc * k) * sizeof(float));
    return;
  }
  work w = {.op = &op, .table = tables[ck_isa_current()], .x = x, .dy = dy, .dw = dw};
  const int64_t lanes = w.table->lanes;
  w.row_pieces = ck_pieces(op.outputs, w.table->rows_max);
  w.column_pieces = ck_pieces(k, w.table->columns_max);
  if (conv->pad_top == 0 && conv->pad_left == 0 && conv->oh + conv->kh - 1 <= conv->h && conv->ow + conv->kw - 1 <= conv->w &&
      ck_images_suit(conv)) {
    run_images(&w, conv, pool);
    return;
  }
  if (ck_steps_suit(conv, &op, ck_tile_table_current())) {
    ck_steps_gradient_weights(conv, &op, x, dy, dw, pool);
    return;
  }
  const int64_t pitch = ck_band_layout(&op, 1).pitch;
  // Several small images per chunk, or several chunks per large image.
  int64_t images = CHUNK_POSITIONS / (op.rows * pitch);
  images = images < 1 ? 1 : images > op.images ? op.images : images;
  images = ck_pieces(op.images, ck_pieces(op.images, images));
  int64_t rows = op.rows;
  if (op.rows * pitch > CHUNK_POSITIONS) rows = ck_pieces(op.rows, ck_pieces(op.rows * pitch, CHUNK_POSITIONS));
  w.band = ck_band_layout(&op, rows);
  w.x_channel = images * w.band.channel;
  w.dy_channel = images * ck_pieces(rows * pitch, lanes) * lanes;
  // Slack behind the last run: the vectors of a shorter last band still read whole vectors.
  w.x_runs = ck_scratch(CK_SCRATCH_CONV_IMAGE, op.groups * op.channels * w.x_channel + 2 * lanes);
  w.dy_runs = ck_scratch(CK_SCRATCH_CONV_OUTPUT, op.groups * op.outputs * w.dy_channel);
  int64_t *offsets = (int64_t *)ck_scratch(CK_SCRATCH_CONV_OFFSETS, 2 * k);
  ck_band_offsets(&op, &w.band, w.x_channel, offsets);
  w.offsets = offsets;
  for (int64_t n = 0; n < op.images; n += images) {
    for (int64_t r = 0; r < op.rows; r += rows) {
      run_chunk(&w, n, op.images - n < images ? op.images - n : images, r, op.rows - r < rows ? op.rows - r : rows, pool);
    }
  }
}

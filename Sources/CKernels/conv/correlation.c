// Correlation with the pixels in the lanes: every tile multiplies a panel of output channels (broadcast weights) with a few vectors of
// neighbouring outputs, read where they lie in the padded band.
#include "correlation.h"
#include "../scratch.h"

#include <string.h>

enum {
  BAND_FLOATS = 96 * 1024,    // a band shares the second-level cache with the weights
  WORTH_A_THREAD = 200000,    // multiply-adds that pay for handing work to another thread
};

static int64_t row_step(int64_t rows) { return (rows + 3) & ~(int64_t)3; }

// Output channels in panels, and how many vectors a tile of such a panel has.
typedef struct panels {
  int64_t count, rows_most, floats;  // floats per panel
  int64_t vectors;
} panels;

static panels choose_panels(const ck_correlation *op, const ck_tile_table *table) {
  panels p;
  p.count = ck_pieces(op->outputs, table->rows_max);
  p.rows_most = ck_pieces(op->outputs, p.count);
  p.floats = row_step(p.rows_most) * op->channels * op->taps;
  p.vectors = CK_TILE_VECTORS_MAX;
  while (table->kernels[CK_TILE_SLOTS][p.rows_most][p.vectors] == NULL) p.vectors--;
  return p;
}

int64_t ck_correlation_packed_count(const ck_correlation *op) {
  if (ck_channels_suit(op, ck_tile_table_current())) return ck_channels_packed_count(op);
  const panels p = choose_panels(op, ck_tile_table_current());
  return op->groups * p.count * p.floats;
}

void ck_correlation_pack(const ck_correlation *op, const float *weights, float *packed) {
  const ck_tile_table *table = ck_tile_table_current();
  if (ck_channels_suit(op, table)) {
    ck_channels_pack(op, table, weights, packed);
    return;
  }
  const panels p = choose_panels(op, table);
  const int64_t k = op->channels * op->taps;
  for (int64_t group = 0; group < op->groups; group++) {
    for (int64_t panel = 0; panel < p.count; panel++) {
      const int64_t first = ck_piece(op->outputs, p.count, panel);
      const int64_t rows = ck_piece(op->outputs, p.count, panel + 1) - first;
      table->pack_rows(rows, k, weights + (group * op->outputs + first) * k, k, 1, packed, row_step(p.rows_most));
      packed += p.floats;
    }
  }
}

typedef struct work {
  const ck_correlation *op;
  const ck_tile_table *table;
  panels panels;
  const float *x, *packed, *bias;
  float *y;
  ck_tile_finish finish;
  bool plain, activation_after;
  bool channels_in_lanes;
  int64_t packed_group;  // floats of one group's packed weights
  ck_activation activation;
  int64_t bands, band_rows;
  ck_band band;
  bool in_place;  // no padding and no stride: the input is its own band
  const int64_t *offsets;
} work;

// The vectors of `rows` output rows. Where a row is at least one vector long, its last vector ends with the row and overlaps the one
// before (both write the same values); a shorter row is one partial vector.
static int64_t make_slots(const work *w, const ck_band *band, int64_t rows, ck_slot *slots) {
  const ck_correlation *op = w->op;
  const int64_t lanes = w->table->lanes, columns = op->columns;
  int64_t count = 0;
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t q = 0; q < columns; q += lanes) {
      const int64_t start = q + lanes > columns && columns >= lanes ? columns - lanes : q;
      slots[count++] = (ck_slot){r * band->pitch + start, r * op->y_row + start * op->y_column,
                                 columns < lanes ? columns : lanes};
    }
  }
  return count;
}

// Runs a tile whose output columns are not neighbours: into a buffer, then lane by lane.
static void run_scattered(ck_tile tile, ck_tile_kernel kernel, int64_t rows, int64_t vectors, int64_t lanes, int64_t y_column) {
  float buffer[CK_TILE_ROWS_MAX * CK_TILE_VECTORS_MAX * 16];
  ck_slot local[CK_TILE_VECTORS_MAX];
  const ck_slot *slots = tile.slots;
  float *c = tile.c;
  const int64_t c_step = tile.c_step;
  for (int64_t v = 0; v < vectors; v++) local[v] = (ck_slot){slots[v].source, v * lanes, lanes};
  tile.slots = local;
  tile.c = buffer;
  tile.c_step = vectors * lanes;
  kernel(&tile);
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t v = 0; v < vectors; v++) {
      const float *from = buffer + (i * vectors + v) * lanes;
      float *to = c + i * c_step + slots[v].target;
      for (int64_t lane = 0; lane < slots[v].lanes; lane++) to[lane * y_column] = from[lane];
    }
  }
}

static void run_band(const work *w, const float *packed, const float *bias, const float *band, const ck_slot *slots,
                     int64_t slot_count, float *y) {
  const ck_correlation *op = w->op;
  const panels *p = &w->panels;
  const int64_t lanes = w->table->lanes;
  ck_tile_finish finish = w->finish;
  ck_tile tile = {.k = op->channels * op->taps,
                  .a_step = row_step(p->rows_most),
                  .b = band,
                  .offsets = w->offsets,
                  .c_step = op->y_channel,
                  .tail = lanes,
                  .finish = w->plain ? NULL : &finish};
  const int64_t chunks = ck_pieces(slot_count, p->vectors);
  for (int64_t chunk = 0; chunk < chunks; chunk++) {
    const int64_t first = ck_piece(slot_count, chunks, chunk);
    const int64_t vectors = ck_piece(slot_count, chunks, chunk + 1) - first;
    tile.slots = slots + first;
    for (int64_t panel = 0; panel < p->count; panel++) {
      const int64_t row = ck_piece(op->outputs, p->count, panel);
      const int64_t rows = ck_piece(op->outputs, p->count, panel + 1) - row;
      tile.a = packed + panel * p->floats;
      tile.c = y + row * op->y_channel;
      finish.bias_row = bias == NULL ? NULL : bias + row;
      const ck_tile_kernel kernel = w->table->kernels[CK_TILE_SLOTS][rows][vectors];
      if (op->y_column == 1) {
        kernel(&tile);
      } else {
        run_scattered(tile, kernel, rows, vectors, lanes, op->y_column);
      }
    }
  }
}

static void run_bands(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const work *w = context;
  const ck_correlation *op = w->op;
  const ck_band band = w->band;
  const int64_t lanes = w->table->lanes;
  ck_slot *slots = (ck_slot *)ck_scratch(CK_SCRATCH_CONV_SLOTS,
                                         6 * w->band_rows * ck_pieces(op->columns, lanes));
  float *copy = ck_scratch(CK_SCRATCH_CONV_IMAGE, op->channels * band.channel);
  int64_t slot_rows = 0, slot_count = 0;
  for (int64_t index = begin; index < end; index++) {
    const int64_t part = index % w->bands, group = index / w->bands % op->groups, n = index / w->bands / op->groups;
    const int64_t row = part * w->band_rows;
    const int64_t rows = op->rows - row < w->band_rows ? op->rows - row : w->band_rows;
    if (rows != slot_rows && !w->channels_in_lanes) {
      slot_count = make_slots(w, &band, rows, slots);
      slot_rows = rows;
    }
    const float *x = w->x + (n * op->groups + group) * op->channels * op->h * op->w;
    const float *image = copy;
    if (w->in_place && (w->channels_in_lanes || index / w->bands + 1 < op->images * op->groups)) {
      image = x + row * op->w;
    } else {
      // Vectors of pixels are read whole: behind the very last image there may be nothing to read.
      ck_band_fill(op, &band, x, 0, op->channels, row, copy, band.channel);
    }
    float *y = w->y + n * op->y_image + group * op->outputs * op->y_channel + row * op->y_row;
    const float *packed = w->packed + group * w->packed_group;
    const float *bias = w->bias == NULL ? NULL : w->bias + group * op->outputs;
    if (w->channels_in_lanes) {
      const ck_channels_band lanes_band = {op, w->table, w->offsets, image, band.pitch, rows};
      ck_channels_run_band(&lanes_band, packed, bias, w->plain ? NULL : &w->finish, y);
    } else {
      run_band(w, packed, bias, image, slots, slot_count, y);
    }
    if (w->activation_after) {
      for (int64_t i = 0; i < op->outputs; i++) ck_activation_apply(w->activation, rows * op->columns, y + i * op->y_channel);
    }
  }
}

void ck_correlation_run(const ck_correlation *op, const float *x, const float *packed, const float *bias,
                        ck_activation activation, float *y, ck_pool *pool) {
  if (op->images <= 0 || op->outputs <= 0 || op->rows <= 0 || op->columns <= 0) return;
  work w = {.op = op,
            .table = ck_tile_table_current(),
            .x = x,
            .packed = packed,
            .bias = bias,
            .y = y,
            .plain = bias == NULL && activation.kind == CK_ACT_NONE,
            .activation = activation};
  w.panels = choose_panels(op, w.table);
  w.channels_in_lanes = ck_channels_suit(op, w.table);
  w.packed_group = ck_correlation_packed_count(op) / op->groups;
  w.activation_after = !ck_tile_finish_activation(&w.finish, activation);

  // The tallest bands whose padded input fits, and enough of them for the threads.
  const ck_band one = ck_band_layout(op, 1), two = ck_band_layout(op, 2);
  const int64_t fixed = op->channels * (2 * one.channel - two.channel), per_row = op->channels * (two.channel - one.channel);
  int64_t rows_most = per_row <= 0 ? op->rows : (BAND_FLOATS - fixed) / per_row;
  if (rows_most < 1) rows_most = 1;
  w.bands = ck_pieces(op->rows, rows_most);
  const int64_t threads = ck_pool_threads(pool), products = op->images * op->groups;
  const int64_t operations = op->outputs * op->rows * op->columns * (op->channels * op->taps + 1);
  if (threads > 1 && products * w.bands < 2 * threads && products * operations >= 2 * WORTH_A_THREAD) {
    w.bands = ck_pieces(2 * threads, products);
    if (w.bands > op->rows) w.bands = op->rows;
  }
  w.band_rows = ck_pieces(op->rows, w.bands);
  w.bands = ck_pieces(op->rows, w.band_rows);

  w.band = ck_band_layout(op, w.band_rows);
  w.in_place = op->stride_h == 1 && op->stride_w == 1 && op->pad_top == 0 && op->pad_left == 0 && w.band.pitch == op->w &&
               op->rows + op->tap_rows_end - 1 <= op->h;
  if (w.in_place) w.band.plane = w.band.channel = op->h * op->w;
  int64_t *offsets = (int64_t *)ck_scratch(CK_SCRATCH_CONV_OFFSETS, 2 * op->channels * op->taps);
  ck_band_offsets(op, &w.band, w.band.channel, offsets);
  w.offsets = offsets;
  const int64_t parts = products * w.bands;
  const int64_t grain = products * operations < 2 * WORTH_A_THREAD ? parts : WORTH_A_THREAD * w.bands / operations;
  ck_pool_for(pool, parts, grain, &w, run_bands);
}

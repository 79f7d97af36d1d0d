// Correlation with the output channels in the lanes: every tile multiplies a few neighbouring pixels of a row (broadcast) with a panel of
// packed weights. For narrow images, whose rows would fill only part of a vector. The finished channels-last block is transposed into y.
#include "../scratch.h"
#include "correlation.h"

enum { STEPS_PER_PASS = 512 };  // of the chain: a pass's weights stay in the second-level cache while all pixels go over them

// True where fewer lanes are wasted on channels than on pixels. Rows of fewer than 4 pixels make too few chains to hide the latency of
// the additions; very few channels are not worth the transpose. Does not depend on the number of images.
bool ck_channels_suit(const ck_correlation *op, const ck_tile_table *table) {
  const int64_t lanes = table->lanes;
  const int64_t by_pixels = ck_pieces(op->columns, lanes) * op->outputs;
  const int64_t by_channels = op->columns * ck_pieces(op->outputs, lanes);
  return lanes > 1 && op->columns >= 4 && op->columns <= 64 && op->outputs >= lanes / 2 && by_channels * 10 < by_pixels * 9;
}

int64_t ck_channels_packed_count(const ck_correlation *op) {
  return op->groups * ck_f32_gemm_packed_b_count(op->channels * op->taps, op->outputs);
}

void ck_channels_pack(const ck_correlation *op, const ck_tile_table *table, const float *weights, float *packed) {
  const int64_t k = op->channels * op->taps;
  for (int64_t group = 0; group < op->groups; group++) {
    table->pack_panels(k, op->outputs, weights + group * op->outputs * k, 1, k, packed);
    packed += ck_f32_gemm_packed_b_count(k, op->outputs);
  }
}

// One panel of output channels over all pixels of a band, pass after pass, into `block` [pixels][width].
static void run_panel(const ck_channels_band *band, const float *packed, const ck_tile_finish *finish,
                      float *block, int64_t width) {
  const ck_correlation *op = band->op;
  const ck_tile_table *table = band->table;
  const int64_t k = op->channels * op->taps;
  const int64_t passes = k > STEPS_PER_PASS ? ck_pieces(k, STEPS_PER_PASS) : 1;
  const int64_t vectors = width / table->lanes;
  const int64_t pieces = ck_pieces(op->columns, table->rows_max);
  for (int64_t pass = 0; pass < passes; pass++) {
    const int64_t begin = ck_piece(k, passes, pass);
    ck_tile tile = {.k = ck_piece(k, passes, pass + 1) - begin,
                    .b = packed + begin * width,
                    .b_step = width,
                    .offsets = band->offsets + begin,
                    .c_step = width,
                    .tail = table->lanes,
                    .start_step = width,
                    .finish = pass == passes - 1 ? finish : NULL};
    for (int64_t r = 0; r < band->rows; r++) {
      for (int64_t piece = 0; piece < pieces; piece++) {
        const int64_t q = ck_piece(op->columns, pieces, piece);
        const int64_t pixels = ck_piece(op->columns, pieces, piece + 1) - q;
        tile.a = band->image + r * band->pitch + q;
        tile.c = block + (r * op->columns + q) * width;
        tile.start = pass > 0 ? tile.c : NULL;
        table->kernels[CK_TILE_CHANNELS][pixels][vectors](&tile);
      }
    }
  }
}

static void write_block(const ck_channels_band *band, const float *block, int64_t width, int64_t channels, float *y) {
  const ck_correlation *op = band->op;
  if (op->y_column == 1 && op->y_row == op->columns) {
    band->table->transpose(band->rows * op->columns, channels, block, width, y, op->y_channel);
    return;
  }
  for (int64_t r = 0; r < band->rows; r++, block += op->columns * width) {
    float *row = y + r * op->y_row;
    if (op->y_column == 1) {
      band->table->transpose(op->columns, channels, block, width, row, op->y_channel);
      continue;
    }
    for (int64_t o = 0; o < channels; o++) {
      float *to = row + o * op->y_channel;
      for (int64_t q = 0; q < op->columns; q++) to[q * op->y_column] = block[q * width + o];
    }
  }
}

void ck_channels_run_band(const ck_channels_band *band, const float *packed, const float *bias, const ck_tile_finish *finish,
                          float *y) {
  const ck_correlation *op = band->op;
  const ck_tile_table *table = band->table;
  const int64_t panel_width = CK_PANEL_VECTORS * table->lanes, k = op->channels * op->taps;
  float *block = ck_scratch(CK_SCRATCH_CONV_BLOCK, band->rows * op->columns * panel_width);
  float padded_bias[CK_PANEL_VECTORS * 16];
  for (int64_t o = 0; o < op->outputs; o += panel_width) {
    const int64_t channels = op->outputs - o < panel_width ? op->outputs - o : panel_width;
    const int64_t width = ck_pieces(channels, table->lanes) * table->lanes;
    ck_tile_finish own;
    if (finish != NULL) {
      own = *finish;
      if (bias != NULL) {
        // Whole vectors are read.
        for (int64_t i = 0; i < width; i++) padded_bias[i] = i < channels ? bias[o + i] : 0;
        own.bias_column = padded_bias;
      }
    }
    run_panel(band, packed + o * k, finish == NULL ? NULL : &own, block, width);
    write_block(band, block, width, channels, y + o * op->y_channel);
  }
}

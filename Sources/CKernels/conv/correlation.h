// What the files of the convolution family share.
//
// Everything is a *correlation*: output (channel, r, q) = the chain over (input channel, tap) of weight times
// padded input (r * stride_h + tap row, q * stride_w + tap column). The forward pass is one; the gradient with respect to the
// input is one for each residue of the stride.
#pragma once

#include "../gemm/tile.h"

typedef struct ck_correlation {
  int64_t images, groups;
  int64_t channels, h, w;             // of one group of one input image
  int64_t stride_h, stride_w;         // input steps per output step
  int64_t pad_top, pad_left;          // negative: rows and columns that are skipped
  int64_t taps;                       // positions of the window, each at
  const int64_t *tap_rows, *tap_columns;  // 0 or more rows and columns from its corner
  int64_t tap_rows_end, tap_columns_end;  // one past the largest of each
  int64_t outputs, rows, columns;     // of one group
  int64_t y_row, y_column;            // floats between output rows and columns
  int64_t y_channel, y_image;         // ... channels and images
} ck_correlation;

// The padded input of one band of output rows, split by stride residue so that the taps of neighbouring outputs are neighbours:
// [channel][row residue][column residue][row][pitch].
typedef struct ck_band {
  int64_t rows;       // output rows
  int64_t pitch;      // floats per row
  int64_t plane;      // ... per residue
  int64_t channel;    // ... per channel
} ck_band;

ck_band ck_band_layout(const ck_correlation *op, int64_t rows);

// Copies one group's channels of one image; `row` is the first output row.
void ck_band_fill(const ck_correlation *op, const ck_band *band, const float *x, int64_t channel_begin, int64_t channel_end,
                  int64_t row, float *to, int64_t to_channel);

// Where step (channel, tap) of the chain lies in a band.
void ck_band_offsets(const ck_correlation *op, const ck_band *band, int64_t channel_step, int64_t *offsets);

// Weights of a correlation, one matrix [outputs][channels * taps] per group, packed for the tiles.
int64_t ck_correlation_packed_count(const ck_correlation *op);
void ck_correlation_pack(const ck_correlation *op, const float *weights, float *packed);

// y = act(correlation + bias); `x` has images * groups * channels * h * w floats.
void ck_correlation_run(const ck_correlation *op, const float *x, const float *packed, const float *bias,
                        ck_activation activation, float *y, ck_pool *pool);

// One band for the channels-in-lanes method (channels.c).
typedef struct ck_channels_band {
  const ck_correlation *op;
  const ck_tile_table *table;
  const int64_t *offsets;
  const float *image;
  int64_t pitch, rows;
} ck_channels_band;

bool ck_channels_suit(const ck_correlation *op, const ck_tile_table *table);
int64_t ck_channels_packed_count(const ck_correlation *op);
void ck_channels_pack(const ck_correlation *op, const ck_tile_table *table, const float *weights, float *packed);
void ck_channels_run_band(const ck_channels_band *band, const float *packed, const float *bias, const ck_tile_finish *finish,
                          float *y);

// The forward pass as a correlation. The taps are written to `tap_rows` and `tap_columns` (kh * kw each).
ck_correlation ck_conv_correlation(const ck_conv *conv, int64_t *tap_rows, int64_t *tap_columns);

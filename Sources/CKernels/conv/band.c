// The padded, residue-split copy of one band of an image.
#include "correlation.h"

#include <string.h>

ck_band ck_band_layout(const ck_correlation *op, int64_t rows) {
  const int64_t most_rows = rows + (op->tap_rows_end - 1) / op->stride_h;
  ck_band band = {.rows = rows, .pitch = op->columns + (op->tap_columns_end - 1) / op->stride_w};
  band.plane = most_rows * band.pitch;
  band.channel = band.plane * op->stride_h * op->stride_w;
  return band;
}

void ck_band_offsets(const ck_correlation *op, const ck_band *band, int64_t channel_step, int64_t *offsets) {
  for (int64_t t = 0; t < op->taps; t++) {
    const int64_t r = op->tap_rows[t], q = op->tap_columns[t];
    const int64_t residue = r % op->stride_h * op->stride_w + q % op->stride_w;
    offsets[t] = residue * band->plane + r / op->stride_h * band->pitch + q / op->stride_w;
  }
  for (int64_t p = op->taps; p < op->channels * op->taps; p++) offsets[p] = offsets[p - op->taps] + channel_step;
}

static int64_t clamp(int64_t x, int64_t low, int64_t high) { return x < low ? low : x > high ? high : x; }

// Stride 1: every row is a run of the image between zeros.
static void fill_rows(const ck_correlation *op, const ck_band *band, const float *image, int64_t row, float *out) {
  const int64_t rows = band->plane / band->pitch;
  const int64_t first = clamp(op->pad_top - row, 0, rows), last = clamp(op->h + op->pad_top - row, first, rows);
  const int64_t before = clamp(op->pad_left, 0, band->pitch), skipped = op->pad_left < 0 ? -op->pad_left : 0;
  const int64_t inside = clamp(op->w - skipped, 0, band->pitch - before);
  memset(out, 0, (size_t)(first * band->pitch) * sizeof(float));
  if (first < last) {
    ck_tile_table_current()->copy_padded(last - first, image + (row + first - op->pad_top) * op->w + (inside > 0 ? skipped : 0),
                                         op->w, before, inside, out + first * band->pitch, band->pitch);
  }
  memset(out + last * band->pitch, 0, (size_t)((rows - last) * band->pitch) * sizeof(float));
}

// to[q] = row[q * stride - shift] inside the row, 0 outside.
static void fill_row(const float *restrict row, int64_t w, int64_t stride, int64_t shift, float *restrict to, int64_t count) {
  // q * stride - shift >= 0 and < w:
  const int64_t begin = clamp(shift <= 0 ? 0 : (shift + stride - 1) / stride, 0, count);
  const int64_t end = clamp(w + shift <= 0 ? 0 : (w + shift + stride - 1) / stride, begin, count);
  for (int64_t q = 0; q < begin; q++) to[q] = 0;
  if (begin < end) {
    const float *from = row + (begin * stride - shift);
    float *out = to + begin;
    const int64_t inside = end - begin;
    if (stride == 2) {
      for (int64_t q = 0; q < inside; q++) out[q] = from[2 * q];
    } else {
      for (int64_t q = 0; q < inside; q++) out[q] = from[q * stride];
    }
  }
  for (int64_t q = end; q < count; q++) to[q] = 0;
}

// Wide strides without padding at the sides: a row [pitch][stride] is transposed, which gives all its residues at once.
static void fill_transposed(const ck_correlation *op, const ck_band *band, const float *image, int64_t row, float *out) {
  const ck_tile_table *table = ck_tile_table_current();
  const int64_t rows = band->plane / band->pitch;
  for (int64_t residue_h = 0; residue_h < op->stride_h; residue_h++, out += op->stride_w * band->plane) {
    for (int64_t r = 0; r < rows; r++) {
      const int64_t y = (row + r) * op->stride_h + residue_h - op->pad_top;
      float *to = out + r * band->pitch;
      if (y >= 0 && y < op->h) {
        table->transpose(band->pitch, op->stride_w, image + y * op->w, op->stride_w, to, band->plane);
        continue;
      }
      for (int64_t residue_w = 0; residue_w < op->stride_w; residue_w++) {
        memset(to + residue_w * band->plane, 0, (size_t)band->pitch * sizeof(float));
      }
    }
  }
}

void ck_band_fill(const ck_correlation *op, const ck_band *band, const float *x, int64_t channel_begin, int64_t channel_end,
                  int64_t row, float *to, int64_t to_channel) {
  const int64_t band_rows = band->plane / band->pitch;
  for (int64_t c = channel_begin; c < channel_end; c++) {
    const float *image = x + c * op->h * op->w;
    float *out = to + (c - channel_begin) * to_channel;
    if (op->stride_h == 1 && op->stride_w == 1) {
      fill_rows(op, band, image, row, out);
      continue;
    }
    if (op->stride_w % 4 == 0 && op->pad_left == 0 && band->pitch * op->stride_w <= op->w) {
      fill_transposed(op, band, image, row, out);
      continue;
    }
    for (int64_t residue_h = 0; residue_h < op->stride_h; residue_h++) {
      for (int64_t residue_w = 0; residue_w < op->stride_w; residue_w++) {
        for (int64_t r = 0; r < band_rows; r++, out += band->pitch) {
          const int64_t y = (row + r) * op->stride_h + residue_h - op->pad_top;
          if (y < 0 || y >= op->h) {
            memset(out, 0, (size_t)band->pitch * sizeof(float));
          } else {
            fill_row(image + y * op->w, op->w, op->stride_w, op->pad_left - residue_w, out, band->pitch);
          }
        }
      }
    }
  }
}

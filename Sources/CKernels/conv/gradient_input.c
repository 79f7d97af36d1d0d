// The gradient with respect to the input: for every residue of the stride, the input pixels with that residue are a
// correlation of dy with the taps that reach them. Chains run over (output channel, kernel row, kernel column), ascending.
#include "correlation.h"
#include "../scratch.h"
#include "images.h"

enum { INPUTS_TOGETHER = 16 };

// Input position `residue + stride * q` is reached by kernel position k from output position q + shift.
static int64_t shift_of(int64_t residue, int64_t pad, int64_t dilation, int64_t stride, int64_t kernel) {
  return (residue + pad - kernel * dilation) / stride;
}

static bool reaches(int64_t residue, int64_t pad, int64_t dilation, int64_t stride, int64_t kernel) {
  return (residue + pad - kernel * dilation) % stride == 0;
}

static void shift_range(int64_t residue, int64_t pad, int64_t dilation, int64_t stride, int64_t kernels, int64_t *low,
                        int64_t *high) {
  bool any = false;
  *low = *high = 0;
  for (int64_t k = 0; k < kernels; k++) {
    if (!reaches(residue, pad, dilation, stride, k)) continue;
    const int64_t shift = shift_of(residue, pad, dilation, stride, k);
    if (!any || shift < *low) *low = shift;
    if (!any || shift > *high) *high = shift;
    any = true;
  }
}

static void run_residue(const ck_conv *conv, int64_t residue_h, int64_t residue_w, const float *dy, const float *weights,
                        float *dx, ck_pool *pool) {
  const int64_t window = conv->kh * conv->kw;
  int64_t *rows = (int64_t *)ck_scratch(CK_SCRATCH_CONV_TAPS, 6 * window), *columns = rows + window, *positions = columns + window;
  int64_t low_h, high_h, low_w, high_w, taps = 0;
  shift_range(residue_h, conv->pad_top, conv->dilation_h, conv->stride_h, conv->kh, &low_h, &high_h);
  shift_range(residue_w, conv->pad_left, conv->dilation_w, conv->stride_w, conv->kw, &low_w, &high_w);
  for (int64_t i = 0; i < conv->kh; i++) {
    if (!reaches(residue_h, conv->pad_top, conv->dilation_h, conv->stride_h, i)) continue;
    for (int64_t j = 0; j < conv->kw; j++) {
      if (!reaches(residue_w, conv->pad_left, conv->dilation_w, conv->stride_w, j)) continue;
      rows[taps] = shift_of(residue_h, conv->pad_top, conv->dilation_h, conv->stride_h, i) - low_h;
      columns[taps] = shift_of(residue_w, conv->pad_left, conv->dilation_w, conv->stride_w, j) - low_w;
      positions[taps++] = i * conv->kw + j;
    }
  }
  const int64_t inputs = conv->oc / conv->groups, outputs = conv->c / conv->groups;
  const ck_correlation op = {
      .images = conv->n,
      .groups = conv->groups,
      .channels = inputs,
      .h = conv->oh,
      .w = conv->ow,
      .stride_h = 1,
      .stride_w = 1,
      .pad_top = -low_h,
      .pad_left = -low_w,
      .taps = taps,
      .tap_rows = rows,
      .tap_columns = columns,
      .tap_rows_end = high_h - low_h + 1,
      .tap_columns_end = high_w - low_w + 1,
      .outputs = outputs,
      .rows = (conv->h - residue_h + conv->stride_h - 1) / conv->stride_h,
      .columns = (conv->w - residue_w + conv->stride_w - 1) / conv->stride_w,
      .y_row = conv->stride_h * conv->w,
      .y_column = conv->stride_w,
      .y_channel = conv->h * conv->w,
      .y_image = conv->c * conv->h * conv->w,
  };
  // weights [groups * inputs][outputs][window] become [groups][outputs][inputs][taps].
  float *turned = ck_scratch(CK_SCRATCH_CONV_GRADIENT, conv->groups * outputs * inputs * taps);
  for (int64_t group = 0; group < conv->groups; group++) {
    // A few inputs at a time: as many runs of memory as the hardware follows.
    for (int64_t first = 0; first < inputs; first += INPUTS_TOGETHER) {
      const int64_t last = first + INPUTS_TOGETHER < inputs ? first + INPUTS_TOGETHER : inputs;
      for (int64_t o = 0; o < outputs; o++) {
        float *to = turned + ((group * outputs + o) * inputs + first) * taps;
        for (int64_t i = first; i < last; i++) {
          const float *from = weights + ((group * inputs + i) * outputs + o) * window;
          for (int64_t t = 0; t < taps; t++) *to++ = from[positions[t]];
        }
      }
    }
  }
  float *packed = ck_scratch(CK_SCRATCH_CONV_WEIGHTS, ck_correlation_packed_count(&op));
  ck_correlation_pack(&op, turned, packed);
  ck_correlation_run(&op, dy, packed, NULL, (ck_activation){.kind = CK_ACT_NONE}, dx + residue_h * conv->w + residue_w, pool);
}

void ck_f32_conv_gradient_input(const ck_conv *conv, const float *dy, const float *weights, float *dx, ck_pool *pool) {
  if (ck_images_suit(conv, ck_tile_table_current()->lanes)) {
    ck_images_gradient_input(conv, dy, weights, dx, pool);
    return;
  }
  for (int64_t i = 0; i < conv->stride_h && i < conv->h; i++) {
    for (int64_t j = 0; j < conv->stride_w && j < conv->w; j++) run_residue(conv, i, j, dy, weights, dx, pool);
  }
}

// Convolution: the public forward functions.
#include "correlation.h"
#include "../scratch.h"

#include <string.h>

ck_correlation ck_conv_correlation(const ck_conv *conv, int64_t *tap_rows, int64_t *tap_columns) {
  for (int64_t i = 0; i < conv->kh; i++) {
    for (int64_t j = 0; j < conv->kw; j++) {
      tap_rows[i * conv->kw + j] = i * conv->dilation_h;
      tap_columns[i * conv->kw + j] = j * conv->dilation_w;
    }
  }
  return (ck_correlation){
      .images = conv->n,
      .groups = conv->groups,
      .channels = conv->c / conv->groups,
      .h = conv->h,
      .w = conv->w,
      .stride_h = conv->stride_h,
      .stride_w = conv->stride_w,
      .pad_top = conv->pad_top,
      .pad_left = conv->pad_left,
      .taps = conv->kh * conv->kw,
      .tap_rows = tap_rows,
      .tap_columns = tap_columns,
      .tap_rows_end = (conv->kh - 1) * conv->dilation_h + 1,
      .tap_columns_end = (conv->kw - 1) * conv->dilation_w + 1,
      .outputs = conv->oc / conv->groups,
      .rows = conv->oh,
      .columns = conv->ow,
      .y_row = conv->ow,
      .y_column = 1,
      .y_channel = conv->oh * conv->ow,
      .y_image = conv->oc * conv->oh * conv->ow,
  };
}

static int64_t *tap_table(const ck_conv *conv) {
  return (int64_t *)ck_scratch(CK_SCRATCH_CONV_TAPS, 4 * conv->kh * conv->kw);
}

int64_t ck_f32_conv_packed_count(const ck_conv *conv) {
  int64_t *taps = tap_table(conv);
  const ck_correlation op = ck_conv_correlation(conv, taps, taps + conv->kh * conv->kw);
  return ck_correlation_packed_count(&op);
}

void ck_f32_conv_pack(const ck_conv *conv, const float *weights, float *packed) {
  int64_t *taps = tap_table(conv);
  const ck_correlation op = ck_conv_correlation(conv, taps, taps + conv->kh * conv->kw);
  ck_correlation_pack(&op, weights, packed);
}

void ck_f32_conv(const ck_conv *conv, const float *x, const float *weights, const float *packed, const float *bias,
                 ck_activation activation, float *y, ck_pool *pool) {
  int64_t *taps = tap_table(conv);
  const ck_correlation op = ck_conv_correlation(conv, taps, taps + conv->kh * conv->kw);
  if (packed == NULL) {
    float *own = ck_scratch(CK_SCRATCH_CONV_WEIGHTS, ck_correlation_packed_count(&op));
    ck_correlation_pack(&op, weights, own);
    packed = own;
  }
  ck_correlation_run(&op, x, packed, bias, activation, y, pool);
}

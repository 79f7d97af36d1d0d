/// Two-dimensional convolution (cross-correlation, as in ONNX Conv) over NCHW, with both gradients. 1-D convolution is H = 1.
/// The forward pass and the transposed convolution are one ascending FMA chain per element, as in GEMM;
/// the gradient with respect to the weights is bit-equal for any number of threads.
#pragma once

#include "ck_gemm.h"

#pragma clang assume_nonnull begin

typedef struct ck_conv {
  int64_t n, c, h, w;           // input [N, C, H, W]
  int64_t oc, kh, kw;           // weights [OC, C / groups, KH, KW]
  int64_t oh, ow;               // output [N, OC, OH, OW]
  int64_t stride_h, stride_w;
  int64_t dilation_h, dilation_w;
  int64_t pad_top, pad_left;    // bottom and right padding follow from the output size
  int64_t groups;
} ck_conv;

/// Floats that the packed weights take at the current ISA level.
int64_t ck_f32_conv_packed_count(const ck_conv *conv);
void ck_f32_conv_pack(const ck_conv *conv, const float *weights, float *packed);

/// y = act(conv(x, weights) + bias). `packed` may be NULL (weights are then packed on the fly); `bias` [OC] may be NULL.
void ck_f32_conv(const ck_conv *conv, const float *x, const float *weights, const float *_Nullable packed,
                 const float *_Nullable bias, ck_activation activation, float *y, ck_pool *_Nullable pool);

/// dx[N,C,H,W] = gradient of sum(y * dy) with respect to x. Overwrites dx. The order of the chains depends on the shape, N included.
void ck_f32_conv_gradient_input(const ck_conv *conv, const float *dy, const float *weights, float *dx,
                                ck_pool *_Nullable pool);

/// The same function as the forward pass of ConvTranspose, from x[N,OC,OH,OW] to y[N,C,H,W]: chains ascend over (output channel,
/// kernel row, kernel column), so an image's bits do not depend on the batch that it is in.
void ck_f32_conv_transpose(const ck_conv *conv, const float *x, const float *weights, float *y,
                           ck_pool *_Nullable pool);

/// dw = gradient with respect to the weights. Overwrites dw.
void ck_f32_conv_gradient_weights(const ck_conv *conv, const float *x, const float *dy, float *dw,
                                  ck_pool *_Nullable pool);

#pragma clang assume_nonnull end

// Convolution gradients with one image per lane (images.c).
#pragma once

#include "../gemm/tile.h"

// True for whole vectors of small, unstrided images with few weights.
bool ck_images_suit(const ck_conv *conv, int64_t lanes);

// Images that are turned at a time: whole vectors of them.
int64_t ck_images_chunk(const ck_conv *conv, int64_t lanes);

// ck_f32_conv_gradient_input where they suit. The chain of an element ascends over (dy row, dy column, output channel).
void ck_images_gradient_input(const ck_conv *conv, const float *dy, const float *weights, float *dx, ck_pool *pool);

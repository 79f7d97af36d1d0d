// The two ways to the gradient with respect to the weights.
#pragma once

#include "correlation.h"

// Pixels as steps of the chain (gradient_weights_steps.c). Does not depend on the number of images.
bool ck_steps_suit(const ck_conv *conv, const ck_correlation *op, const ck_tile_table *table);
void ck_steps_gradient_weights(const ck_conv *conv, const ck_correlation *op, const float *x, const float *dy, float *dw, ck_pool *pool);

/// Moving data: transpose, gather, scatter-add, padding copies. `element` sizes are in bytes (1, 2, 4 or 8).
#pragma once

#include "ck_pool.h"

#pragma clang assume_nonnull begin

/// y[dims permuted] = x: output dimension d is input dimension permutation[d]. `dims` are the input's, rank <= 8.
void ck_transpose(int element, int rank, const int64_t *dims, const int *permutation, const void *x, void *y,
                  ck_pool *_Nullable pool);

/// y[outer, indices, inner] = x[outer, indices[i], inner] with x [outer, axis, inner]. Indices are already in 0..<axis.
void ck_gather(int element, int64_t outer, int64_t axis, int64_t inner, int64_t count, const int64_t *indices,
               const void *x, void *y, ck_pool *_Nullable pool);

/// The same from a table of half-precision numbers (IEEE 754 binary16), which are widened on the way.
void ck_f32_gather_halves(int64_t outer, int64_t axis, int64_t inner, int64_t count, const int64_t *indices,
                          const uint16_t *x, float *y, ck_pool *_Nullable pool);

/// y[outer, indices[i], inner] += x[outer, i, inner], in ascending i for every element (deterministic). y is not cleared first.
void ck_f32_scatter_add(int64_t outer, int64_t axis, int64_t inner, int64_t count, const int64_t *indices,
                        const float *x, float *y, ck_pool *_Nullable pool);

/// Strided copy of a `rank`-dimensional block: y[sum i*y_strides] = x[sum i*x_strides], strides in elements (may be negative or 0 in x).
void ck_copy_strided(int element, int rank, const int64_t *dims, const void *x, const int64_t *x_strides, void *y,
                     const int64_t *y_strides, ck_pool *_Nullable pool);

#pragma clang assume_nonnull end

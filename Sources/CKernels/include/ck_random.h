/// Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011). Element i of stream (seed, stream) is always the same value,
/// whatever the thread, the ISA and the order of calls: block i / 4 is the counter's low 64 bits, `stream` the high 64.
#pragma once

#include "ck_pool.h"

#pragma clang assume_nonnull begin

/// y[i] = the 32-bit word number `offset + i`.
void ck_philox_u32(uint64_t seed, uint64_t stream, uint64_t offset, int64_t count, uint32_t *y, ck_pool *_Nullable pool);

/// Uniform in [low, high): low + (high - low) * (word >> 8) / 2^24, from word `offset + i`.
void ck_f32_uniform(uint64_t seed, uint64_t stream, uint64_t offset, int64_t count, float low, float high, float *y,
                    ck_pool *_Nullable pool);

/// Normal by Box-Muller: element i uses words 2i and 2i + 1 (after `offset` elements).
void ck_f32_normal(uint64_t seed, uint64_t stream, uint64_t offset, int64_t count, float mean, float deviation,
                   float *y, ck_pool *_Nullable pool);

/// Inverted dropout: mask[i] = uniform word i / 2^32 >= ratio; y = mask ? x / (1 - ratio) : 0. mask may be NULL.
void ck_f32_dropout(uint64_t seed, uint64_t stream, int64_t count, float ratio, const float *x, float *y,
                    uint8_t *_Nullable mask, ck_pool *_Nullable pool);

#pragma clang assume_nonnull end

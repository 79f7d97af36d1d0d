// Requests for memory that will be needed soon. The address may lie past the end of the array, so it is computed as a number.
#pragma once

#include <stdint.h>

#define CK_PREFETCHED(p, ahead) ((const void *)((uintptr_t)(p) + (uintptr_t)(ahead) * sizeof *(p)))

// Floats in a cache line, and how far a loop over a long array runs ahead of itself: 8 KiB, two of the pages at whose ends the
// processor's own prefetching stops. (Measured on one core of an EPYC 9005: 1, 2 or 4 KiB gain nothing.)
enum { CK_PREFETCH_LINE = 16, CK_PREFETCH_AHEAD = 2048 };

// The cache line of p[ahead], to be read or written.
#define CK_PREFETCH_READ(p, ahead) __builtin_prefetch(CK_PREFETCHED(p, ahead), 0, 3)
#define CK_PREFETCH_WRITE(p, ahead) __builtin_prefetch(CK_PREFETCHED(p, ahead), 1, 3)

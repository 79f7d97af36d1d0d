// Requests for memory that will be needed soon. The address may lie past the end of the array, so it is computed as a number.
#pragma once

#include <stdint.h>

#define CK_PREFETCHED(p, ahead) ((const void *)((uintptr_t)(p) + (uintptr_t)(ahead) * sizeof *(p)))

// The cache line of p[ahead], to be read or written.
#define CK_PREFETCH_READ(p, ahead) __builtin_prefetch(CK_PREFETCHED(p, ahead), 0, 3)
#define CK_PREFETCH_WRITE(p, ahead) __builtin_prefetch(CK_PREFETCHED(p, ahead), 1, 3)

/// A pool of threads that spins for a short while between pieces of work, so that a plan's operators do not pay
/// a wake-up each.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct ck_pool ck_pool;

/// A pool that runs work on `threads` threads, the caller among them (so `threads - 1` are started; 1 is valid
/// and starts none). NULL where threads cannot be started.
ck_pool *_Nullable ck_pool_create(int threads);

/// Stops and joins the threads. NULL is ignored.
void ck_pool_destroy(ck_pool *_Nullable pool);

/// Number of threads, 1 for NULL.
int ck_pool_threads(const ck_pool *_Nullable pool);

/// Calls `body(context, begin, end, thread)` for disjoint ranges that cover `0..<count`, each at least `grain`
/// long but the last, `thread` in `0..<ck_pool_threads`. Returns when all are done. Runs inline when the pool is
/// NULL or the work is one grain. One caller at a time per pool; a nested call runs inline.
void ck_pool_for(ck_pool *_Nullable pool, int64_t count, int64_t grain, void *_Nullable context,
                 void (*body)(void *_Nullable context, int64_t begin, int64_t end, int thread));

/// Lets the pool's threads sleep at once instead of spinning on (a plan has ended).
void ck_pool_rest(ck_pool *_Nullable pool);

#pragma clang assume_nonnull end

#define _POSIX_C_SOURCE 200809L

#include "CKernels.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

// A job is open while its caller is inside ck_pool_for. Workers may join an open job at any time and nobody waits for a
// worker that never joined: a thread that the kernel has put aside costs nothing but its help.
struct ck_pool {
  int threads;
  pthread_t *workers;

  // The job; written by the caller while the job is closed and `active` is 0.
  int64_t count, chunk;
  void *context;
  void (*body)(void *, int64_t, int64_t, int);
  ck_isa isa;                             // the caller's
  _Alignas(64) atomic_int_fast64_t next;  // first index that nobody took
  _Alignas(64) atomic_bool open;
  atomic_int active;                      // workers inside the job
  _Alignas(64) atomic_uint generation;    // counts jobs; what idle workers watch
  atomic_bool resting;                    // idle workers sleep at once
  atomic_bool busy;                       // a caller is inside ck_pool_for
  atomic_bool stopping;
  _Alignas(64) atomic_int sleepers;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
};

typedef struct worker_start {
  ck_pool *pool;
  int index;
} worker_start;

enum {
  SPIN_NANOSECONDS = 100000,  // how long an idle worker stays awake
  PAUSES_PER_CLOCK_READ = 64,
  CHUNKS_PER_THREAD = 4,      // finer pieces even out a core that another process disturbs
};

static _Thread_local bool inside_job;

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t now_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void run_chunks(ck_pool *pool, int thread) {
  inside_job = true;
  for (;;) {
    const int64_t begin = atomic_fetch_add(&pool->next, pool->chunk);
    if (begin >= pool->count) break;
    const int64_t end = begin + pool->chunk < pool->count ? begin + pool->chunk : pool->count;
    pool->body(pool->context, begin, end, thread);
  }
  inside_job = false;
}

static void sleep_until_job(ck_pool *pool, unsigned seen) {
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleepers, 1);
  // The caller raises `generation` before it looks at `sleepers`, so one of the two sees the other.
  while (atomic_load(&pool->generation) == seen && !atomic_load(&pool->stopping)) {
    pthread_cond_wait(&pool->wake, &pool->mutex);
  }
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->mutex);
}

static void wait_for_job(ck_pool *pool, unsigned seen) {
  const int64_t deadline = now_nanoseconds() + SPIN_NANOSECONDS;
  for (;;) {
    for (int i = 0; i < PAUSES_PER_CLOCK_READ; i++) {
      if (atomic_load_explicit(&pool->generation, memory_order_acquire) != seen) return;
      pause_briefly();
    }
    if (atomic_load(&pool->stopping)) return;
    if (atomic_load(&pool->resting) || now_nanoseconds() > deadline) {
      sleep_until_job(pool, seen);
      return;
    }
  }
}

static void *worker_main(void *argument) {
  worker_start *start = argument;
  ck_pool *pool = start->pool;
  const int index = start->index;
  free(start);
  unsigned seen = 0;
  while (!atomic_load(&pool->stopping)) {
    wait_for_job(pool, seen);
    seen = atomic_load(&pool->generation);
    // Announce first, look second: the caller closes first and looks at `active` second.
    atomic_fetch_add(&pool->active, 1);
    if (atomic_load(&pool->open)) {
      ck_isa_force(pool->isa);
      run_chunks(pool, index);
    }
    atomic_fetch_sub(&pool->active, 1);
  }
  return NULL;
}

ck_pool *ck_pool_create(int threads) {
  if (threads < 1) return NULL;
  ck_pool *pool = NULL;
  if (posix_memalign((void **)&pool, 64, sizeof(ck_pool)) != 0) return NULL;
  *pool = (ck_pool){.threads = 1};
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pool->workers = calloc((size_t)threads, sizeof(pthread_t));
  if (pool->workers == NULL) {
    ck_pool_destroy(pool);
    return NULL;
  }
  for (int index = 1; index < threads; index++) {
    worker_start *start = malloc(sizeof *start);
    if (start != NULL) *start = (worker_start){pool, index};
    if (start == NULL || pthread_create(&pool->workers[index], NULL, worker_main, start) != 0) {
      free(start);
      ck_pool_destroy(pool);
      return NULL;
    }
    pool->threads++;
  }
  return pool;
}

void ck_pool_destroy(ck_pool *pool) {
  if (pool == NULL) return;
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->stopping, true);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
  for (int index = 1; index < pool->threads; index++) pthread_join(pool->workers[index], NULL);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->mutex);
  free(pool->workers);
  free(pool);
}

int ck_pool_threads(const ck_pool *pool) { return pool == NULL ? 1 : pool->threads; }

void ck_pool_rest(ck_pool *pool) {
  if (pool != NULL) atomic_store(&pool->resting, true);
}

void ck_pool_for(ck_pool *pool, int64_t count, int64_t grain, void *context,
                 void (*body)(void *context, int64_t begin, int64_t end, int thread)) {
  if (count <= 0) return;
  if (grain < 1) grain = 1;
  if (pool == NULL || pool->threads == 1 || count <= grain || inside_job || atomic_exchange(&pool->busy, true)) {
    body(context, 0, count, 0);
    return;
  }
  const int64_t pieces = (int64_t)pool->threads * CHUNKS_PER_THREAD;
  const int64_t even = (count + pieces - 1) / pieces;
  pool->count = count;
  pool->chunk = even > grain ? even : grain;
  pool->context = context;
  pool->body = body;
  pool->isa = ck_isa_current();
  atomic_store(&pool->next, 0);
  atomic_store(&pool->resting, false);
  atomic_store(&pool->open, true);
  atomic_fetch_add(&pool->generation, 1);
  if (atomic_load(&pool->sleepers) > 0) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
  }
  run_chunks(pool, 0);
  atomic_store(&pool->open, false);
  for (int spins = 0; atomic_load(&pool->active) > 0; spins++) {
    pause_briefly();
    // On a machine with fewer free cores than threads the worker may be waiting for this very core.
    if (spins % 4096 == 4095) sched_yield();
  }
  atomic_store(&pool->busy, false);
}

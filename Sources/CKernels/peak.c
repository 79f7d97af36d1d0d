// What this core can do at most: the yardstick for every other kernel.
#define _POSIX_C_SOURCE 200809L

#include "CKernels.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct peak_table {
  float (*fma_loop)(int64_t steps, float factor, float addend);
  void (*copy_loop)(int64_t count, const float *from, float *to);
  int64_t operations_per_step;
} peak_table;

#define CK_TEMPLATE "../peak.inc"
#include "simd/each_isa.h"
#include "simd/dispatch.h"

CK_DEFINE_TABLES(peak_table);

static const double total_seconds = 0.05, sample_seconds = 0.002;
static volatile float sink;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// The best of many short samples: on a shared machine a long one would measure the neighbours too.
double ck_measure_peak_flops(ck_isa isa) {
  if (!ck_isa_supported(isa)) return 0;
  const peak_table *table = tables[isa];
  volatile float factor = 0.5f, addend = 1.0f;
  int64_t steps = 1000;
  double best = 0;
  for (const double end = now() + total_seconds; now() < end;) {
    const double start = now();
    sink = table->fma_loop(steps, factor, addend);
    const double seconds = now() - start;
    if (seconds < sample_seconds / 2) {
      steps *= 2;
      continue;
    }
    const double rate = (double)(steps * table->operations_per_step) / seconds;
    if (rate > best) best = rate;
  }
  return best;
}

double ck_measure_copy_bandwidth(size_t bytes) {
  const int64_t count = (int64_t)(bytes / sizeof(float)) + 1;
  float *from = malloc((size_t)count * sizeof(float)), *to = malloc((size_t)count * sizeof(float));
  double best = 0;
  if (from != NULL && to != NULL) {
    const peak_table *table = tables[ck_isa_current()];
    memset(from, 0, (size_t)count * sizeof(float));
    memset(to, 0, (size_t)count * sizeof(float));
    int64_t repeats = 1;
    for (const double end = now() + total_seconds; now() < end || best == 0;) {
      const double start = now();
      for (int64_t r = 0; r < repeats; r++) table->copy_loop(count, from, to);
      const double seconds = now() - start;
      const double rate = 2.0 * sizeof(float) * (double)(count * repeats) / seconds;
      if (rate > best) best = rate;
      if (seconds < sample_seconds / 2) repeats *= 2;
    }
  }
  free(from);
  free(to);
  return best;
}

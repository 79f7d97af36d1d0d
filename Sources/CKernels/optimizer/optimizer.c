// Optimiser updates, split over threads.
#include "../include/CKernels.h"

#include <math.h>

// The numbers of one update, computed once.
typedef struct ck_optimizer_step {
  float rate, decay, scale;
  float momentum;
  bool nesterov;
  float beta1, beta1_rest, beta2, beta2_rest, epsilon;
  float corrected_rate;  // rate / (1 - beta1^t)
  float v_correction;    // 1 / (1 - beta2^t)
  bool decoupled;
} ck_optimizer_step;

typedef struct ck_optimizer_table {
  void (*sgd)(int64_t count, const ck_optimizer_step *step, float *w, const float *g);
  void (*momentum)(int64_t count, const ck_optimizer_step *step, float *w, const float *g, float *v);
  void (*adam)(int64_t count, const ck_optimizer_step *step, float *w, const float *g, float *m, float *v);
  double (*sum_of_squares)(int64_t count, const float *x);
} ck_optimizer_table;

#define CK_TEMPLATE "../optimizer/optimizer.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(ck_optimizer_table);

typedef struct update_work {
  const ck_optimizer_table *kernels;
  ck_optimizer_step step;
  float *w, *m, *v;
  const float *g;
} update_work;

static void run_sgd(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const update_work *work = context;
  work->kernels->sgd(end - begin, &work->step, work->w + begin, work->g + begin);
}

static void run_momentum(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const update_work *work = context;
  work->kernels->momentum(end - begin, &work->step, work->w + begin, work->g + begin, work->v + begin);
}

static void run_adam(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  const update_work *work = context;
  work->kernels->adam(end - begin, &work->step, work->w + begin, work->g + begin, work->m + begin, work->v + begin);
}

void ck_f32_sgd(int64_t count, float *w, const float *g, float rate, float decay, float scale, ck_pool *pool) {
  update_work work = {.kernels = tables[ck_isa_current()], .w = w, .g = g};
  work.step = (ck_optimizer_step){.rate = rate, .decay = decay, .scale = scale};
  ck_pool_for(pool, count, CK_PARALLEL_GRAIN, &work, run_sgd);
}

void ck_f32_momentum(int64_t count, float *w, const float *g, float *v, float rate, float momentum, bool nesterov,
                     float decay, float scale, ck_pool *pool) {
  update_work work = {.kernels = tables[ck_isa_current()], .w = w, .g = g, .v = v};
  work.step =
      (ck_optimizer_step){.rate = rate, .decay = decay, .scale = scale, .momentum = momentum, .nesterov = nesterov};
  ck_pool_for(pool, count, CK_PARALLEL_GRAIN, &work, run_momentum);
}

void ck_f32_adam(int64_t count, float *w, const float *g, float *m, float *v, float rate, float beta1, float beta2,
                 float epsilon, int64_t step, float decay, bool decoupled, float scale, ck_pool *pool) {
  update_work work = {.kernels = tables[ck_isa_current()], .w = w, .g = g, .m = m, .v = v};
  work.step = (ck_optimizer_step){
      .rate = rate,
      .decay = decay,
      .scale = scale,
      .beta1 = beta1,
      .beta1_rest = 1.0f - beta1,
      .beta2 = beta2,
      .beta2_rest = 1.0f - beta2,
      .epsilon = epsilon,
      .corrected_rate = (float)((double)rate / (1.0 - pow((double)beta1, (double)step))),
      .v_correction = (float)(1.0 / (1.0 - pow((double)beta2, (double)step))),
      .decoupled = decoupled,
  };
  ck_pool_for(pool, count, CK_PARALLEL_GRAIN, &work, run_adam);
}

// MARK: Sum of squares, in chunks that depend on the count only.

enum { CHUNK = 65536, CHUNKS_MAX = 256 };

typedef struct square_work {
  const ck_optimizer_table *kernels;
  int64_t count, chunk;
  const float *x;
  double partial[CHUNKS_MAX];
} square_work;

static void run_squares(void *context, int64_t begin, int64_t end, int thread) {
  (void)thread;
  square_work *work = context;
  for (int64_t i = begin; i < end; i++) {
    int64_t from = i * work->chunk, rest = work->count - from;
    work->partial[i] = work->kernels->sum_of_squares(rest < work->chunk ? rest : work->chunk, work->x + from);
  }
}

double ck_f32_sum_of_squares(int64_t count, const float *x, ck_pool *pool) {
  square_work work = {.kernels = tables[ck_isa_current()], .count = count, .x = x};
  int64_t per_chunk = (count + CHUNKS_MAX - 1) / CHUNKS_MAX;
  work.chunk = per_chunk < CHUNK ? CHUNK : per_chunk;
  int64_t chunks = (count + work.chunk - 1) / work.chunk;
  ck_pool_for(pool, chunks, 1, &work, run_squares);
  double total = 0;
  for (int64_t i = 0; i < chunks; i++) total += work.partial[i];
  return total;
}

#define _POSIX_C_SOURCE 200809L

#include "scratch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct buffer {
  float *data;
  int64_t capacity;
} buffer;

static _Thread_local buffer *thread_buffers;
static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

static void release(void *pointer) {
  buffer *buffers = pointer;
  for (int slot = 0; slot < CK_SCRATCH_COUNT; slot++) free(buffers[slot].data);
  free(buffers);
}

static void make_key(void) { pthread_key_create(&key, release); }

static void *allocate(size_t bytes) {
  void *memory = NULL;
  if (posix_memalign(&memory, 4096, bytes) != 0) {
    fprintf(stderr, "martlet: no memory for %zu bytes of kernel scratch\n", bytes);
    abort();
  }
  return memory;
}

float *ck_scratch(ck_scratch_slot slot, int64_t count) {
  if (__builtin_expect(thread_buffers == NULL, 0)) {
    pthread_once(&key_once, make_key);
    thread_buffers = allocate(sizeof(buffer) * CK_SCRATCH_COUNT);
    memset(thread_buffers, 0, sizeof(buffer) * CK_SCRATCH_COUNT);
    pthread_setspecific(key, thread_buffers);
  }
  buffer *b = &thread_buffers[slot];
  if (__builtin_expect(b->capacity < count, 0)) {
    free(b->data);
    // A little more than asked for, so that slowly growing requests settle.
    const int64_t capacity = count + count / 4 + 1024;
    b->data = allocate((size_t)capacity * sizeof(float) + 128);
    // Lanes past the end of the data are computed with and thrown away; defined zeros keep denormals and sanitizers quiet.
    memset(b->data, 0, (size_t)capacity * sizeof(float) + 128);
    b->capacity = capacity;
  }
  return b->data;
}

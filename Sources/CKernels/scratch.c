#define _DEFAULT_SOURCE

#include "include/ck_scratch.h"
#include "scratch.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

typedef struct buffer {
  float *data;
  int64_t capacity;  // in floats
} buffer;

static _Thread_local buffer thread_buffers[CK_SCRATCH_COUNT];
static _Thread_local bool is_registered;
static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

// Behind the data: lanes past its end are read, computed with and thrown away.
enum { PADDING_BYTES = 128 };

static size_t byte_count(int64_t capacity) { return (size_t)capacity * sizeof(float) + PADDING_BYTES; }

static void give_back(buffer *b) {
  if (b->data != NULL) munmap(b->data, byte_count(b->capacity));
  *b = (buffer){0};
}

static void release(void *buffers) {
  for (int slot = 0; slot < CK_SCRATCH_COUNT; slot++) give_back((buffer *)buffers + slot);
}

void ck_scratch_release(void) { release(thread_buffers); }

static void make_key(void) { pthread_key_create(&key, release); }

// Pages of the system's own: those that are not used yet take no memory, and those given back are gone. They are zeros, which keeps
// denormals and sanitizers quiet.
static float *allocate(int64_t capacity) {
  void *memory = mmap(NULL, byte_count(capacity), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    fprintf(stderr, "martlet: no memory for %zu bytes of kernel scratch\n", byte_count(capacity));
    abort();
  }
  return memory;
}

float *ck_scratch(ck_scratch_slot slot, int64_t count) {
  buffer *b = &thread_buffers[slot];
  if (__builtin_expect(b->capacity < count, 0)) {
    if (!is_registered) {
      pthread_once(&key_once, make_key);
      is_registered = pthread_setspecific(key, thread_buffers) == 0;
    }
    give_back(b);
    // A little more than asked for, so that slowly growing requests settle.
    const int64_t capacity = count + count / 4 + 1024;
    *b = (buffer){allocate(capacity), capacity};
  }
  return b->data;
}

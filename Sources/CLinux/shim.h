// The Linux calls that Swift's Glibc module leaves out: epoll, eventfd and GNU extensions. Their
// flags are enum constants and macros that Swift imports badly, so they are given plain types here.
#pragma once
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static const uint32_t martlet_EPOLLIN = EPOLLIN;
static const uint32_t martlet_EPOLLOUT = EPOLLOUT;
static const uint32_t martlet_EPOLLERR = EPOLLERR;
static const uint32_t martlet_EPOLLHUP = EPOLLHUP;
static const int martlet_EPOLL_CLOEXEC = EPOLL_CLOEXEC;
static const int martlet_EFD_FLAGS = EFD_CLOEXEC | EFD_NONBLOCK;

// GNU extensions. Their own headers are part of the Glibc module, which would lose their other
// declarations if this module included them too: hence plain types and the symbols' names.
extern int martlet_accept4(int, void *, uint32_t *, int) __asm__("accept4");
extern int martlet_pthread_setname(unsigned long, const char *) __asm__("pthread_setname_np");
extern int martlet_mallopt(int, int) __asm__("mallopt");
static const int martlet_M_MMAP_THRESHOLD = -3;
static const int martlet_M_ARENA_MAX = -8;
extern int martlet_malloc_trim(unsigned long) __asm__("malloc_trim");
extern int martlet_sched_getaffinity(int, unsigned long, void *) __asm__("sched_getaffinity");

// SCHED_IDLE (sched(7)) for the calling thread; its parameter is a struct of one int, which must be 0.
extern int martlet_sched_setscheduler(int, int, const int *) __asm__("sched_setscheduler");
static inline int martlet_enter_idle_class(void) {
  const int priority = 0;
  return martlet_sched_setscheduler(0, 5, &priority);
}

// The Linux calls that Swift's Glibc module leaves out: epoll, eventfd and GNU extensions. Their
// flags are enum constants and macros that Swift imports badly, so they are given plain types here.
#pragma once
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

static const uint32_t martlet_EPOLLIN = EPOLLIN;
static const uint32_t martlet_EPOLLOUT = EPOLLOUT;
static const uint32_t martlet_EPOLLERR = EPOLLERR;
static const uint32_t martlet_EPOLLHUP = EPOLLHUP;
static const int martlet_EPOLL_CLOEXEC = EPOLL_CLOEXEC;
static const int martlet_EFD_FLAGS = EFD_CLOEXEC | EFD_NONBLOCK;

// Declared by glibc under _GNU_SOURCE only.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pthread_setname_np(pthread_t, const char *);

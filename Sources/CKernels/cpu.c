#include "CKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const isa_names[CK_ISA_COUNT] = {"scalar", "sse", "avx2", "avx512", "neon"};
static int default_isa = -1;
static _Thread_local int forced_isa = -1;

const char *ck_isa_name(ck_isa isa) {
  return (unsigned)isa < CK_ISA_COUNT ? isa_names[isa] : "unknown";
}

bool ck_isa_supported(ck_isa isa) {
  switch (isa) {
    case CK_ISA_SCALAR:
      return true;
#if defined(__x86_64__)
    case CK_ISA_SSE:
      return true;
    case CK_ISA_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case CK_ISA_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("fma");
#elif defined(__aarch64__)
    case CK_ISA_NEON:
      return true;
#endif
    default:
      return false;
  }
}

static ck_isa best_isa(void) {
  for (int isa = CK_ISA_COUNT - 1; isa > CK_ISA_SCALAR; isa--) {
    if (ck_isa_supported((ck_isa)isa)) return (ck_isa)isa;
  }
  return CK_ISA_SCALAR;
}

static ck_isa chosen_isa(void) {
  const char *name = getenv("MARTLET_ISA");
  if (name == NULL || name[0] == '\0') return best_isa();
  for (int isa = 0; isa < CK_ISA_COUNT; isa++) {
    if (strcmp(name, isa_names[isa]) != 0) continue;
    if (ck_isa_supported((ck_isa)isa)) return (ck_isa)isa;
    fprintf(stderr, "martlet: MARTLET_ISA=%s: this CPU cannot run it (best here: %s)\n", name,
            isa_names[best_isa()]);
    exit(2);
  }
  fprintf(stderr, "martlet: MARTLET_ISA=%s: expected scalar, sse, avx2, avx512 or neon\n", name);
  exit(2);
}

ck_isa ck_isa_current(void) {
  if (__builtin_expect(forced_isa >= 0, 0)) return (ck_isa)forced_isa;
  int isa = __atomic_load_n(&default_isa, __ATOMIC_RELAXED);
  if (__builtin_expect(isa < 0, 0)) {
    isa = chosen_isa();
    __atomic_store_n(&default_isa, isa, __ATOMIC_RELAXED);
  }
  return (ck_isa)isa;
}

bool ck_isa_force(ck_isa isa) {
  if (!ck_isa_supported(isa)) return false;
  forced_isa = (int)isa;
  return true;
}

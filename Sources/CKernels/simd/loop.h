// A loop over whole vectors and one tail; a template includes it once, after tail.h.
//
// Runs the statement for every vector of 0..<count: `i` is its first element, LOAD(p) and STORE(p, v) go to p + i and respect the tail.
#define FOR_VECTORS(count, ...)         \
  do {                                  \
    int64_t i = 0;                      \
    for (; i + VL <= (count); i += VL) { \
      const bool whole = true;          \
      const int64_t rest = VL;          \
      __VA_ARGS__;                      \
    }                                   \
    if (i < (count)) {                  \
      const bool whole = false;         \
      const int64_t rest = (count) - i; \
      __VA_ARGS__;                      \
    }                                   \
  } while (0)

#define LOAD(p) (whole ? vf_load((p) + i) : vf_load_part((p) + i, rest, 0.0f))

#define STORE(p, v)                    \
  do {                                 \
    if (whole) {                       \
      vf_store((p) + i, v);            \
    } else {                           \
      vf_store_part((p) + i, v, rest); \
    }                                  \
  } while (0)

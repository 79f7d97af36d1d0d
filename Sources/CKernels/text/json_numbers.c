#include "json_numbers.h"

int64_t ck_json_numbers(const uint8_t *text, int64_t length, int64_t *offset, int64_t capacity, float *values) {
#if defined(__x86_64__)
  ck_isa isa = ck_isa_current();
  if (isa == CK_ISA_AVX512) return json_numbers_avx512(text, length, offset, capacity, values);
  if (isa == CK_ISA_AVX2) return json_numbers_avx2(text, length, offset, capacity, values);
#endif
  (void)text, (void)length, (void)offset, (void)capacity, (void)values;
  return 0;
}

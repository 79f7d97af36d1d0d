// The bulk readers of JSON numbers by instruction set; each does what ck_json.h says of ck_json_numbers.
#pragma once

#include "../include/CKernels.h"

#if defined(__x86_64__)
int64_t json_numbers_avx2(const uint8_t *text, int64_t length, int64_t *offset, int64_t capacity, float *values);
int64_t json_numbers_avx512(const uint8_t *text, int64_t length, int64_t *offset, int64_t capacity, float *values);
#endif

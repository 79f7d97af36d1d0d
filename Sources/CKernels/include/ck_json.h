/// Numbers out of JSON text and into it, many at a time: the costly part of a prediction request.
#pragma once

#include <stdint.h>

#pragma clang assume_nonnull begin

/// Reads numbers that are followed by a comma, as in the middle of an array: `0.625,-1.5, 3,`.
///
/// With AVX-512: any with up to 13 digits before the point and 30 characters in all, and any space after the comma. With AVX2: `d.ddd`
/// with 1 to 18 digits behind the point, and whole numbers of 1 to 8 digits; one space may follow the comma. An optional minus before
/// both. Stops before the first number of another form (an exponent, white space before the comma, anything wrong), before one that
/// is not followed by a comma, and near the end of the text: the caller reads on from there. Every value is correctly rounded; a
/// number so close to the middle between two floats that 64 bits do not decide is left to the caller too.
///
/// `text` holds `length` readable bytes; the first number starts at `*offset`, and no minus stands before it. Afterwards `*offset` is
/// where the next number starts. Returns how many numbers, at most `capacity`, went to `values`; what lies behind those, up to
/// `capacity`, may be overwritten. Reads nothing at lower levels.
int64_t ck_json_numbers(const uint8_t *text, int64_t length, int64_t *offset, int64_t capacity, float *values);

/// Bytes that `ck_json_floats` may touch for each number, its comma included.
#define CK_JSON_FLOAT_ROOM 24

/// Writes the shortest decimals that read back as the float32 numbers at `values` (of any alignment), with commas between them:
/// `0.625,-1.0,1e-05,1.6777218e+07`. Among several as short it takes the nearest, with an even last digit at a tie; whole numbers up to
/// 2^24 keep a `.0`, larger numbers and those below 10^-4 have an exponent: the text of Swift's `Float.description`. What is not finite
/// is `NaN`, `Infinity` or `-Infinity`, as TensorFlow Serving writes them.
///
/// Returns how many bytes the text has; up to `count * CK_JSON_FLOAT_ROOM` bytes of `text` may be overwritten.
int64_t ck_json_floats(const void *values, int64_t count, uint8_t *text);

#pragma clang assume_nonnull end

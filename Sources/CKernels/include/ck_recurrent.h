/// Recurrent cells as ONNX's LSTM, GRU and RNN define them (layout 0), one direction at a time, and their gradients.
///
/// Letters: T steps, N rows of the batch, D directions, I input features, H hidden units, G gates (LSTM 4: i o f c; GRU 3: z r h; RNN 1).
/// A row's results depend on nothing but that row: neither on the batch around it, nor on how T is cut into calls that hand the state on,
/// nor on the number of threads; and they are the same at AVX2 and AVX-512 (as ck_gemm.h promises for the products inside).
#pragma once

#include "ck_pool.h"
#include <stdbool.h>

#pragma clang assume_nonnull begin

typedef enum ck_recurrent_function {
  CK_RECURRENT_SIGMOID,
  CK_RECURRENT_TANH,
  CK_RECURRENT_RELU,
} ck_recurrent_function;

/// What one direction of any of the cells has.
typedef struct ck_recurrent {
  int64_t t, n, i, h;
  int64_t directions;                        // D; pointers are those of this direction's part, steps of Y and the reserve are D parts apart
  bool reverse;                              // from the last step of each row to its first
  const int32_t *_Nullable lengths;          // [N], 0...T: steps that a row takes part in; NULL: all
  ck_recurrent_function functions[3];        // f, g, h as ONNX numbers them
  const float *_Nullable x;                  // [T, N, I], or with `tokens` [V, I]; NULL only with `token_gates`
  const int64_t *_Nullable tokens;           // [T, N], 0..<V: X is row tokens[t, n] of x; what has V rows is then computed once for each of V
  int64_t vocabulary;                        // V, with `tokens`
  const float *_Nullable token_gates;        // [V, G H], from ck_f32_recurrent_token_gates; NULL: made by the call
  const float *_Nullable w;                  // [G H, I]; may be NULL with `w_packed` or `token_gates`
  const float *_Nullable r;                  // [G H, H]; may be NULL with `r_packed`
  const float *_Nullable w_packed;           // from ck_f32_recurrent_pack_w, at the same ISA level; NULL: packed where that pays
  const float *_Nullable r_packed;           // from ck_f32_recurrent_pack_r
  const float *_Nullable bias;               // [2 G H]: of W, then of R
  const float *_Nullable initial_h;          // [N, H]; NULL: zeros
} ck_recurrent;

/// The cells.
typedef enum ck_recurrent_cell { CK_RECURRENT_RNN, CK_RECURRENT_GRU, CK_RECURRENT_LSTM } ck_recurrent_cell;

/// Floats that the packed forms of W and R take.
int64_t ck_f32_recurrent_packed_w_count(ck_recurrent_cell cell, int64_t i, int64_t h);
int64_t ck_f32_recurrent_packed_r_count(ck_recurrent_cell cell, int64_t h);
/// Packs weights that do not change, once for many calls. `packed` is 64-byte aligned.
void ck_f32_recurrent_pack_w(ck_recurrent_cell cell, int64_t i, int64_t h, const float *w, float *packed);
void ck_f32_recurrent_pack_r(ck_recurrent_cell cell, int64_t h, const float *r, float *packed);
/// The way back, at the same ISA level.
void ck_f32_recurrent_unpack_w(ck_recurrent_cell cell, int64_t i, int64_t h, const float *packed, float *w);
void ck_f32_recurrent_unpack_r(ck_recurrent_cell cell, int64_t h, const float *packed, float *r);

/// What x W and the biases are for each row of a table x [V, I] that tokens choose from, once for many calls. `resets_after_product` as in
/// ck_gru.
void ck_f32_recurrent_token_gates(ck_recurrent_cell cell, bool resets_after_product, int64_t vocabulary, int64_t i, int64_t h,
                                  const float *x, const float *w, const float *_Nullable bias, float *gates);

/// i, o, f = f(x W + h R + P c + B), c~ = g(x W + h R + B), c' = f c + i c~, h' = o h(c') (o sees c' through its peephole).
typedef struct ck_lstm {
  ck_recurrent shape;
  const float *_Nullable initial_c;  // [N, H]; NULL: zeros
  const float *_Nullable peepholes;  // [3 H]: i, o, f
  float *_Nullable y;                // [T, D, N, H]; zero from a row's length on
  float *_Nullable y_h;              // [N, H]
  float *_Nullable y_c;              // [N, H]
  float *_Nullable reserve;          // [T, D, N, 5 H]: i, o, f, c~, c', for the gradient; zero from a row's length on
} ck_lstm;

void ck_f32_lstm(const ck_lstm *lstm, ck_pool *_Nullable pool);

/// z, r = f(x W + h R + B), h' = (1 - z) h~ + z h with h~ = g(x W + (r h) R + B), or g(x W + B + r (h R + B)) with `resets_after_product`.
typedef struct ck_gru {
  ck_recurrent shape;
  bool resets_after_product;
  float *_Nullable y;        // as above
  float *_Nullable y_h;
  float *_Nullable reserve;  // [T, D, N, 4 H]: z, r, h~, then h R + B of the candidate, or r h
} ck_gru;

void ck_f32_gru(const ck_gru *gru, ck_pool *_Nullable pool);

/// h' = f(x W + h R + B).
typedef struct ck_rnn {
  ck_recurrent shape;
  float *y;  // required here: the pre-activations lie in it first
  float *_Nullable y_h;
} ck_rnn;

void ck_f32_rnn(const ck_rnn *rnn, ck_pool *_Nullable pool);

/// What the gradients have in common. Results that are NULL are not computed.
typedef struct ck_recurrent_gradient {
  ck_recurrent shape;         // w_packed and r_packed are not read
  const float *y;             // [T, D, N, H]
  const float *_Nullable dy;  // [T, D, N, H]; NULL: zeros
  const float *_Nullable dy_h;
  float *gates;               // working memory, ck_f32_recurrent_gradient_count floats
  float *_Nullable dx;        // [T, N, I], or with tokens [V, I]
  bool adds_to_dx;            // the second direction adds to what the first has left
  float *_Nullable dw;        // [G H, I]
  float *_Nullable dr;        // [G H, H]
  float *_Nullable db;        // [2 G H]
  float *_Nullable dinitial_h;
} ck_recurrent_gradient;

/// Floats of `gates`.
int64_t ck_f32_recurrent_gradient_count(ck_recurrent_cell cell, int64_t t, int64_t n, int64_t h);

typedef struct ck_lstm_gradient {
  ck_recurrent_gradient shared;
  const float *reserve;
  const float *_Nullable initial_c;
  const float *_Nullable peepholes;
  const float *_Nullable dy_c;
  float *_Nullable dinitial_c;
  float *_Nullable dp;  // [3 H]
} ck_lstm_gradient;

void ck_f32_lstm_gradient(const ck_lstm_gradient *gradient, ck_pool *_Nullable pool);

typedef struct ck_gru_gradient {
  ck_recurrent_gradient shared;
  bool resets_after_product;
  const float *reserve;
} ck_gru_gradient;

void ck_f32_gru_gradient(const ck_gru_gradient *gradient, ck_pool *_Nullable pool);

void ck_f32_rnn_gradient(const ck_recurrent_gradient *gradient, ck_pool *_Nullable pool);

#pragma clang assume_nonnull end

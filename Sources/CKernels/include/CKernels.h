/// Martlet's compute kernels: C templates compiled once per instruction set, chosen when the process starts.
///
/// Shape letters: N batch, C channels, H height, W width, K kernel taps, M rows, D features.
/// All pointers are non-null unless marked `_Nullable`; all sizes are element counts; nothing here allocates in
/// steady state (packing buffers belong to each thread and are made once).
#pragma once

#include "ck_cpu.h"
#include "ck_pool.h"
#include "ck_gemm.h"
#include "ck_conv.h"
#include "ck_pooling.h"
#include "ck_elementwise.h"
#include "ck_reduce.h"
#include "ck_norm.h"
#include "ck_move.h"
#include "ck_optimizer.h"
#include "ck_random.h"
#include "ck_recurrent.h"
#include "ck_json.h"
#include "ck_scratch.h"

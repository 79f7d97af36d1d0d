// The loops of comparison and selection; broadcast.c applies them.
#include "kernels.h"

#define CK_TEMPLATE "../elementwise/compare.inc"
#include "../simd/each_isa.h"
#include "../simd/dispatch.h"

CK_DEFINE_TABLES(ck_compare_table);

const ck_compare_table *ck_compare_kernels(void) { return tables[ck_isa_current()]; }

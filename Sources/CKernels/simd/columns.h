// Groups of VL short rows turned into columns, so that each lane works on a row of its own; a template includes it once, after
// tail.h and transpose.h.
//
// One row alone would leave most lanes idle and wait for every fold of its lanes. A row's result depends on nothing but the row.
#ifndef CK_SHORT_ROW
#define CK_SHORT_ROW
enum { SHORT_ROW = 48 };  // longest row that is worth turning: from 64 on, a row by itself is as fast, and kinder to memory
#endif

#define column_buffer NAME(ck_column_buffer)
#define load_columns NAME(ck_load_columns)
#define store_columns NAME(ck_store_columns)
#define store_lanes NAME(ck_store_lanes)

typedef vf column_buffer[SHORT_ROW + VL];

#define COLUMN_FUNCTION static inline __attribute__((always_inline, unused))

// Number of rows in the group that begins at `row`.
#define GROUP_ROWS(row, rows) ((rows) - (row) < VL ? (rows) - (row) : VL)

// column[j] gets element j of the `group` rows at x, 0 in the other lanes. Nothing from `end` on is read.
COLUMN_FUNCTION void load_columns(int64_t group, int64_t columns, const float *x, const float *end, vf *column) {
  for (int64_t j = 0; j < columns; j += VL) {
    vf rows[VL];
    if (end - (x + (VL - 1) * columns + j) >= VL) {
#pragma clang loop unroll(full)
      for (int lane = 0; lane < VL; lane++) rows[lane] = vf_load(x + lane * columns + j);
    } else {
      float staged[VL][VL] = {0};
      for (int lane = 0; lane < group; lane++) {
        const float *from = x + lane * columns + j;
        __builtin_memcpy(staged[lane], from, sizeof *from * (size_t)(end - from < VL ? end - from : VL));
      }
#pragma clang loop unroll(full)
      for (int lane = 0; lane < VL; lane++) rows[lane] = vf_load(staged[lane]);
    }
    vf_transpose(rows);
#pragma clang loop unroll(full)
    for (int lane = 0; lane < VL; lane++) column[j + lane] = rows[lane];
  }
}

// The opposite. A row's last vector may reach into the row after it, whose beginning is written later, but not beyond the group.
COLUMN_FUNCTION void store_columns(int64_t group, int64_t columns, const vf *column, float *y) {
  const float *end = y + group * columns;
  for (int64_t j = (columns - 1) / VL * VL; j >= 0; j -= VL) {
    vf rows[VL];
#pragma clang loop unroll(full)
    for (int lane = 0; lane < VL; lane++) rows[lane] = column[j + lane];
    vf_transpose(rows);
#pragma clang loop unroll(full)
    for (int lane = 0; lane < VL; lane++) {
      float *to = y + lane * columns + j;
      if (lane >= group) continue;
      if (end - to >= VL) {
        vf_store(to, rows[lane]);
      } else {
        vf_store_part(to, rows[lane], end - to);
      }
    }
  }
}

// One result for each row of a group.
COLUMN_FUNCTION void store_lanes(int64_t group, vf v, float *y) {
  if (group == VL) {
    vf_store(y, v);
  } else {
    vf_store_part(y, v, group);
  }
}

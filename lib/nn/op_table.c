#include "nn/ops.h"

const pm_op *pm_op_in_double(const pm_op *op) {
  static const pm_op *const twins[][2] = {
#define X(name) {&pm_op_##name##_float, &pm_op_##name##_double},
#include "nn/ops.def"
#undef X
  };
  for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
    if (twins[i][0] == op)
      return twins[i][1];
  return NULL;
}

void pm_record(pm_graph *g, pm_value *log, pm_value *row, pm_value *const *scalars, int n) {
  pm_value *in[PM_MAX_IN] = {[PM_RECORD_LOG] = log, [PM_RECORD_ROW] = row};
  assert(PM_RECORD_SCALARS + n <= PM_MAX_IN);
  for (int k = 0; k < n; k++)
    in[PM_RECORD_SCALARS + k] = scalars[k];
  pm_apply(g, &pm_op_record_float, in, PM_RECORD_SCALARS + n, NULL, 0);
}

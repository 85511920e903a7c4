/* Sums of a learned table's rows, which a list for each sum names: what a product with a multi-hot vector gives,
 * without the zeros. A list ends at -1 or where its room does. */
#include "nn/ops/draws.h"
#include "nn/ops/elementwise.h"

static void embedding_sum_infer(pm_graph *g, pm_node *node) {
  const pm_value *table = node->in[PM_EMBEDDING_SUM_TABLE], *list = node->in[PM_EMBEDDING_SUM_LIST];
  pm_shape shape = list->shape;
  assert(table->shape.rank == 2 && list->dtype == PM_I32 && shape.rank >= 2);
  shape.dim[shape.rank - 1] = pm_columns(table);
  node->out[0] = pm_new_value(g, PM_F32, shape);
  node->outs = 1;
}

static void embedding_sum_gradient(pm_graph *g, const pm_node *node, pm_value *const *dout, pm_value **din) {
  din[PM_EMBEDDING_SUM_TABLE] = PM_APPLY(g, embedding_sum_grad, NULL, 0, node->in[PM_EMBEDDING_SUM_TABLE],
                                         node->in[PM_EMBEDDING_SUM_LIST], dout[0]);
}

static void embedding_sum_reference(const pm_call *call) {
  size_t D = pm_columns(call->node->in[PM_EMBEDDING_SUM_TABLE]), rows = pm_rows(call->node->in[PM_EMBEDDING_SUM_LIST]),
         room = pm_columns(call->node->in[PM_EMBEDDING_SUM_LIST]);
  const real *table = call->in[PM_EMBEDDING_SUM_TABLE];
  const int32_t *list = call->in[PM_EMBEDDING_SUM_LIST];
  for (size_t r = 0; r < rows; r++) {
    real *y = (real *)call->out[0] + r * D;
    for (size_t d = 0; d < D; d++)
      y[d] = 0;
    for (size_t i = 0; i < room && list[r * room + i] >= 0; i++) {
      assert((size_t)list[r * room + i] < pm_rows(call->node->in[PM_EMBEDDING_SUM_TABLE]));
      for (size_t d = 0; d < D; d++)
        y[d] += table[(size_t)list[r * room + i] * D + d];
    }
  }
}

static void embedding_sum_grad_infer(pm_graph *g, pm_node *node) {
  node->out[0] = pm_new_value(g, PM_F32, node->in[PM_EMBEDDING_SUM_GRAD_TABLE]->shape);
  node->outs = 1;
}

static void embedding_sum_grad_reference(const pm_call *call) {
  size_t D = pm_columns(call->node->in[PM_EMBEDDING_SUM_GRAD_TABLE]),
         rows = pm_rows(call->node->in[PM_EMBEDDING_SUM_GRAD_LIST]),
         room = pm_columns(call->node->in[PM_EMBEDDING_SUM_GRAD_LIST]);
  const int32_t *list = call->in[PM_EMBEDDING_SUM_GRAD_LIST];
  const real *dy = call->in[PM_EMBEDDING_SUM_GRAD_DY];
  real *dtable = call->out[0];
  for (size_t i = 0, n = pm_count(call->node->out[0]); i < n; i++)
    dtable[i] = 0;
  for (size_t r = 0; r < rows; r++)
    for (size_t i = 0; i < room && list[r * room + i] >= 0; i++)
      for (size_t d = 0; d < D; d++)
        dtable[(size_t)list[r * room + i] * D + d] += dy[r * D + d];
}

static void drop_listed_infer(pm_graph *g, pm_node *node) {
  const pm_value *list = node->in[PM_DROP_LISTED_LIST];
  const pm_dropout_attributes *a = node->attributes;
  assert(a->p >= 0 && a->p < 1 && list->dtype == PM_I32);
  (void)a;
  node->out[0] = pm_new_value(g, PM_I32, list->shape);
  node->outs = 1;
}

/* Entry e of a slot, those behind the ends of its lists counted, too, is kept where dropout would keep that element. */
static void drop_listed_reference(const pm_call *call) {
  const pm_dropout_attributes *a = call->node->attributes;
  const pm_value *lists = call->node->in[PM_DROP_LISTED_LIST];
  const draw_source d = draw_source_of(call, PM_DROP_LISTED_DRAWS);
  const size_t room = pm_columns(lists), each = pm_rows(lists) / lists->shape.dim[0];
  for (size_t r = 0; r < pm_rows(lists); r++) {
    const int32_t *from = (const int32_t *)call->in[PM_DROP_LISTED_LIST] + r * room;
    int32_t *to = (int32_t *)call->out[0] + r * room;
    size_t kept = 0;
    for (size_t i = 0; i < room && from[i] >= 0; i++)
      if (draw_keeps(&d, a->purpose, draw_slot(&d, r / each), r % each * room + i, a->p))
        to[kept++] = from[i];
    for (; kept < room; kept++)
      to[kept] = -1;
  }
}

const pm_op PM_OP(embedding_sum) = {
    "embedding_sum", embedding_sum_infer, embedding_sum_gradient, embedding_sum_reference, 0, NULL};
const pm_op PM_OP(embedding_sum_grad) = {
    "embedding_sum_grad", embedding_sum_grad_infer, NULL, embedding_sum_grad_reference, 0, NULL};
const pm_op PM_OP(drop_listed) = {"drop_listed", drop_listed_infer, NULL, drop_listed_reference, 0, NULL};

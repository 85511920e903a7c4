#include "backend/cuda/cublas.h"

#include "backend/cuda/device.h"
#include "backend/planner.h"
#include "nn/ops.h"

#include <cublasLt.h>
#include <stdio.h>
#include <string.h>

enum { MOST_WORKSPACE = 32 << 20 /* bytes */ };

static cublasLtHandle_t blas;

typedef enum { FLOAT, TF32, BF16 } blas_math;

/* One product, in the library's words: column-major matrices, of which ours are the transposed ones. */
typedef struct {
  cublasLtMatmulDesc_t how;
  cublasLtMatrixLayout_t a, b, c;
  cublasLtMatmulAlgo_t algorithm;
  size_t workspace;
  int a_is, b_is; /* which inputs */
  bool bias;
} blas_plan;

int pm_cublas_open(char *why, size_t size) {
  cublasStatus_t status;
  if (!blas && (status = cublasLtCreate(&blas)))
    return snprintf(why, size, "cuBLASLt cannot be used: %s", cublasLtGetStatusString(status));
  return 0;
}

const char *pm_cublas_version(void) {
  static char text[32];
  const size_t v = cublasLtGetVersion();
  snprintf(text, sizeof text, "%zu.%zu.%zu", v / 10000, v / 100 % 100, v % 100);
  return text;
}

static void destroy_plan(void *of) {
  blas_plan *p = of;
  cublasLtMatrixLayoutDestroy(p->a);
  cublasLtMatrixLayoutDestroy(p->b);
  cublasLtMatrixLayoutDestroy(p->c);
  cublasLtMatmulDescDestroy(p->how);
}

/* What a node multiplies: C[m,n] = op(A) op(B), all column-major, k the length of the sum. */
typedef struct {
  cublasOperation_t a_op, b_op;
  uint64_t m, n, k, a_rows, a_columns, b_rows, b_columns;
  int a_is, b_is;
} blas_product;

/* y^T[O,R] = w[O,I] x^T[I,R], dx^T[I,R] = w^T[I,O] dy^T[O,R], dw^T[I,O] = x^T[I,R] dy[R,O]. */
static blas_product product_of(const pm_node *node) {
  const bool forward = node->op == &pm_op_linear_float, weight = node->op == &pm_op_linear_grad_weight_float;
  const pm_value *one = node->in[0], *other = node->in[1];
  const uint64_t R = pm_rows(one), first = pm_columns(one), second = pm_columns(other);
  if (weight) /* x[R,I], dy[R,O] */
    return (blas_product){CUBLAS_OP_N, CUBLAS_OP_T, first, second, R, first, R, second, R, 0, 1};
  if (forward) { /* x[R,I], w[O,I] */
    const uint64_t O = other->shape.dim[0];
    return (blas_product){CUBLAS_OP_T, CUBLAS_OP_N, O, R, first, first, O, first, R, 1, 0};
  }
  /* dy[R,O], w[O,I] */
  return (blas_product){CUBLAS_OP_N, CUBLAS_OP_N, second, R, first, second, first, first, R, 1, 0};
}

/* Otherwise the library takes all matrices for aligned to 256 bytes. */
static bool say_alignment(cublasLtMatmulPreference_t preference) {
  static const cublasLtMatmulPreferenceAttributes_t matrices[] = {
      CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
      CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES};
  const uint32_t bytes = PM_OPERAND_ALIGNMENT;
  bool said = true;
  for (size_t k = 0; k < sizeof matrices / sizeof *matrices; k++)
    said = said && !cublasLtMatmulPreferenceSetAttribute(preference, matrices[k], &bytes, sizeof bytes);
  return said;
}

/* The library's first choice within the workspace. Parts of a long sum are added in a fixed order: the scheme that adds
 * them in place is left out. */
static bool choose(blas_plan *p) {
  cublasLtMatmulPreference_t preference = NULL;
  cublasLtMatmulHeuristicResult_t result;
  const size_t most = MOST_WORKSPACE;
  const uint32_t schemes = CUBLASLT_REDUCTION_SCHEME_NONE | CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
  int found = 0;
  bool chosen =
      !cublasLtMatmulPreferenceCreate(&preference) &&
      !cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most, sizeof most) &&
      !cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &schemes,
                                            sizeof schemes) &&
      say_alignment(preference) &&
      !cublasLtMatmulAlgoGetHeuristic(blas, p->how, p->a, p->b, p->c, p->c, preference, 1, &result, &found) && found;
  cublasLtMatmulPreferenceDestroy(preference);
  if (chosen) {
    p->algorithm = result.algo;
    p->workspace = result.workspaceSize;
  }
  return chosen;
}

/* NULL if the library has nothing for it. */
static blas_plan *prepare(pm_arena *arena, const pm_node *node, blas_math math) {
  const blas_product s = product_of(node);
  const cudaDataType_t type = math == BF16 ? CUDA_R_16BF : CUDA_R_32F;
  const cublasComputeType_t compute = math == TF32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  blas_plan *p = pm_alloc(arena, 1, sizeof *p);
  pm_arena_defer(arena, destroy_plan, p);
  p->a_is = s.a_is;
  p->b_is = s.b_is;
  p->bias = node->op == &pm_op_linear_float && node->in[PM_LINEAR_B];
  const cublasLtEpilogue_t epilogue = p->bias ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT;
  const bool made =
      !cublasLtMatmulDescCreate(&p->how, compute, CUDA_R_32F) &&
      !cublasLtMatmulDescSetAttribute(p->how, CUBLASLT_MATMUL_DESC_TRANSA, &s.a_op, sizeof s.a_op) &&
      !cublasLtMatmulDescSetAttribute(p->how, CUBLASLT_MATMUL_DESC_TRANSB, &s.b_op, sizeof s.b_op) &&
      !cublasLtMatmulDescSetAttribute(p->how, CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue, sizeof epilogue) &&
      !cublasLtMatrixLayoutCreate(&p->a, type, s.a_rows, s.a_columns, (int64_t)s.a_rows) &&
      !cublasLtMatrixLayoutCreate(&p->b, type, s.b_rows, s.b_columns, (int64_t)s.b_rows) &&
      !cublasLtMatrixLayoutCreate(&p->c, CUDA_R_32F, s.m, s.n, (int64_t)s.m);
  return made && choose(p) ? p : NULL;
}

static bool lower_product(pm_lowered *l, const pm_node *node, const pm_implementation *self, blas_math math) {
  const pm_form form = math == BF16 ? PM_BF16 : PM_PLAIN;
  for (int k = 0; k < 2; k++)
    if (!pm_lower_has_form(l, node->in[k], form))
      return false;
  blas_plan *plan = prepare(l->arena, node, math);
  if (!plan)
    return false;
  pm_operand *in[PM_MAX_IN] = {NULL};
  for (int k = 0; k < node->ins; k++)
    in[k] = pm_lower_operand(l, node->in[k], k < 2 ? form : PM_PLAIN);
  pm_step step = pm_lower_step(l, node, self);
  step.prepared = plan;
  step.ins = node->ins;
  step.outs = 1;
  memcpy(step.in, in, sizeof in);
  step.out[0] = pm_lower_operand(l, node->out[0], PM_PLAIN);
  if (plan->workspace)
    step.workspace = pm_lower_workspace(l, plan->workspace);
  pm_lower_append(l, step);
  return true;
}

bool pm_cublas_lower(pm_lowered *l, const pm_node *node, const pm_implementation *self) {
  return lower_product(l, node, self, FLOAT);
}
bool pm_cublas_lower_tf32(pm_lowered *l, const pm_node *node, const pm_implementation *self) {
  return lower_product(l, node, self, TF32);
}
bool pm_cublas_lower_bf16(pm_lowered *l, const pm_node *node, const pm_implementation *self) {
  return lower_product(l, node, self, BF16);
}

void pm_cublas_run(const pm_call *call) {
  const blas_plan *p = call->prepared;
  const float one = 1, zero = 0;
  cublasStatus_t status = CUBLAS_STATUS_SUCCESS;
  if (p->bias)
    status = cublasLtMatmulDescSetAttribute(p->how, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &call->in[PM_LINEAR_B],
                                            sizeof call->in[PM_LINEAR_B]);
  if (!status)
    status = cublasLtMatmul(blas, p->how, &one, call->in[p->a_is], p->a, call->in[p->b_is], p->b, &zero, call->out[0],
                            p->c, call->out[0], p->c, &p->algorithm, call->workspace, p->workspace, pm_cuda_queue());
  if (status)
    pm_fail(PM_FAILED, NULL, "cuBLASLt failed: %s", cublasLtGetStatusString(status));
}

#include "backend/cuda/cudnn.h"

#include "backend/cuda/device.h"
#include "backend/cuda/kernels.h"
#include "nn/ops/conv2d.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef cudnnBackendDescriptor_t descriptor;

/* What cuDNN knows the tensors by. */
enum { X = 'x', W = 'w', Y = 'y', B = 'b', Z = 'z' };

static cudnnHandle_t cudnn;

/* ---- descriptors; a search for a plan collects its own and destroys them at its end ---- */

enum { MOST_DESCRIPTORS = 32, MOST_CONFIGS = 128 };

typedef struct {
  descriptor made[MOST_DESCRIPTORS];
  int n;
  bool failed; /* what cuDNN refused: there is no such plan */
} search;

static descriptor make(search *s, cudnnBackendDescriptorType_t type) {
  descriptor d = NULL;
  assert(s->n < MOST_DESCRIPTORS);
  s->failed |= cudnnBackendCreateDescriptor(type, &d) != CUDNN_STATUS_SUCCESS;
  s->made[s->n++] = d;
  return d;
}

static void set(search *s, descriptor d, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                int64_t count, const void *items) {
  s->failed = s->failed || cudnnBackendSetAttribute(d, name, type, count, items) != CUDNN_STATUS_SUCCESS;
}

static void finalise(search *s, descriptor d) {
  s->failed = s->failed || cudnnBackendFinalize(d) != CUDNN_STATUS_SUCCESS;
}

static void destroy_all(search *s) {
  for (int i = 0; i < s->n; i++)
    if (s->made[i])
      cudnnBackendDestroyDescriptor(s->made[i]);
}

/* Dimensions n, c, h, w of a tensor whose channels lie side by side. */
static descriptor tensor(search *s, int64_t id, cudnnDataType_t type, const int64_t dim[4], bool between) {
  const int64_t stride[4] = {dim[1] * dim[2] * dim[3], 1, dim[3] * dim[1], dim[1]}, alignment = 16;
  descriptor d = make(s, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  set(s, d, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
  set(s, d, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, dim);
  set(s, d, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, stride);
  set(s, d, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &id);
  set(s, d, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
  set(s, d, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &between);
  finalise(s, d);
  return d;
}

static descriptor geometry(search *s, const pm_cudnn_problem *p) {
  const cudnnDataType_t compute = CUDNN_DATA_FLOAT;
  const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
  const int64_t dims = 2, stride[2] = {p->stride, p->stride}, padding[2] = {p->padding, p->padding},
                dilation[2] = {1, 1};
  descriptor d = make(s, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  set(s, d, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &dims);
  set(s, d, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &compute);
  set(s, d, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
  set(s, d, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, stride);
  set(s, d, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, padding);
  set(s, d, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, padding);
  set(s, d, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, dilation);
  finalise(s, d);
  return d;
}

/* Of each kind: the operation, and the names of its x, w, y, geometry, alpha and beta. */
static const struct {
  cudnnBackendDescriptorType_t type;
  cudnnBackendAttributeName_t x, w, y, geometry, alpha, beta;
} operations[] = {
    [PM_CUDNN_FORWARD] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA},
    [PM_CUDNN_GRAD_INPUT] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA},
    [PM_CUDNN_GRAD_WEIGHT] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
                              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
                              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
                              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
                              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
                              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
                              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA},
};

static descriptor convolution(search *s, const pm_cudnn_problem *p) {
  const int64_t x_dim[4] = {p->n, p->i, p->h, p->w}, w_dim[4] = {p->o, p->i, p->kh, p->kw},
                y_dim[4] = {p->n, p->o, p->oh, p->ow};
  const cudnnDataType_t operand = p->math == PM_CUDNN_BF16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
  const cudnnDataType_t result = p->math == PM_CUDNN_BF16 && !p->bias ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
  const pm_cudnn_kind k = p->kind;
  const float one = 1, zero = 0;
  descriptor x = tensor(s, X, k == PM_CUDNN_GRAD_INPUT ? result : operand, x_dim, false);
  descriptor w = tensor(s, W, k == PM_CUDNN_GRAD_WEIGHT ? result : operand, w_dim, false);
  descriptor y = tensor(s, Y, k == PM_CUDNN_FORWARD ? result : operand, y_dim, p->bias);
  descriptor shape = geometry(s, p), d = make(s, operations[k].type);
  set(s, d, operations[k].x, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &x);
  set(s, d, operations[k].w, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &w);
  set(s, d, operations[k].y, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &y);
  set(s, d, operations[k].geometry, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &shape);
  set(s, d, operations[k].alpha, CUDNN_TYPE_FLOAT, 1, &one);
  set(s, d, operations[k].beta, CUDNN_TYPE_FLOAT, 1, &zero);
  finalise(s, d);
  return d;
}

/* z = y + bias, behind a convolution whose y is never written. */
static descriptor bias_behind(search *s, const pm_cudnn_problem *p) {
  const int64_t y_dim[4] = {p->n, p->o, p->oh, p->ow}, b_dim[4] = {1, p->o, 1, 1};
  const cudnnPointwiseMode_t mode = CUDNN_POINTWISE_ADD;
  const cudnnDataType_t compute = CUDNN_DATA_FLOAT;
  descriptor y = tensor(s, Y, CUDNN_DATA_FLOAT, y_dim, true), b = tensor(s, B, CUDNN_DATA_FLOAT, b_dim, false),
             z = tensor(s, Z, p->math == PM_CUDNN_BF16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT, y_dim, false),
             sum = make(s, CUDNN_BACKEND_POINTWISE_DESCRIPTOR),
             d = make(s, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
  set(s, sum, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
  set(s, sum, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &compute);
  finalise(s, sum);
  set(s, d, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &sum);
  set(s, d, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &y);
  set(s, d, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &b);
  set(s, d, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &z);
  finalise(s, d);
  return d;
}

/* ---- which plans are allowed ---- */

/* Never one that adds in an order that changes. In float, none that rounds operands or transforms them. */
static bool note_is_allowed(cudnnBackendNumericalNote_t note, pm_cudnn_math math) {
  switch (note) {
  case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC:
  case CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION:
  case CUDNN_NUMERICAL_NOTE_FFT:
  case CUDNN_NUMERICAL_NOTE_WINOGRAD:
  case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4:
  case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6:
  case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13:
  case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS:
    return false;
  case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
    return math != PM_CUDNN_FLOAT;
  default:
    return true;
  }
}

static bool config_is_allowed(descriptor config, pm_cudnn_math math, int64_t *number) {
  descriptor engine = NULL;
  int64_t n = 0, notes = 0;
  cudnnBackendNumericalNote_t note[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
  bool allowed = cudnnBackendCreateDescriptor(CUDNN_BACKEND_ENGINE_DESCRIPTOR, &engine) == CUDNN_STATUS_SUCCESS &&
                 cudnnBackendGetAttribute(config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &n,
                                          &engine) == CUDNN_STATUS_SUCCESS &&
                 cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                          CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &notes, note) == CUDNN_STATUS_SUCCESS;
  for (int64_t i = 0; allowed && i < notes && i < CUDNN_NUMERICAL_NOTE_TYPE_COUNT; i++)
    allowed = note_is_allowed(note[i], math);
  cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &n, number);
  cudnnBackendDestroyDescriptor(engine);
  return allowed;
}

/* A finalised plan of the configuration within the workspace, or NULL. */
static descriptor plan_of(descriptor config, cudnnHandle_t handle, descriptor device, int64_t *workspace) {
  descriptor plan = NULL;
  int64_t n = 0;
  *workspace = 0;
  if (cudnnBackendCreateDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, &plan) != CUDNN_STATUS_SUCCESS)
    return NULL;
  cudnnStatus_t status = cudnnBackendSetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG,
                                                  CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &config);
  if (!status && handle)
    status = cudnnBackendSetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle);
  if (!status && device)
    status =
        cudnnBackendSetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &device);
  if (!status)
    status = cudnnBackendFinalize(plan);
  if (!status)
    status =
        cudnnBackendGetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &n, workspace);
  if (!status && *workspace <= PM_CUDNN_MOST_WORKSPACE)
    return plan;
  cudnnBackendDestroyDescriptor(plan);
  return NULL;
}

/* Tries the configurations that a heuristic proposes, in its order. */
static bool try_heuristic(search *s, descriptor graph, cudnnBackendHeurMode_t mode, cudnnHandle_t handle,
                          descriptor device, pm_cudnn_plan *found) {
  descriptor heuristic = make(s, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR), config[MOST_CONFIGS] = {NULL};
  int64_t count = 0;
  set(s, heuristic, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &graph);
  set(s, heuristic, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
  if (device)
    set(s, heuristic, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &device);
  finalise(s, heuristic);
  if (s->failed)
    return false;
  for (int i = 0; i < MOST_CONFIGS; i++)
    cudnnBackendCreateDescriptor(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, &config[i]);
  cudnnBackendGetAttribute(heuristic, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, MOST_CONFIGS,
                           &count, config);
  for (int64_t i = 0; !found->plan && i < count && i < MOST_CONFIGS; i++)
    if (config_is_allowed(config[i], found->problem.math, &found->engine))
      found->plan = plan_of(config[i], handle, device, &found->workspace);
  for (int i = 0; i < MOST_CONFIGS; i++)
    cudnnBackendDestroyDescriptor(config[i]);
  return found->plan != NULL;
}

bool pm_cudnn_find_plan(const pm_cudnn_problem *problem, cudnnHandle_t handle, cudnnBackendDescriptor_t device,
                        pm_cudnn_plan *plan) {
  search s = {.n = 0};
  *plan = (pm_cudnn_plan){.problem = *problem, .engine = -1};
  descriptor operation[2] = {convolution(&s, problem), NULL};
  if (problem->bias)
    operation[1] = bias_behind(&s, problem);
  descriptor graph = make(&s, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  set(&s, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1 + problem->bias, operation);
  if (handle)
    set(&s, graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle);
  finalise(&s, graph);
  const bool found = !s.failed && (try_heuristic(&s, graph, CUDNN_HEUR_MODE_A, handle, device, plan) ||
                                   try_heuristic(&s, graph, CUDNN_HEUR_MODE_FALLBACK, handle, device, plan));
  destroy_all(&s);
  return found;
}

/* ---- steps ---- */

int pm_cudnn_open(char *why, size_t size) {
  cudnnStatus_t status;
  if (cudnn)
    return 0;
  if (cudnnGetVersion() < CUDNN_VERSION)
    return snprintf(why, size, "cuDNN %zu is older than %d, with which the plugin was built", cudnnGetVersion(),
                    CUDNN_VERSION);
  if ((status = cudnnCreate(&cudnn)) || (status = cudnnSetStream(cudnn, pm_cuda_queue())))
    return snprintf(why, size, "cuDNN cannot be used: %s", cudnnGetErrorString(status));
  return 0;
}

/* Plans are found once for each problem, and live as long as the process. */
typedef struct known_plan {
  pm_cudnn_plan plan;
  struct known_plan *next;
} known_plan;

/* NULL if there is none. */
static const pm_cudnn_plan *plan_for(const pm_cudnn_problem *problem) {
  static known_plan *first;
  known_plan *known = first;
  while (known && memcmp(&known->plan.problem, problem, sizeof *problem))
    known = known->next;
  if (!known) {
    if (!(known = calloc(1, sizeof *known)))
      pm_fail(PM_FAILED, NULL, "out of memory: a plan of cuDNN's");
    pm_cudnn_find_plan(problem, cudnn, NULL, &known->plan);
    memcpy(&known->plan.problem, problem, sizeof *problem); /* padding, too, for the comparison */
    known->next = first;
    first = known;
  }
  return known->plan.plan ? &known->plan : NULL;
}

static pm_cudnn_kind kind_of(const pm_op *op) {
  return op == &pm_op_conv2d_float              ? PM_CUDNN_FORWARD
         : op == &pm_op_conv2d_grad_input_float ? PM_CUDNN_GRAD_INPUT
                                                : PM_CUDNN_GRAD_WEIGHT;
}

static_assert((int)PM_CONV2D_W == (int)PM_CONV2D_GRAD_INPUT_W, "weight_of takes both");
static int weight_of(pm_cudnn_kind kind) {
  return kind == PM_CUDNN_GRAD_WEIGHT ? (int)PM_CONV2D_GRAD_WEIGHT_W : (int)PM_CONV2D_W;
}

pm_cudnn_problem pm_cudnn_problem_of(const pm_node *node, pm_cudnn_math math) {
  const pm_cudnn_kind kind = kind_of(node->op);
  const conv2d_sizes c = conv2d_sizes_of(node, node->in[weight_of(kind)]);
  pm_cudnn_problem p;
  memset(&p, 0, sizeof p);
  p.n = (int64_t)c.n, p.h = (int64_t)c.h, p.w = (int64_t)c.w, p.i = (int64_t)c.i;
  p.oh = (int64_t)c.oh, p.ow = (int64_t)c.ow, p.o = (int64_t)c.o, p.kh = (int64_t)c.kh, p.kw = (int64_t)c.kw;
  p.stride = (int64_t)c.stride, p.padding = (int64_t)c.padding;
  p.kind = kind;
  p.math = math;
  p.bias = kind == PM_CUDNN_FORWARD && math != PM_CUDNN_BF16 && node->in[PM_CONV2D_B];
  return p;
}

/* Behind the plan's own workspace: the result as cuDNN writes it, where ours is another. */
static size_t own_workspace(const pm_cudnn_plan *plan) {
  return ((size_t)plan->workspace + 255) / 256 * 256;
}

static bool lower_convolution(pm_lowered *l, const pm_node *node, const pm_implementation *self, pm_cudnn_math math) {
  const pm_cudnn_kind kind = kind_of(node->op);
  const pm_form x = math == PM_CUDNN_BF16 ? PM_BF16 : PM_PLAIN, w = math == PM_CUDNN_BF16 ? PM_KRSC_BF16 : PM_KRSC;
  pm_form form[PM_MAX_IN] = {x, kind == PM_CUDNN_GRAD_WEIGHT ? x : w};
  pm_cudnn_problem problem = pm_cudnn_problem_of(node, math);
  const pm_cudnn_plan *plan = plan_for(&problem);
  if (!plan && problem.bias) {
    problem.bias = false; /* by a kernel of our own */
    plan = plan_for(&problem);
  }
  for (int k = 0; k < 2; k++)
    if (!pm_lower_has_form(l, node->in[k], form[k]))
      return false;
  if (!plan)
    return false;
  pm_operand *in[] = {pm_lower_operand(l, node->in[0], form[0]), pm_lower_operand(l, node->in[1], form[1]),
                      kind == PM_CUDNN_FORWARD ? pm_lower_operand(l, node->in[PM_CONV2D_B], PM_PLAIN) : NULL};
  pm_step step = pm_lower_step(l, node, self);
  step.name = pm_format(l->arena, "%s, cudnn %d", node->op->name, (int)plan->engine);
  step.prepared = plan;
  step.ins = kind == PM_CUDNN_FORWARD ? 3 : 2;
  step.outs = 1;
  memcpy(step.in, in, sizeof in);
  step.out[0] = pm_lower_operand(l, node->out[0], PM_PLAIN);
  const bool other = kind == PM_CUDNN_GRAD_WEIGHT || plan->problem.math == PM_CUDNN_BF16;
  step.workspace = pm_lower_workspace(l, own_workspace(plan) + (other ? pm_count(node->out[0]) * sizeof(float) : 1));
  pm_lower_append(l, step);
  return true;
}

bool pm_cudnn_lower(pm_lowered *l, const pm_node *node, const pm_implementation *self) {
  return lower_convolution(l, node, self, PM_CUDNN_FLOAT);
}
bool pm_cudnn_lower_tf32(pm_lowered *l, const pm_node *node, const pm_implementation *self) {
  return lower_convolution(l, node, self, PM_CUDNN_TF32);
}
bool pm_cudnn_lower_bf16(pm_lowered *l, const pm_node *node, const pm_implementation *self) {
  return lower_convolution(l, node, self, PM_CUDNN_BF16);
}

static void check(cudnnStatus_t status) {
  if (status)
    pm_fail(PM_FAILED, NULL, "cuDNN failed: %s", cudnnGetErrorString(status));
}

static void execute(const pm_cudnn_plan *plan, int64_t n, const int64_t *id, void *const *at, void *workspace) {
  descriptor pack;
  check(cudnnBackendCreateDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, &pack));
  check(cudnnBackendSetAttribute(pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, n, id));
  check(cudnnBackendSetAttribute(pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, n, at));
  check(cudnnBackendSetAttribute(pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace));
  check(cudnnBackendFinalize(pack));
  check(cudnnBackendExecute(cudnn, plan->plan, pack));
  check(cudnnBackendDestroyDescriptor(pack));
}

void pm_cudnn_run(const pm_call *call) {
  const pm_cudnn_plan *plan = call->prepared;
  const pm_cudnn_kind kind = plan->problem.kind;
  const bool apart = kind == PM_CUDNN_GRAD_WEIGHT || plan->problem.math == PM_CUDNN_BF16;
  void *first = (void *)call->in[0], *second = (void *)call->in[1], *bias = (void *)call->in[PM_CONV2D_B],
       *result = apart ? (char *)call->workspace + own_workspace(plan) : call->out[0];
  if (kind == PM_CUDNN_FORWARD && plan->problem.bias)
    execute(plan, 4, (const int64_t[]){X, W, B, Z}, (void *const[]){first, second, bias, result}, call->workspace);
  else if (kind == PM_CUDNN_FORWARD)
    execute(plan, 3, (const int64_t[]){X, W, Y}, (void *const[]){first, second, result}, call->workspace);
  else if (kind == PM_CUDNN_GRAD_INPUT)
    execute(plan, 3, (const int64_t[]){Y, W, X}, (void *const[]){first, second, result}, call->workspace);
  else
    execute(plan, 3, (const int64_t[]){X, Y, W}, (void *const[]){first, second, result}, call->workspace);
  if (kind == PM_CUDNN_GRAD_WEIGHT)
    pm_cuda_from_krsc(call, result, plan->problem.math == PM_CUDNN_BF16);
  else if (plan->problem.math == PM_CUDNN_BF16)
    pm_cuda_widen(call, result);
  if (kind == PM_CUDNN_FORWARD && !plan->problem.bias && bias)
    pm_cuda_add_to_rows(call, bias);
}

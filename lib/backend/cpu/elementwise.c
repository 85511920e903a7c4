/* Ops that work item by item: ranges of fixed length are the tasks. */
#include "backend/cpu/kernels.h"

#include "core/sizes.h"
#include "core/tasks.h"

typedef void (*range_work)(const pm_call *call, size_t from, size_t n);

typedef struct {
  const pm_call *call;
  range_work work;
  size_t items;
} ranges;

static void run_range(void *context, size_t task, void *scratch) {
  const ranges *r = context;
  size_t from = task * PM_RANGE, left = r->items - from;
  (void)scratch;
  r->work(r->call, from, pm_smaller(left, PM_RANGE));
}

static void all_ranges(const pm_call *call, range_work work) {
  ranges r = {call, work, pm_count(call->node->out[0])};
  pm_parallel_for(pm_pieces(r.items, PM_RANGE), 0, run_range, &r);
}

#define OUT ((float *)call->out[0] + from)
#define IN(k) ((const float *)call->in[k] + from)

static void add_range(const pm_call *call, size_t from, size_t n) {
  pm_vector_best()->add(OUT, IN(PM_ADD_A), IN(PM_ADD_B), n);
}
static void mul_range(const pm_call *call, size_t from, size_t n) {
  pm_vector_best()->mul(OUT, IN(PM_MUL_A), IN(PM_MUL_B), n);
}
static void relu_range(const pm_call *call, size_t from, size_t n) {
  pm_vector_best()->relu(OUT, IN(0), n);
}
static void relu_grad_range(const pm_call *call, size_t from, size_t n) {
  pm_vector_best()->relu_grad(OUT, IN(PM_RELU_GRAD_Y), IN(PM_RELU_GRAD_DY), n);
}
static void exp_range(const pm_call *call, size_t from, size_t n) {
  pm_vector_best()->exp(OUT, IN(0), n);
}
static void sigmoid_range(const pm_call *call, size_t from, size_t n) {
  pm_vector_best()->sigmoid(OUT, IN(0), n);
}
static void sigmoid_grad_range(const pm_call *call, size_t from, size_t n) {
  pm_vector_best()->sigmoid_grad(OUT, IN(PM_SIGMOID_GRAD_Y), IN(PM_SIGMOID_GRAD_DY), n);
}
static void silu_range(const pm_call *call, size_t from, size_t n) {
  pm_vector_best()->silu(OUT, IN(0), n);
}
static void silu_grad_range(const pm_call *call, size_t from, size_t n) {
  pm_vector_best()->silu_grad(OUT, IN(PM_SILU_GRAD_X), IN(PM_SILU_GRAD_DY), n);
}
static void gelu_range(const pm_call *call, size_t from, size_t n) {
  pm_vector_best()->gelu(OUT, IN(0), n);
}
static void gelu_grad_range(const pm_call *call, size_t from, size_t n) {
  pm_vector_best()->gelu_grad(OUT, IN(PM_GELU_GRAD_X), IN(PM_GELU_GRAD_DY), n);
}
static void fill_range(const pm_call *call, size_t from, size_t n) {
  const pm_fill_attributes *a = call->node->attributes;
  for (size_t i = 0; i < n; i++)
    OUT[i] = (float)a->number;
}
static void affine_range(const pm_call *call, size_t from, size_t n) {
  const pm_affine_attributes *a = call->node->attributes;
  pm_vector_best()->affine(OUT, IN(0), (float)a->scale, (float)a->shift, n);
}

void pm_cpu_add(const pm_call *call) {
  all_ranges(call, add_range);
}
void pm_cpu_mul(const pm_call *call) {
  all_ranges(call, mul_range);
}
void pm_cpu_affine(const pm_call *call) {
  all_ranges(call, affine_range);
}
void pm_cpu_relu(const pm_call *call) {
  all_ranges(call, relu_range);
}
void pm_cpu_relu_grad(const pm_call *call) {
  all_ranges(call, relu_grad_range);
}
void pm_cpu_exp(const pm_call *call) {
  all_ranges(call, exp_range);
}
void pm_cpu_sigmoid(const pm_call *call) {
  all_ranges(call, sigmoid_range);
}
void pm_cpu_sigmoid_grad(const pm_call *call) {
  all_ranges(call, sigmoid_grad_range);
}
void pm_cpu_silu(const pm_call *call) {
  all_ranges(call, silu_range);
}
void pm_cpu_silu_grad(const pm_call *call) {
  all_ranges(call, silu_grad_range);
}
void pm_cpu_gelu(const pm_call *call) {
  all_ranges(call, gelu_range);
}
void pm_cpu_gelu_grad(const pm_call *call) {
  all_ranges(call, gelu_grad_range);
}
void pm_cpu_fill(const pm_call *call) {
  all_ranges(call, fill_range);
}

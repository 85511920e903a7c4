/* Linear layers, alone and side by side, in float and with operands in bfloat16. */
#include "backend/cuda/kernels.h"
#include "backend/cuda/products.cuh"

/* Several products side by side, numbered by the block's z: where the operands of each lie behind those of the one
 * before. */
template <class T> struct matrices {
  const T *x, *w;
  const float *b; /* or NULL */
  float *y;
  item rows, I, O;
  item x_row, y_row;     /* from a row to the next */
  size_t x_next, w_next; /* from a product to the next: of x and y in a row, of w */
  size_t y_next;
};

template <class T> static __device__ void multiply(const matrices<T> &s, tile &left, tile &right) {
  const T *x = s.x + blockIdx.z * s.x_next, *w = s.w + blockIdx.z * s.w_next;
  const float *b = s.b ? s.b + (size_t)blockIdx.z * s.O : NULL;
  float *y = s.y + blockIdx.z * s.y_next;
  product(
      left, right, s.rows, s.O, 0, s.I, [=](item r, item i) { return as_float(x[(size_t)r * s.x_row + i]); },
      [=](item o, item i) { return as_float(w[(size_t)o * s.I + i]); },
      [=](item r, item o, float sum) { y[(size_t)r * s.y_row + o] = b ? sum + b[o] : sum; });
}
template <class T> static __device__ void multiply_back(const matrices<T> &s, tile &left, tile &right) {
  const T *dy = s.x + blockIdx.z * s.x_next, *w = s.w + blockIdx.z * s.w_next;
  float *dx = s.y + blockIdx.z * s.y_next;
  product(
      left, right, s.rows, s.I, 0, s.O, [=](item r, item o) { return as_float(dy[(size_t)r * s.x_row + o]); },
      [=](item i, item o) { return as_float(w[(size_t)o * s.I + i]); },
      [=](item r, item i, float sum) { dx[(size_t)r * s.y_row + i] = sum; });
}

static __global__ void __launch_bounds__(BLOCK) multiply_float(matrices<float> s) {
  __shared__ tile left, right;
  multiply(s, left, right);
}
static __global__ void __launch_bounds__(BLOCK) multiply_bf16(matrices<bf16> s) {
  __shared__ tile left, right;
  multiply(s, left, right);
}
static __global__ void __launch_bounds__(BLOCK) multiply_back_float(matrices<float> s) {
  __shared__ tile left, right;
  multiply_back(s, left, right);
}
static __global__ void __launch_bounds__(BLOCK) multiply_back_bf16(matrices<bf16> s) {
  __shared__ tile left, right;
  multiply_back(s, left, right);
}

template <class T> static matrices<T> matrices_of(const pm_call *call) {
  const pm_node *node = call->node;
  const item rows_of_x = rows(node->in[PM_LINEAR_X]), I = columns(node->in[PM_LINEAR_X]), O = columns(node->out[0]);
  return {in(call, PM_LINEAR_X), in(call, PM_LINEAR_W), in(call, PM_LINEAR_B), out(call, 0), rows_of_x, I, O, I, O};
}
template <class T> static matrices<T> matrices_back(const pm_call *call) {
  const pm_value *dy = call->node->in[PM_LINEAR_GRAD_INPUT_DY];
  const item O = columns(dy), I = columns(call->node->out[0]);
  return {
      in(call, PM_LINEAR_GRAD_INPUT_DY), in(call, PM_LINEAR_GRAD_INPUT_W), NULL, out(call, 0), rows(dy), I, O, O, I};
}

void pm_cuda_linear(const pm_call *call) {
  const matrices<float> s = matrices_of<float>(call);
  launch(call, tiles_of(s.rows, s.O), BLOCK, multiply_float, s);
}
void pm_cuda_linear_bf16(const pm_call *call) {
  const matrices<bf16> s = matrices_of<bf16>(call);
  launch(call, tiles_of(s.rows, s.O), BLOCK, multiply_bf16, s);
}
void pm_cuda_linear_grad_input(const pm_call *call) {
  const matrices<float> s = matrices_back<float>(call);
  launch(call, tiles_of(s.rows, s.I), BLOCK, multiply_back_float, s);
}
void pm_cuda_linear_grad_input_bf16(const pm_call *call) {
  const matrices<bf16> s = matrices_back<bf16>(call);
  launch(call, tiles_of(s.rows, s.I), BLOCK, multiply_back_bf16, s);
}

/* ---- gradients of weights: sums over rows, in parts ---- */

template <class T> struct weight_grad {
  const T *x, *dy;
  float *partial; /* of part p of product g at (p * products + g) * O * I */
  item rows, I, O, products, part;
};

template <class T> static __device__ void multiply_rows(const weight_grad<T> &s, tile &left, tile &right) {
  const item g = blockIdx.z % s.products, p = blockIdx.z / s.products, begin = p * s.part;
  const item end = begin + s.part < s.rows ? begin + s.part : s.rows;
  const T *x = s.x + (size_t)g * s.I, *dy = s.dy + (size_t)g * s.O;
  const size_t x_row = (size_t)s.products * s.I, dy_row = (size_t)s.products * s.O;
  float *dw = s.partial + (size_t)blockIdx.z * s.O * s.I;
  product(
      left, right, s.O, s.I, begin, end, [=](item o, item r) { return as_float(dy[r * dy_row + o]); },
      [=](item i, item r) { return as_float(x[r * x_row + i]); },
      [=](item o, item i, float sum) { dw[(size_t)o * s.I + i] = sum; });
}
static __global__ void __launch_bounds__(BLOCK) multiply_rows_float(weight_grad<float> s) {
  __shared__ tile left, right;
  multiply_rows(s, left, right);
}
static __global__ void __launch_bounds__(BLOCK) multiply_rows_bf16(weight_grad<bf16> s) {
  __shared__ tile left, right;
  multiply_rows(s, left, right);
}

template <class T>
static void find_weight_grad(const pm_call *call, void (*kernel)(weight_grad<T>), item rows_of_x, item products, item I,
                             item O) {
  const weight_grad<T> s = {in(call, 0), in(call, 1), workspace(call), rows_of_x,
                            I,           O,           products,        terms_of_part(rows_of_x)};
  launch(call, tiles_of(O, I, products * parts_of_sum(rows_of_x)), BLOCK, kernel, s);
  add_parts(call, rows_of_x, (size_t)products * O * I, out(call, 0));
}
static_assert((int)PM_LINEAR_GRAD_WEIGHT_X == 0 && (int)PM_LINEAR_GRAD_WEIGHT_DY == 1 &&
                  (int)PM_GROUPED_LINEAR_GRAD_WEIGHT_X == 0 && (int)PM_GROUPED_LINEAR_GRAD_WEIGHT_DY == 1,
              "find_weight_grad takes both");

template <class T> static void linear_weight_grad(const pm_call *call, void (*kernel)(weight_grad<T>)) {
  const pm_value *x = call->node->in[PM_LINEAR_GRAD_WEIGHT_X], *dy = call->node->in[PM_LINEAR_GRAD_WEIGHT_DY];
  find_weight_grad(call, kernel, rows(x), 1, columns(x), columns(dy));
}

/* Of a grouped one, too: the parts of all its products. */
size_t pm_cuda_linear_grad_weight_workspace(const pm_node *node) {
  const size_t terms = node->op == &pm_op_linear_grad_weight_float ? pm_rows(node->in[0]) : node->in[0]->shape.dim[0];
  return parts_bytes(terms, pm_count(node->out[0]));
}

void pm_cuda_linear_grad_weight(const pm_call *call) {
  linear_weight_grad(call, multiply_rows_float);
}
void pm_cuda_linear_grad_weight_bf16(const pm_call *call) {
  linear_weight_grad(call, multiply_rows_bf16);
}

/* ---- several side by side ---- */

static item first_group(const pm_call *call) {
  return (item)attributes<pm_grouped_linear_attributes>(call)->first;
}

void pm_cuda_grouped_linear(const pm_call *call) {
  const pm_value *x = call->node->in[PM_GROUPED_LINEAR_X], *w = call->node->in[PM_GROUPED_LINEAR_W];
  const item R = dim(x, 0), G = dim(x, 1), I = dim(w, 2), O = dim(w, 1);
  const float *weights = in(call, PM_GROUPED_LINEAR_W), *b = in(call, PM_GROUPED_LINEAR_B);
  const size_t first = first_group(call);
  const matrices<float> s = {in(call, PM_GROUPED_LINEAR_X),
                             weights + first * O * I,
                             b ? b + first * O : NULL,
                             out(call, 0),
                             R,
                             I,
                             O,
                             G * I,
                             G * O,
                             I,
                             (size_t)O * I,
                             O};
  launch(call, tiles_of(R, O, G), BLOCK, multiply_float, s);
}

void pm_cuda_grouped_linear_grad_input(const pm_call *call) {
  const pm_value *dy = call->node->in[PM_GROUPED_LINEAR_GRAD_INPUT_DY],
                 *w = call->node->in[PM_GROUPED_LINEAR_GRAD_INPUT_W];
  const item R = dim(dy, 0), G = dim(dy, 1), I = dim(w, 2), O = dim(w, 1);
  const float *weights = in(call, PM_GROUPED_LINEAR_GRAD_INPUT_W);
  const matrices<float> s = {in(call, PM_GROUPED_LINEAR_GRAD_INPUT_DY),
                             weights + (size_t)first_group(call) * O * I,
                             NULL,
                             out(call, 0),
                             R,
                             I,
                             O,
                             G * O,
                             G * I,
                             O,
                             (size_t)O * I,
                             I};
  launch(call, tiles_of(R, I, G), BLOCK, multiply_back_float, s);
}

void pm_cuda_grouped_linear_grad_weight(const pm_call *call) {
  const pm_value *x = call->node->in[PM_GROUPED_LINEAR_GRAD_WEIGHT_X],
                 *dy = call->node->in[PM_GROUPED_LINEAR_GRAD_WEIGHT_DY];
  find_weight_grad(call, multiply_rows_float, dim(x, 0), dim(x, 1), columns(x), columns(dy));
}

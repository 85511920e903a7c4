/* Convolutions as products (implicit GEMM), in float and with operands in bfloat16; and the conversions of operands. */
#include "backend/cuda/kernels.h"
#include "backend/cuda/products.cuh"

/* conv2d_sizes, in items. */
struct shape {
  item n, h, w, i, oh, ow, o, kh, kw, stride, padding;
};

static shape shape_of(const pm_node *node, int weight) {
  const conv2d_sizes s = conv2d_sizes_of(node, node->in[weight]);
  return {(item)s.n, (item)s.h,  (item)s.w,  (item)s.i,      (item)s.oh,     (item)s.ow,
          (item)s.o, (item)s.kh, (item)s.kw, (item)s.stride, (item)s.padding};
}

/* x at channel i of the pixel that output pixel q meets at tap t; 0 outside. */
template <class T> static __device__ float input_at(const shape &s, const T *x, item q, item t, item i) {
  const item n = q / s.ow / s.oh, y = q / s.ow % s.oh * s.stride + t / s.kw - s.padding,
             column = q % s.ow * s.stride + t % s.kw - s.padding; /* wrap above h and w */
  return y < s.h && column < s.w ? as_float(x[((size_t)(n * s.h + y) * s.w + column) * s.i + i]) : 0;
}

/* dy at channel o of the output pixel that meets input pixel p at tap t; 0 where there is none. */
template <class T> static __device__ float output_at(const shape &s, const T *dy, item p, item t, item o) {
  const item n = p / s.w / s.h, y = p / s.w % s.h + s.padding - t / s.kw, column = p % s.w + s.padding - t % s.kw;
  const item oy = y / s.stride, ox = column / s.stride;
  const bool meets = y < s.h + 2 * s.padding && column < s.w + 2 * s.padding && oy * s.stride == y &&
                     ox * s.stride == column && oy < s.oh && ox < s.ow;
  return meets ? as_float(dy[((size_t)(n * s.oh + oy) * s.ow + ox) * s.o + o]) : 0;
}

template <class T> struct convolution {
  shape s;
  const T *x, *w; /* x, or dy of the gradient of x */
  const float *b;
  float *y;
};

/* The sum runs through taps, then input channels: as w[kh,kw,I,O] lies. */
template <class T> static __device__ void convolve(const convolution<T> &c, tile &left, tile &right) {
  product(
      left, right, c.s.n * c.s.oh * c.s.ow, c.s.o, 0, c.s.kh * c.s.kw * c.s.i,
      [=](item q, item k) { return input_at(c.s, c.x, q, k / c.s.i, k % c.s.i); },
      [=](item o, item k) { return as_float(c.w[(size_t)k * c.s.o + o]); },
      [=](item q, item o, float sum) { c.y[(size_t)q * c.s.o + o] = c.b ? sum + c.b[o] : sum; });
}
template <class T> static __device__ void convolve_back(const convolution<T> &c, tile &left, tile &right) {
  product(
      left, right, c.s.n * c.s.h * c.s.w, c.s.i, 0, c.s.kh * c.s.kw * c.s.o,
      [=](item p, item k) { return output_at(c.s, c.x, p, k / c.s.o, k % c.s.o); },
      [=](item i, item k) { return as_float(c.w[(size_t)(k / c.s.o * c.s.i + i) * c.s.o + k % c.s.o]); },
      [=](item p, item i, float sum) { c.y[(size_t)p * c.s.i + i] = sum; });
}

static __global__ void __launch_bounds__(BLOCK) convolve_float(convolution<float> c) {
  __shared__ tile left, right;
  convolve(c, left, right);
}
static __global__ void __launch_bounds__(BLOCK) convolve_bf16(convolution<bf16> c) {
  __shared__ tile left, right;
  convolve(c, left, right);
}
static __global__ void __launch_bounds__(BLOCK) convolve_back_float(convolution<float> c) {
  __shared__ tile left, right;
  convolve_back(c, left, right);
}
static __global__ void __launch_bounds__(BLOCK) convolve_back_bf16(convolution<bf16> c) {
  __shared__ tile left, right;
  convolve_back(c, left, right);
}

template <class T> static void run_convolution(const pm_call *call, void (*kernel)(convolution<T>)) {
  const convolution<T> c = {shape_of(call->node, PM_CONV2D_W), in(call, PM_CONV2D_X), in(call, PM_CONV2D_W),
                            in(call, PM_CONV2D_B), out(call, 0)};
  launch(call, tiles_of((size_t)c.s.n * c.s.oh * c.s.ow, c.s.o), BLOCK, kernel, c);
}
template <class T> static void run_back(const pm_call *call, void (*kernel)(convolution<T>)) {
  const convolution<T> c = {shape_of(call->node, PM_CONV2D_GRAD_INPUT_W), in(call, PM_CONV2D_GRAD_INPUT_DY),
                            in(call, PM_CONV2D_GRAD_INPUT_W), NULL, out(call, 0)};
  launch(call, tiles_of((size_t)c.s.n * c.s.h * c.s.w, c.s.i), BLOCK, kernel, c);
}

void pm_cuda_conv2d(const pm_call *call) {
  run_convolution(call, convolve_float);
}
void pm_cuda_conv2d_bf16(const pm_call *call) {
  run_convolution(call, convolve_bf16);
}
void pm_cuda_conv2d_grad_input(const pm_call *call) {
  run_back(call, convolve_back_float);
}
void pm_cuda_conv2d_grad_input_bf16(const pm_call *call) {
  run_back(call, convolve_back_bf16);
}

/* ---- gradient of the weights: a sum over output pixels, in parts ---- */

template <class T> struct kernel_grad {
  shape s;
  const T *x, *dy;
  float *partial;
  item part;
};

template <class T> static __device__ void correlate(const kernel_grad<T> &c, tile &left, tile &right) {
  const item M = c.s.kh * c.s.kw * c.s.i, pixels = c.s.n * c.s.oh * c.s.ow, begin = blockIdx.z * c.part;
  const item end = begin + c.part < pixels ? begin + c.part : pixels;
  float *dw = c.partial + (size_t)blockIdx.z * M * c.s.o;
  product(
      left, right, M, c.s.o, begin, end, [=](item m, item q) { return input_at(c.s, c.x, q, m / c.s.i, m % c.s.i); },
      [=](item o, item q) { return as_float(c.dy[(size_t)q * c.s.o + o]); },
      [=](item m, item o, float sum) { dw[(size_t)m * c.s.o + o] = sum; });
}
static __global__ void __launch_bounds__(BLOCK) correlate_float(kernel_grad<float> c) {
  __shared__ tile left, right;
  correlate(c, left, right);
}
static __global__ void __launch_bounds__(BLOCK) correlate_bf16(kernel_grad<bf16> c) {
  __shared__ tile left, right;
  correlate(c, left, right);
}

size_t pm_cuda_conv2d_grad_weight_workspace(const pm_node *node) {
  return parts_bytes(pm_rows(node->in[PM_CONV2D_GRAD_WEIGHT_DY]), pm_count(node->out[0]));
}

template <class T> static void run_grad_weight(const pm_call *call, void (*kernel)(kernel_grad<T>)) {
  const size_t pixels = pm_rows(call->node->in[PM_CONV2D_GRAD_WEIGHT_DY]);
  const kernel_grad<T> c = {shape_of(call->node, PM_CONV2D_GRAD_WEIGHT_W), in(call, PM_CONV2D_GRAD_WEIGHT_X),
                            in(call, PM_CONV2D_GRAD_WEIGHT_DY), workspace(call), terms_of_part(pixels)};
  launch(call, tiles_of((size_t)c.s.kh * c.s.kw * c.s.i, c.s.o, parts_of_sum(pixels)), BLOCK, kernel, c);
  add_parts(call, pixels, pm_count(call->node->out[0]), out(call, 0));
}

void pm_cuda_conv2d_grad_weight(const pm_call *call) {
  run_grad_weight(call, correlate_float);
}
void pm_cuda_conv2d_grad_weight_bf16(const pm_call *call) {
  run_grad_weight(call, correlate_bf16);
}

/* ---- conversions ---- */

/* Some of a list, as an argument of a kernel. */
enum { CONVERSIONS = 64, CONVERSION_BLOCKS = 2048 };
struct some_conversions {
  pm_cuda_conversion of[CONVERSIONS];
};

template <class T> static __device__ void convert_one(const pm_cuda_conversion &c) {
  const float *x = (const float *)c.from;
  T *y = (T *)c.to;
  const item n = (item)c.items, O = (item)c.outputs, rest = O ? n / O : 0;
  for (item i = blockIdx.x * BLOCK + threadIdx.x; i < n; i += gridDim.x * BLOCK)
    round_into(y + i, x[O ? (size_t)(i % rest) * O + i / rest : i]);
}

static __global__ void __launch_bounds__(BLOCK) convert_some(some_conversions some) {
  const pm_cuda_conversion &c = some.of[blockIdx.y];
  if (c.rounded)
    convert_one<bf16>(c);
  else
    convert_one<float>(c);
}

void pm_cuda_convert(const pm_cuda_conversion *list, size_t n, void *queue) {
  pm_call call = {};
  call.queue = queue;
  for (size_t first = 0; first < n; first += CONVERSIONS) {
    const size_t count = pm_smaller(n - first, CONVERSIONS);
    some_conversions some = {};
    size_t most = 0;
    for (size_t k = 0; k < count; k++) {
      some.of[k] = list[first + k];
      most = some.of[k].items > most ? some.of[k].items : most;
    }
    launch(&call, dim3((item)pm_smaller(pieces(most, BLOCK), CONVERSION_BLOCKS), (item)count), BLOCK, convert_some,
           some);
  }
}

pm_cuda_conversion pm_cuda_conversion_of(const pm_call *call, pm_form form) {
  return {call->in[0], call->out[0], pm_count(call->value), form == PM_BF16 ? 0 : call->value->shape.dim[3],
          form != PM_KRSC};
}

static void convert_to(const pm_call *call, pm_form form) {
  const pm_cuda_conversion one = pm_cuda_conversion_of(call, form);
  pm_cuda_convert(&one, 1, call->queue);
}

void pm_cuda_to_bf16(const pm_call *call) {
  convert_to(call, PM_BF16);
}
void pm_cuda_to_krsc(const pm_call *call) {
  convert_to(call, PM_KRSC);
}
void pm_cuda_to_krsc_bf16(const pm_call *call) {
  convert_to(call, PM_KRSC_BF16);
}

template <class T> static void from_krsc(const pm_call *call, const T *dw) {
  const pm_value *value = call->node->out[0];
  const item O = dim(value, 3), rest = count(value) / O;
  float *y = out(call, 0);
  for_each(call, pm_count(value), [=] __device__(item i) { y[i] = as_float(dw[(size_t)(i % O) * rest + i / O]); });
}

void pm_cuda_from_krsc(const pm_call *call, const void *dw, bool rounded) {
  if (rounded)
    from_krsc(call, (const bf16 *)dw);
  else
    from_krsc(call, (const float *)dw);
}

void pm_cuda_widen(const pm_call *call, const void *x) {
  const bf16 *from = (const bf16 *)x;
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] = as_float(from[i]); });
}

void pm_cuda_add_to_rows(const pm_call *call, const float *b) {
  const item O = columns(call->node->out[0]);
  float *y = out(call, 0);
  for_each(call, pm_count(call->node->out[0]), [=] __device__(item i) { y[i] += b[i % O]; });
}

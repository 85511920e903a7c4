/* Layers: an op with its parameters, which bear PyTorch's names (`NAME.weight`, `NAME.bias`), shapes in files and
 * beginnings, so that a model file is the state_dict of the module that reads the same. `out` is a number of channels
 * or features. */
#ifndef PM_NN_LAYERS_H
#define PM_NN_LAYERS_H

#include "nn/ops.h"

#ifdef __cplusplus
extern "C" {
#endif

/* x[…,I] -> […,out]; nn.Linear */
pm_value *pm_linear_layer(pm_graph *g, const char *name, pm_value *x, size_t out);

/* x[N,H,W,I] -> [N,H',W',out]; nn.Conv2d */
pm_value *pm_conv2d_layer(pm_graph *g, const char *name, pm_value *x, size_t out, size_t kernel, int stride,
                          int padding);

/* x[N,H,W,I] -> [N,H',W',out], H' = (H - 1) stride - 2 padding + kernel + output_padding; nn.ConvTranspose2d */
pm_value *pm_conv_transpose2d_layer(pm_graph *g, const char *name, pm_value *x, size_t out, size_t kernel, int stride,
                                    int padding, int output_padding);

/* Over the last axis; nn.BatchNorm2d: by the batch and with running averages in a training graph, by these averages
 * else. */
pm_value *pm_batchnorm_layer(pm_graph *g, const char *name, pm_value *x);

/* Over pixels and channels of a group; nn.GroupNorm. */
pm_value *pm_groupnorm_layer(pm_graph *g, const char *name, pm_value *x, int groups);

/* Over the last axis, row by row; nn.LayerNorm: Ba, Kiros and Hinton, "Layer Normalization", 2016. */
pm_value *pm_layernorm_layer(pm_graph *g, const char *name, pm_value *x);

/* x[…,width] -> queries, keys and values side by side […,3 width]; the `in_proj` of nn.MultiheadAttention. */
pm_value *pm_qkv_layer(pm_graph *g, const char *name, pm_value *x);

/* index PM_I32[N] -> [N,width], `count` rows; nn.Embedding */
pm_value *pm_embedding_layer(pm_graph *g, const char *name, pm_value *index, size_t count, size_t width);

/* x[N,H,W,C] + what attention over all pixels makes of it (Vaswani et al., "Attention Is All You Need", 2017): group
 * norm, q, k and v (`NAME.qkv`) and the projection back (`NAME.out`) as 1 x 1 convolutions. */
pm_value *pm_attention_layer(pm_graph *g, const char *name, pm_value *x, int groups, int heads);

/* A table of `rows` rows to take sums of (pm_embedding, pm_embedding_sum), `NAME.weight`; nn.Embedding, but beginning
 * with normal numbers of this standard deviation. */
pm_value *pm_table_of_rows(pm_graph *g, const char *name, size_t rows, size_t width, double deviation);

/* x[R,G,I] -> [R,G,out]: of `groups` linear layers side by side those from number `first` on: `NAME.weight`
 * [groups,out,I] and `NAME.bias` [groups,out], zero at first. */
pm_value *pm_grouped_linear_layer(pm_graph *g, const char *name, pm_value *x, size_t groups, size_t first, size_t out);

/* Initialises the parameter of that name with normal numbers, or with given ones: items[all of it], copied. */
void pm_initialise_normal(pm_graph *g, const char *parameter, double deviation);
void pm_initialise_with(pm_graph *g, const char *parameter, const float *items);
/* Makes the parameter of that name, or the weight and bias of that layer, zero-initialised. */
void pm_zero_initialise(pm_graph *g, const char *parameter);
void pm_zero_initialise_layer(pm_graph *g, const char *name);

/* [N,H,W,C] -> [N, C H W], in the order of PyTorch's flatten; and back. */
pm_value *pm_flatten(pm_graph *g, pm_value *x);
pm_value *pm_unflatten(pm_graph *g, pm_value *x, size_t height, size_t width, size_t channels);

#ifdef __cplusplus
}
#endif
#endif

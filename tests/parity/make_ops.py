#!/usr/bin/env python3
"""Makes data/ops.safetensors: inputs, outputs and gradients of single operations, as PyTorch computes them.

usage: make_ops.py        (writes beside itself; see README.md for what the file holds)
"""
import torch
import torch.nn.functional as F

import vectors

TENSORS, NOTES = {}, {}


def add(case, note, **tensors):
    """Files a case: its attributes as metadata `case`, its tensors as `case.name`; four-dimensional activations (all but
    weights) become [N,H,W,C]."""
    NOTES[case] = note
    for name, value in tensors.items():
        activation = value.dim() == 4 and not name.endswith("weight")
        TENSORS[f"{case}.{name}"] = vectors.nhwc(value) if activation else value


def with_gradients(function, inputs):
    """Runs y = function(inputs) backward from a random dy; returns inputs, y, dy and d<input> for each float input."""
    leaves = {name: value.clone().requires_grad_() for name, value in inputs.items()}
    y = function(**leaves)
    dy = torch.randn(y.shape) if y.dim() else torch.tensor(1.0)
    y.backward(dy)
    out = inputs | {"y": y}
    if y.dim():
        out["dy"] = dy
    return out | {f"d{name}": leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}


def convolutions():
    #        kernel stride pad height width in out
    shapes = [(3, 1, 1, 8, 8, 5, 6), (3, 2, 1, 8, 8, 3, 16), (3, 2, 1, 9, 7, 4, 5), (3, 1, 0, 7, 6, 2, 3),
              (3, 2, 0, 7, 9, 3, 4), (1, 1, 0, 5, 7, 6, 9), (1, 2, 0, 5, 6, 3, 4), (4, 2, 1, 8, 10, 3, 5),
              (4, 1, 0, 6, 5, 2, 3), (4, 1, 1, 5, 6, 3, 2), (3, 2, 1, 4, 4, 16, 32)]
    for kernel, stride, pad, height, width, ins, outs in shapes:
        inputs = {"x": torch.randn(3, ins, height, width), "weight": 0.3 * torch.randn(outs, ins, kernel, kernel),
                  "bias": torch.randn(outs)}
        add(f"conv2d.k{kernel}s{stride}p{pad}_{height}x{width}x{ins}", f"kernel={kernel} stride={stride} padding={pad}",
            **with_gradients(lambda x, weight, bias: F.conv2d(x, weight, bias, stride, pad), inputs))


def transposed_convolutions():
    #        kernel stride pad output_padding height width in out
    shapes = [(3, 2, 1, 1, 4, 4, 6, 5), (3, 2, 1, 1, 5, 3, 4, 3), (3, 2, 1, 1, 2, 3, 32, 16), (4, 2, 1, 0, 4, 5, 6, 4),
              (4, 2, 1, 0, 1, 3, 3, 2)]
    for kernel, stride, pad, extra, height, width, ins, outs in shapes:
        inputs = {"x": torch.randn(3, ins, height, width), "weight": 0.3 * torch.randn(ins, outs, kernel, kernel),
                  "bias": torch.randn(outs)}
        add(f"conv_transpose2d.k{kernel}s{stride}p{pad}_{height}x{width}x{ins}",
            f"kernel={kernel} stride={stride} padding={pad} output_padding={extra}",
            **with_gradients(lambda x, weight, bias: F.conv_transpose2d(x, weight, bias, stride, pad, extra), inputs))


def linears():
    for rows, ins, outs in ((1, 7, 5), (5, 32, 48), (17, 33, 3)):
        inputs = {"x": torch.randn(rows, ins), "weight": 0.3 * torch.randn(outs, ins), "bias": torch.randn(outs)}
        add(f"linear.{rows}x{ins}x{outs}", "", **with_gradients(F.linear, inputs))


def batchnorms():
    for name, shape in (("4x5x6x7", (4, 7, 5, 6)), ("5x1x1x3", (5, 3, 1, 1)), ("3x4x3x33", (3, 33, 4, 3))):
        channels = shape[1]
        inputs = {"x": 2 * torch.randn(shape) + 3 * torch.randn(1, channels, 1, 1), "weight": torch.rand(channels) + 0.5,
                  "bias": torch.randn(channels)}
        for training in (True, False):
            mean, variance = torch.randn(channels), torch.rand(channels) + 0.5
            before = {"running_mean": mean.clone(), "running_var": variance.clone()}
            out = with_gradients(lambda x, weight, bias: F.batch_norm(x, mean, variance, weight, bias, training, 0.1, 1e-5),
                                 inputs)
            after = {f"{k}_after": v for k, v in (("running_mean", mean), ("running_var", variance))} if training else {}
            add(f"batchnorm_{'train' if training else 'eval'}.{name}", "momentum=0.1 epsilon=1e-5", **out, **before, **after)


def activations():
    x = torch.cat([torch.randn(200) * 3, torch.tensor([0.0, -0.0, 1e-8, -1e-8, 20, -20, 60, -60])])
    for name, function in (("relu", F.relu), ("sigmoid", torch.sigmoid), ("silu", F.silu), ("exp", torch.exp)):
        inputs = {"x": x.clamp(-60, 20) if name == "exp" else x}
        add(f"{name}.208", "", **with_gradients(lambda x: function(x), inputs))


def losses():
    """Means over all values. `x` is what comes before the sigmoid where the loss works on probabilities."""
    shape = (4, 3, 5, 6)
    for name, target in (("soft", torch.rand(shape)), ("hard", (torch.rand(shape) > 0.5).float())):
        for loss, function in (("mse", F.mse_loss), ("l1", F.l1_loss)):
            add(f"{loss}.{name}", "", target=target, **with_gradients(lambda x: function(x, target), {"x": torch.randn(shape)}))
        moderate = {"x": 2 * torch.randn(shape).clamp(-3, 3)}  # farther out, 1 - sigmoid in float32 has few digits left
        add(f"sigmoid_mse.{name}", "", target=target,
            **with_gradients(lambda x: F.mse_loss(torch.sigmoid(x), target), moderate))
        add(f"sigmoid_bce.{name}", "", target=target,
            **with_gradients(lambda x: F.binary_cross_entropy(torch.sigmoid(x), target), moderate))
        add(f"logits_bce.{name}", "", target=target,
            **with_gradients(lambda x: F.binary_cross_entropy_with_logits(x, target), {"x": 15 * torch.randn(shape)}))
    add("kl.6x32", "", **with_gradients(lambda mu, logvar: -0.5 * torch.mean(1 + logvar - mu.pow(2) - logvar.exp()),
                                        {"mu": torch.randn(6, 32), "logvar": torch.randn(6, 32)}))


def optimizers():
    """20 steps on given gradients: huge, tiny, zero and sparse ones among them."""
    steps, size = 20, 64
    gradient = torch.randn(steps, size) * torch.logspace(-9, 4, size)
    gradient[:, :4] = 0
    gradient[1:, 4:8] = 0
    settings = [("adam.default", torch.optim.Adam, {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}),
                ("adam.other", torch.optim.Adam, {"lr": 2e-2, "betas": (0.8, 0.99), "eps": 1e-5, "weight_decay": 0.0}),
                ("adam.decay", torch.optim.Adam, {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 1e-2}),
                ("adamw.default", torch.optim.AdamW, {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 1e-2}),
                ("adamw.other", torch.optim.AdamW, {"lr": 2e-3, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.3})]
    for case, kind, options in settings:
        weight = torch.nn.Parameter(torch.randn(size))
        start, rows = weight.detach().clone(), []
        optimizer = kind([weight], **options)
        for step in range(steps):
            weight.grad = gradient[step].clone()
            optimizer.step()
            rows.append(weight.detach().clone())
        state = optimizer.state[weight]
        note = (f"learning_rate={options['lr']} beta1={options['betas'][0]} beta2={options['betas'][1]} "
                f"epsilon={options['eps']} weight_decay={options['weight_decay']}")
        add(case, note, start=start, gradient=gradient, after=torch.stack(rows), first_moment=state["exp_avg"],
            second_moment=state["exp_avg_sq"])

    for case, norm in (("clip_norm.above", 0.5), ("clip_norm.below", 500.0)):
        before = torch.randn(size)
        weight.grad = before.clone()
        torch.nn.utils.clip_grad_norm_([weight], norm)
        add(case, f"norm={norm}", gradient=before, after=weight.grad)


if __name__ == "__main__":
    vectors.deterministic(21)
    for part in (convolutions, transposed_convolutions, linears, batchnorms, activations, losses, optimizers):
        part()
    vectors.write("ops", TENSORS, NOTES)

#!/usr/bin/env python3
"""Makes data/prior_*.safetensors: the forward pass, gradients and 50 Adam steps of a prior of codes, as PyTorch computes them.

usage: make_prior.py       (writes beside itself; see README.md for what the files hold)

Everything is computed in double precision from float32 weights. Prints how far the same in float32 is from that.
"""
import torch
import torch.nn.functional as F

import vectors
from models import Prior

STEPS, BATCH, GRIDS = 50, 5, 12


def scramble(model):
    """Norms and biases other than PyTorch's ones and zeros, so that none of them can be left out unnoticed."""
    for name, parameter in model.named_parameters():
        if ".norm" in name and name.endswith("weight"):
            torch.nn.init.uniform_(parameter, 0.5, 1.5)
        elif name.endswith("bias"):
            torch.nn.init.normal_(parameter, 0, 0.2)


def build(dtype, initial, sizes):
    model = Prior(*sizes).to(dtype)
    model.load_state_dict(initial)
    return model


def loss_of(model, codes, labels):
    logits = model(codes, labels)
    return logits, F.cross_entropy(logits.flatten(0, 1), codes.flatten())


def one_step(dtype, initial, codes, labels, sizes):
    model = build(dtype, initial, sizes)
    logits, loss = loss_of(model, codes, labels)
    loss.backward()
    return {"forward.logits": logits, "forward.loss": loss} | {
        f"gradient.{name}": p.grad for name, p in model.named_parameters()}


def trajectory(dtype, initial, codes, labels, sizes):
    """The loss of each of the Adam steps."""
    model, losses = build(dtype, initial, sizes), []
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    for step in range(STEPS):
        adam.zero_grad()
        loss = loss_of(model, codes[step], labels[step])[1]
        loss.backward()
        adam.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def make(name, height, width, size, classes, net, seed):
    vectors.deterministic(seed)
    sizes = size, height * width, *net, classes
    model = Prior(*sizes)
    scramble(model)
    initial = {k: v.clone() for k, v in model.state_dict().items()}
    data = torch.randint(size, (GRIDS, height, width), dtype=torch.int32)
    index = torch.stack([torch.randperm(GRIDS)[:BATCH] for _ in range(STEPS)]).int()
    labels = torch.randint(classes + 1, (STEPS, BATCH), dtype=torch.int32)
    codes = data.flatten(1).long()[index.long()]
    exact, single = (one_step(d, initial, codes[0], labels[0].long(), sizes) for d in (torch.float64, torch.float32))
    for d, out in ((torch.float64, exact), (torch.float32, single)):
        out["trajectory.losses"] = trajectory(d, initial, codes, labels.long(), sizes)
    inputs = {"data": data, "index": index, "labels": labels} | {f"initial.{k}": v for k, v in initial.items()}
    width, layers, heads, feed_forward = net
    settings = (f"prior.width={width} prior.layers={layers} prior.heads={heads} prior.feed_forward={feed_forward} "
                "prior.dropout=0 prior.drop_classes=0 prior.classes=true")
    vectors.write(name, inputs | {k: v.float() for k, v in exact.items()}, {"method": "prior", "settings": settings})
    largest = max(v.abs().max().item() for k, v in exact.items() if k.startswith("gradient"))
    for key, value in exact.items():
        scale = largest if key.startswith("gradient") else value.abs().max().item()
        print(f"  {key:55s} {(single[key].double() - value).abs().max().item() / scale:.1e}")


if __name__ == "__main__":
    make("prior_2x3", 2, 3, 17, 3, (16, 2, 4, 32), seed=31)

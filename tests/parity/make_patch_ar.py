#!/usr/bin/env python3
"""Makes data/patch_ar_*.safetensors: the forward pass, gradients, 20 Adam steps and a whole sampling of a patch transformer,
as PyTorch computes them.

usage: make_patch_ar.py       (writes beside itself; see README.md for what the files hold)

Everything is computed in double precision from float32 weights. Prints how far the same in float32 is from that.
"""
import torch
import torch.nn.functional as F

import vectors
from models import PatchTransformer

STEPS, BATCH, SPRITES, TEMPERATURE = 20, 4, 12, 0.9


def scramble(model):
    """Weights that PyTorch begins with at one, zero or wide, so that none of them can be left out unnoticed."""
    for name, parameter in model.named_parameters():
        if "norm" in name and name.endswith("weight"):
            torch.nn.init.uniform_(parameter, 0.5, 1.5)
        elif name.endswith("bias") or name.startswith(("colours", "gates")):
            torch.nn.init.normal_(parameter, 0, 0.2)
        elif "transformer" not in name:
            torch.nn.init.normal_(parameter, 0, 0.1)


def build(dtype, initial, sizes):
    model = PatchTransformer(**sizes).to(dtype)
    model.load_state_dict(initial)
    return model


def loss_of(model, sprites, labels, mirrored):
    logits = model(sprites, labels, mirrored)
    return logits, F.cross_entropy(logits.flatten(0, 2), sprites.flatten())


def one_step(dtype, initial, sizes, *batch):
    model = build(dtype, initial, sizes)
    logits, loss = loss_of(model, *batch)
    loss.backward()
    return {"forward.logits": logits, "forward.loss": loss} | {
        f"gradient.{name}": p.grad for name, p in model.named_parameters()}


def trajectory(dtype, initial, sizes, sprites, labels, mirrored):
    """The loss of each of the Adam steps."""
    model, losses = build(dtype, initial, sizes), []
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    for step in range(STEPS):
        adam.zero_grad()
        loss = loss_of(model, sprites[step], labels[step] if labels is not None else None, mirrored[step])[1]
        loss.backward()
        adam.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def make(name, sizes, scale, seed):
    vectors.deterministic(seed)
    model = PatchTransformer(**sizes)
    scramble(model)
    initial = {k: v.clone() for k, v in model.state_dict().items()}
    height, width, colours, classes = sizes["height"], sizes["width"], sizes["colours"], sizes["classes"]
    data = torch.randint(colours, (SPRITES, height, width), dtype=torch.uint8)
    data[:, height // 2:] = data[:, :1, :1]  # areas of one colour, so that neighbours are alike
    index = torch.stack([torch.randperm(SPRITES)[:BATCH] for _ in range(STEPS)]).int()
    labels = torch.randint(classes + 1, (STEPS, BATCH), dtype=torch.int32)
    mirrored = torch.randint(2, (STEPS, BATCH), dtype=torch.int32)
    wanted = torch.arange(BATCH, dtype=torch.int32) % max(classes, 1)
    uniforms = vectors.draws_of_slots(seed, [f"sample pixel {j}" for j in range(model.pixels_a_patch)],
                                      range(model.patches), range(BATCH))
    sprites = data.long()[index.long()]
    told = labels.long() if classes else None
    exact, single = ({} for _ in range(2))
    for dtype, out in ((torch.float64, exact), (torch.float32, single)):
        out |= one_step(dtype, initial, sizes, sprites[0], told[0] if classes else None, mirrored[0].long())
        out["trajectory.losses"] = trajectory(dtype, initial, sizes, sprites, told, mirrored.long())
        drawn = build(dtype, initial, sizes).sample(wanted.long() if classes else None, uniforms.to(dtype), TEMPERATURE, scale)
        out["sample.sprites"] = drawn.to(torch.uint8)
    assert torch.equal(exact["sample.sprites"], single["sample.sprites"])
    inputs = {"data": data, "index": index, "mirrored": mirrored}
    if classes:
        inputs |= {"labels": labels, "sample.labels": wanted}
    inputs |= {f"initial.{k}": v for k, v in initial.items()}
    settings = (f"patch.side={sizes['side']} patch.hidden={sizes['hidden']} patch.feature_dropout=0 "
                f"transformer.width={sizes['dim']} transformer.layers={sizes['layers']} transformer.heads={sizes['heads']} "
                f"transformer.feed_forward={sizes['feed_forward']} transformer.dropout=0 "
                f"sampling.temperature={TEMPERATURE} sampling.guidance_scale={scale}")
    facts = {"method": "patch-ar", "settings": settings, "classes": str(classes), "colours": str(colours), "seed": str(seed)}
    vectors.write(name, inputs | {k: v if v.dtype == torch.uint8 else v.float() for k, v in exact.items()}, facts)
    largest = max(v.abs().max().item() for k, v in exact.items() if k.startswith("gradient"))
    for key, value in exact.items():
        scale_of = largest if key.startswith("gradient") else max(value.abs().max().item(), 1e-30)
        print(f"  {key:60s} {(single[key].double() - value.double()).abs().max().item() / scale_of:.1e}")


if __name__ == "__main__":
    make("patch_ar_6x8", dict(height=6, width=8, colours=5, classes=3, side=2, hidden=12, dim=16, layers=2, heads=4,
                              feed_forward=24), scale=1.5, seed=41)
    make("patch_ar_7x5", dict(height=7, width=5, colours=3, classes=0, side=3, hidden=7, dim=12, layers=1, heads=2,
                              feed_forward=20), scale=1, seed=42)

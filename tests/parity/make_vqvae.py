#!/usr/bin/env python3
"""Makes data/vqvae_*.safetensors: a VQ-VAE's forward pass, gradients and 50 Adam steps, as PyTorch computes them.

usage: make_vqvae.py      (writes beside itself; see README.md for what the files hold)

Fails if double precision chooses another code anywhere: then a vector lies too near the middle of two codes to compare.
"""
import torch

import vectors
from models import VqVae, vqvae_losses

STEPS, BATCH, SPRITES, COMMITMENT = 50, 4, 12, 0.25


def build(dtype, initial, channels, size, width):
    model = VqVae(channels, size, width).to(dtype)
    model.load_state_dict(initial)
    return model


def losses_of(model, x, size):
    parts = model(x)
    return parts, vqvae_losses(*parts, x, size, COMMITMENT)


def one_step(dtype, initial, data, channels, size, width):
    """Forward, losses and gradients of one batch in training mode, then eval mode with the statistics that it left."""
    model, x = build(dtype, initial, channels, size, width), vectors.nchw(data).to(dtype)
    (logits, encoded, codes, index), losses = losses_of(model, x, size)
    losses[0].backward()
    out = {"forward.vectors": vectors.nhwc(encoded), "forward.codes": vectors.nhwc(codes), "forward.index": index.int(),
           "forward.logits": vectors.nhwc(logits), "forward.losses": torch.stack(losses)}
    out |= {f"gradient.{name}": p.grad for name, p in model.named_parameters()}
    out |= {f"forward.after.{name}": b for name, b in model.named_buffers()}
    model.eval()
    with torch.no_grad():
        out["eval.images"] = vectors.nhwc(model.reconstruct(x))
    return out


def trajectory(dtype, initial, data, index, channels, size, width):
    """Losses of each of the Adam steps, the codes chosen, and the least relative margin of a choice."""
    model = build(dtype, initial, channels, size, width)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    rows, chosen, margin = [], [], 1.0
    for step in range(STEPS):
        x = vectors.nchw(data[index[step].long()]).to(dtype)
        with torch.no_grad():  # moves the running statistics, which no loss here depends on
            two = model.distances(x)[1].topk(2, largest=False).values
            margin = min(margin, ((two[..., 1] - two[..., 0]) / two[..., 1]).min().item())
        adam.zero_grad()
        parts, losses = losses_of(model, x, size)
        losses[0].backward()
        adam.step()
        rows.append(torch.stack(losses).detach())
        chosen.append(parts[3])
    return torch.stack(rows), torch.stack(chosen), margin


def make(name, height, width, channels, codes, code_width, seed):
    vectors.deterministic(seed)
    model = VqVae(channels, codes, code_width)
    vectors.scramble_norms(model)
    torch.nn.init.uniform_(model.codebook.weight, -0.5, 2)
    initial = {k: v.clone() for k, v in model.state_dict().items()}
    data = vectors.sprites(SPRITES, height, width, channels, seed=seed)
    index = torch.stack([torch.randperm(SPRITES)[:BATCH] for _ in range(STEPS)]).int()
    sizes = channels, codes, code_width
    first = data[index[0].long()]
    stored, exact = (one_step(dtype, initial, first, *sizes) for dtype in (torch.float32, torch.float64))
    losses, chosen, margin = trajectory(torch.float32, initial, data, index, *sizes)
    exact_losses, exact_chosen, exact_margin = trajectory(torch.float64, initial, data, index, *sizes)
    print(f"  least margin between two codes {margin:.1e}, in double {exact_margin:.1e}")
    if not torch.equal(chosen, exact_chosen):
        raise SystemExit(f"{name}: double precision chooses other codes; take another seed")
    inputs = {"data": data, "index": index} | {f"initial.{k}": v for k, v in initial.items()}
    settings = f"codebook.size={codes} codebook.width={code_width} loss.commitment={COMMITMENT}"
    vectors.write(name, inputs | stored | {"trajectory.losses": losses}, {"method": "vqvae", "settings": settings})
    for key in ("forward.logits", "forward.losses", "eval.images"):
        print(f"  {key:20s} {((stored[key].double() - exact[key]).abs().max() / exact[key].abs().max()).item():.1e}")
    print(f"  {'trajectory.losses':20s} {((losses.double() - exact_losses) / exact_losses).abs().max().item():.1e}")


if __name__ == "__main__":
    make("vqvae_8x12x4", 8, 12, 4, 24, 8, seed=21)

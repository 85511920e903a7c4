#!/usr/bin/env python3
"""Makes data/vae_*.safetensors: a VAE's forward pass, gradients and 50 Adam steps, as PyTorch computes them.

usage: make_vae.py        (writes beside itself; see README.md for what the files hold)

Prints how far the same computation in double precision is from what is stored: no comparison can ask for less.
"""
import torch

import vectors
from models import BATCHNORM_BIASES, Vae, vae_losses

STEPS, BATCH, SPRITES, LATENT = 50, 8, 32, 32
FINAL_AT_MOST = 20_000  # larger tensors are left out of the final weights, to keep the files small


def build(dtype, initial, height, width, channels):
    model = Vae(height, width, channels, LATENT).to(dtype)
    model.load_state_dict(initial)
    return model


def one_step(dtype, initial, data, eps, kinds, size):
    """Forward, losses and gradients of one batch in training mode, then eval mode with the statistics that it left."""
    out = {}
    x = vectors.nchw(data).to(dtype)
    for kind in kinds:
        model = build(dtype, initial, *size)
        logits, mu, logvar = model(x, eps.to(dtype))
        total, recon, kl = vae_losses(logits, mu, logvar, x, kind)
        total.backward()
        out |= {f"{kind}.total": total, f"{kind}.recon": recon}
        out |= {f"{kind}.gradient.{name}": p.grad for name, p in model.named_parameters()}
    out |= {"forward.mu": mu, "forward.logvar": logvar, "forward.kl": kl, "forward.logits": vectors.nhwc(logits),
            "forward.images": vectors.nhwc(torch.sigmoid(logits))}
    out |= {f"forward.after.{name}": b for name, b in model.named_buffers()}
    model.eval()
    with torch.no_grad():
        mu, logvar = model.encode(x)
        out |= {"eval.mu": mu, "eval.logvar": logvar, "eval.logits": vectors.nhwc(model.logits(mu)),
                "eval.images": vectors.nhwc(model.reconstruct(x))}
    return out


def trajectory(dtype, initial, data, index, eps, kind, size):
    """Losses of each of the Adam steps, and the weights after the last."""
    model = build(dtype, initial, *size)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    rows = []
    for step in range(STEPS):
        x = vectors.nchw(data[index[step].long()]).to(dtype)
        adam.zero_grad()
        losses = vae_losses(*model(x, eps[step].to(dtype)), x, kind)
        losses[0].backward()
        adam.step()
        rows.append(torch.stack(losses).detach())
    out = {f"{kind}.trajectory.losses": torch.stack(rows)}
    out |= {f"{kind}.final.{name}": w for name, w in model.state_dict().items() if w.numel() <= FINAL_AT_MOST}
    return out


def report(stored, exact):
    """Largest distance to the double-precision result, per group, over the tensor's largest value; for gradients over the
    largest of all of them, for losses over each one itself."""
    groups = {}
    scale_of = lambda prefix: max(v.abs().max() for k, v in exact.items() if k.startswith(prefix))
    for name, value in stored.items():
        if not value.is_floating_point():
            continue
        group = name.split(".")[0] + "." + name.split(".")[1]
        if group.endswith("final"):
            bias = name.split("final.")[1] in BATCHNORM_BIASES or "running_mean" in name
            group += " (biases before a BatchNorm, running means)" if bias else " (all else)"
        want = exact[name]
        scale = want.abs().max()
        if group.endswith("gradient"):
            scale = scale_of(group)
        elif group.endswith("trajectory"):
            scale = want.abs()
        distance = ((value.double() - want.double()).abs() / scale).max().item()
        groups[group] = max(groups.get(group, 0), distance)
    for group, distance in groups.items():
        print(f"  {group:70s} {distance:.1e}")


def make(name, height, width, channels, kinds, seed):
    vectors.deterministic(seed)
    size = (height, width, channels)
    model = Vae(*size, LATENT)
    vectors.scramble_norms(model)
    initial = {k: v.clone() for k, v in model.state_dict().items()}
    data = vectors.sprites(SPRITES, *size, seed=seed)
    index = torch.stack([torch.randperm(SPRITES)[:BATCH] for _ in range(STEPS)]).int()
    eps = torch.randn(STEPS, BATCH, LATENT)

    def compute(dtype):
        first = data[index[0].long()]
        out = one_step(dtype, initial, first, eps[0], kinds, size)
        for kind in kinds:
            out |= trajectory(dtype, initial, data, index, eps, kind, size)
        return out

    stored, exact = compute(torch.float32), compute(torch.float64)
    inputs = {"data": data, "index": index, "eps": eps} | {f"initial.{k}": v for k, v in initial.items()}
    vectors.write(name, inputs | stored, {"method": "vae", "losses": " ".join(kinds), "learning_rate": "0.001"})
    report(stored, exact)


if __name__ == "__main__":
    make("vae_16x16x3", 16, 16, 3, ("mse", "bce"), seed=11)
    make("vae_8x12x4", 8, 12, 4, ("bce",), seed=12)

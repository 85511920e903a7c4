#!/usr/bin/env python3
"""PyTorch as the peer: a training step of each other model, and sampling, in eager fp32 on random data.

  steps_torch.py unet|tilemaps|vqvae|prior         median milliseconds of a training step
  steps_torch.py ddim|codes                        median milliseconds of 16 sprites: 50 DDIM steps of the U-Net; codes by the prior

Needs torch. --runs N of each after a tenth as many that do not count; --threads N (2). Times mean little when something else
runs on the same cores.
"""
import argparse
import pathlib
import statistics
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "parity"))
import models  # one definition for tests and benchmarks


def trainer(model, loss, adam=torch.optim.Adam):
    optimizer = adam(model.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad()
        loss(model).backward()
        optimizer.step()

    return step


def unet():
    x, classes = torch.rand(32, 3, 16, 16), torch.randint(0, 8, (32,))

    def loss(model):
        t, noise = torch.randint(0, 1000, (32,)), torch.randn_like(x)
        return F.mse_loss(model(0.7 * x + 0.7 * noise, t, classes), noise)

    return trainer(models.UNet(), loss)


def tilemaps():
    x = torch.rand(64, 3, 32, 32)

    def loss(model):
        t = torch.randint(0, 200, (64,))
        return F.l1_loss(torch.sigmoid(model(0.7 * x + 0.7 * torch.randn_like(x), t)), x)

    return trainer(models.TinyDenoiser(), loss, torch.optim.AdamW)


def vqvae():
    x = torch.rand(32, 3, 16, 16)

    def loss(model):
        # distances by cdist: the quickest plain way
        vectors = model.encoder(x)
        rows = vectors.permute(0, 2, 3, 1)
        index = torch.cdist(rows.reshape(-1, rows.shape[-1]), model.codebook.weight).argmin(-1)
        codes = model.codebook(index).reshape(rows.shape).permute(0, 3, 1, 2)
        logits = model.decoder(vectors + (codes - vectors).detach())
        return models.vqvae_losses(logits, vectors, codes, index, x, 128, 0.25)[0]

    return trainer(models.VqVae(), loss)


def published_prior():
    model = models.Prior()
    for layer in model.transformer.layers:
        layer.self_attn.dropout = 0.1
        for part in layer.modules():
            if isinstance(part, torch.nn.Dropout):
                part.p = 0.1
    return model


def prior():
    codes = torch.randint(0, 128, (64, 16))
    return trainer(published_prior(), lambda model: F.cross_entropy(model(codes).flatten(0, 1), codes.flatten()))


def ddim():
    model, alpha_bar = models.UNet().eval(), torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000), 0)
    times, classes = torch.arange(999, -1, -20), torch.arange(16) % 8

    @torch.no_grad()
    def sample():
        x = torch.randn(16, 3, 16, 16)
        for i, t in enumerate(times):
            before = alpha_bar[times[i + 1]] if i + 1 < len(times) else torch.tensor(1.0)
            eps = model(x, t.repeat(16), classes)
            x0 = ((x - (1 - alpha_bar[t]).sqrt() * eps) / alpha_bar[t].sqrt()).clamp(0, 1)
            x = before.sqrt() * x0 + (1 - before).sqrt() * eps

    return sample


def codes():
    model = models.Prior().eval()

    @torch.no_grad()
    def sample():
        drawn = torch.zeros(16, 16, dtype=torch.int64)
        for t in range(16):
            drawn[:, t] = torch.multinomial(torch.softmax(model(drawn)[:, t], -1), 1)[:, 0]

    return sample


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=[f.__name__ for f in WORK])
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    run = {f.__name__: f for f in WORK}[options.work]()
    took = []
    for i in range(options.runs + max(2, options.runs // 10)):
        start = time.perf_counter()
        run()
        took.append(1000 * (time.perf_counter() - start))
    took = sorted(took[-options.runs :])
    print(f"{options.work}: {statistics.median(took):.1f} ms ({took[0]:.1f} to {took[-1]:.1f}), PyTorch {torch.__version__}")


WORK = (unet, tilemaps, vqvae, prior, ddim, codes)

if __name__ == "__main__":
    main()

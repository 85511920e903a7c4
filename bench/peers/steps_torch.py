#!/usr/bin/env python3
"""PyTorch as the peer: a training step of each model, and sampling, on random data.

  steps_torch.py unet|tilemaps|vae|vqvae|prior|patch_ar   median milliseconds of a training step
  steps_torch.py ddim|codes                               median milliseconds of 16 sprites: 50 DDIM steps of the U-Net; codes by
                                                          the prior

Needs torch. --runs N of each after a tenth as many that do not count; --threads N (2); --precision fp32 or bf16 (autocast);
--channels-last; --compiled. Times mean little when something else runs on the same cores.
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


options = None  # of the command line


def placed(model):
    return model.to(memory_format=torch.channels_last) if options.channels_last else model


def autocast():
    return torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16")


def trainer(model, loss, adam=torch.optim.Adam):
    model = placed(model)
    optimizer = adam(model.parameters(), lr=1e-3)
    forward = torch.compile(loss) if options.compiled else loss

    def step():
        optimizer.zero_grad()
        with autocast():
            result = forward(model)
        result.backward()
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


def vae():
    x = torch.rand(32, 3, 16, 16)
    return trainer(models.Vae(), lambda model: models.vae_losses(*model(x, torch.randn(32, 32)), x, "mse")[0])


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


class PatchTransformer(torch.nn.Module):
    """tests/parity/models.py's, of 16 x 16 sprites in 16 colours and patches of 2 x 2, over all patches at once."""

    def __init__(self, colours=16, classes=15, dim=128, hidden=128, dropout=0.2):
        super().__init__()
        nn, self.colours = torch.nn, colours
        neighbours = [(-2, dx) for dx in range(-1, 3)] + [(-1, dx) for dx in range(-2, 4)]
        neighbours += [(dy, dx) for dy in range(2) for dx in (-2, -1)]
        places = []  # of each patch's neighbours among its sprite's pixels; 256: not known
        for patch in range(64):
            top, left = patch // 8 * 2, patch % 8 * 2
            around = [(top + dy, left + dx) for dy, dx in neighbours]
            around += [(top + j // 2, 15 - left - j % 2) for j in range(4)]
            places.append([y * 16 + x if 0 <= y < 16 and 0 <= x < 16 and y // 2 * 8 + x // 2 < patch else 256 for y, x in around])
        self.register_buffer("places", torch.tensor(places))
        self.register_buffer("pairs", torch.triu_indices(18, 18, 1))
        self.register_buffer("earlier", torch.tril(torch.ones(4, 4), -1))
        self.register_buffer("causal", nn.Transformer.generate_square_subsequent_mask(64))
        features = 18 * (colours + 1) + 153 + colours
        self.before, self.place = nn.Embedding(4 * colours + 1, dim), nn.Parameter(torch.zeros(64, dim))
        self.classes, self.mirrored = nn.Embedding(classes + 1, dim), nn.Embedding(2, dim)
        self.around, self.around_pixels = nn.Linear(features, dim, False), nn.Linear(features, 4 * hidden, False)
        layer = nn.TransformerEncoderLayer(dim, 4, 4 * dim, dropout, "gelu", batch_first=True, norm_first=True)
        self.transformer = nn.TransformerEncoder(layer, 4, enable_nested_tensor=False)
        self.norm, self.pixels, self.drop = nn.LayerNorm(dim), nn.Linear(dim, 4 * hidden), nn.Dropout(dropout)
        self.within = nn.Parameter(torch.randn(4, 4, colours, hidden) * 0.05)
        self.colour_heads = nn.Parameter(torch.zeros(4, colours, hidden))
        self.gate_heads = nn.Parameter(torch.zeros(4, 23, hidden))

    def forward(self, sprites, labels, mirrored):
        """The mean cross-entropy of LongTensor sprites [N,16,16]."""
        n, K = len(sprites), self.colours
        flat = torch.cat([sprites.flatten(1), torch.full((n, 1), K)], 1)
        around = F.one_hot(flat[:, self.places], K + 1).float()
        patches = sprites.reshape(n, 8, 2, 8, 2).transpose(2, 3).reshape(n, 64, 4)
        hot = F.one_hot(patches, K).float()
        used = (torch.cumsum(hot.sum(2), 1) - hot.sum(2) > 0).float()
        known = flat[:, self.places]
        equal = (known[:, :, self.pairs[0]] == known[:, :, self.pairs[1]]).float()
        features = F.dropout(torch.cat([around.flatten(2), equal, used], 2), 0.1, self.training)
        before = self.before(patches[:, :-1] + K * torch.arange(4)).sum(2)
        before = torch.cat([self.before.weight[-1].expand(n, 1, -1), before], 1)
        x = before + self.around(features) + self.place + (self.classes(labels) + self.mirrored(mirrored))[:, None]
        h = self.pixels(self.norm(self.transformer(self.drop(x), mask=self.causal, is_causal=True)))
        z = (h + self.around_pixels(features)).unflatten(2, (4, -1))
        z = F.silu(z + torch.einsum("ntik,jikh,ji->ntjh", hot, self.within, self.earlier))
        gates = torch.einsum("ntjh,jgh->ntjg", z, self.gate_heads)
        logits = torch.einsum("ntjh,jkh->ntjk", z, self.colour_heads) + gates[..., 22:] * used[:, :, None]
        logits = logits + torch.einsum("ntjs,ntsk->ntjk", gates[..., :18], around[..., :K])
        logits = logits + torch.einsum("ntji,ji,ntik->ntjk", gates[..., 18:22], self.earlier, hot)
        return F.cross_entropy(logits.flatten(0, 2).float(), patches.flatten())


def patch_ar():
    sprites, labels = torch.randint(0, 16, (32, 16, 16)), torch.randint(0, 15, (32,))
    mirrored = torch.randint(0, 2, (32,))
    return trainer(PatchTransformer(), lambda model: model(sprites, labels, mirrored), torch.optim.AdamW)


def ddim():
    model, alpha_bar = placed(models.UNet().eval()), torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000), 0)
    times, classes = torch.arange(999, -1, -20), torch.arange(16) % 8
    forward = torch.compile(model) if options.compiled else model

    @torch.no_grad()
    def sample():
        x = torch.randn(16, 3, 16, 16)
        for i, t in enumerate(times):
            before = alpha_bar[times[i + 1]] if i + 1 < len(times) else torch.tensor(1.0)
            with autocast():
                eps = forward(x, t.repeat(16), classes).float()
            x0 = ((x - (1 - alpha_bar[t]).sqrt() * eps) / alpha_bar[t].sqrt()).clamp(0, 1)
            x = before.sqrt() * x0 + (1 - before).sqrt() * eps

    return sample


def codes():
    model = models.Prior().eval()

    @torch.no_grad()
    def sample():
        drawn = torch.zeros(16, 16, dtype=torch.int64)
        for t in range(16):
            with autocast():
                logits = model(drawn)[:, t].float()
            drawn[:, t] = torch.multinomial(torch.softmax(logits, -1), 1)[:, 0]

    return sample


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=[f.__name__ for f in WORK])
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--compiled", action="store_true")
    global options
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


WORK = (unet, tilemaps, vae, vqvae, prior, patch_ar, ddim, codes)

if __name__ == "__main__":
    main()

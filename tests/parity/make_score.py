"""Makes data/score.safetensors: what `score` measures, worked out from the definitions, without any of its short cuts.

    python tests/parity/make_score.py
"""
import itertools

import numpy as np
import torch

import vectors

NEIGHBOURS = 5


def squared_distances(a, b):
    return ((a[:, None, :] - b[None, :, :]) ** 2).sum(-1)


def radii(x):
    """Squared distance to the k-th nearest of the others."""
    d = squared_distances(x, x)
    np.fill_diagonal(d, np.inf)
    return np.sort(d, axis=1)[:, NEIGHBOURS - 1]


def neighbours(x, y):
    """Precision, recall, density, coverage of samples x against real y."""
    d, rx, ry = squared_distances(x, y), radii(x), radii(y)
    in_real = d <= ry[None, :]
    return [in_real.any(1).mean(), (d <= rx[:, None]).any(0).mean(), in_real.sum() / len(x) / NEIGHBOURS,
            in_real.any(0).mean()]


def kernel_distance(x, y):
    def kernel(a, b):
        return (a @ b.T / a.shape[1] + 1) ** 3

    def inside(a):
        k = kernel(a, a)
        return (k.sum() - np.trace(k)) / len(a) / (len(a) - 1)

    return inside(x) + inside(y) - 2 * kernel(x, y).mean()


def scores(x, y, unit=1.0):
    return torch.tensor([*neighbours(x, y), kernel_distance(x / unit, y / unit)], dtype=torch.float64)


def divergence(x, y, side):
    """Jensen-Shannon divergence of windows, in nats."""
    def shares(set_):
        windows = np.lib.stride_tricks.sliding_window_view(set_, (side, side), axis=(1, 2)).reshape(-1, side * side)
        patterns, times = np.unique(windows, axis=0, return_counts=True)
        return {tuple(p): t / len(windows) for p, t in zip(patterns, times)}

    p, q, total = shares(x), shares(y), 0.0
    for pattern in p.keys() | q.keys():
        a, b = p.get(pattern, 0.0), q.get(pattern, 0.0)
        total += sum(v * np.log(2 * v / (a + b)) for v in (a, b) if v > 0) / 2
    return total


def agreeing(a, b):
    """Pixels that agree under the best one-to-one exchange of colours, by trying them all."""
    ours, theirs = np.unique(a), np.unique(b)
    if len(ours) > len(theirs):
        return agreeing(b, a)
    return max(sum(((a == o) & (b == t)).sum() for o, t in zip(ours, chosen))
               for chosen in itertools.permutations(theirs, len(ours)))


def sprite_distance(sample, sprite):
    height, width = sample.shape
    best = 1.0
    for down, right in itertools.product(*([-1, 0, 1] if side >= 8 else [0] for side in (height, width))):
        for flipped in (sample, sample[::-1], sample[:, ::-1], sample[::-1, ::-1]):
            a = flipped[max(0, -down):height - max(0, down), max(0, -right):width - max(0, right)]
            b = sprite[max(0, down):height - max(0, -down), max(0, right):width - max(0, -right)]
            best = min(best, 1 - agreeing(a, b) / a.size)
    return best


def few_colours(rng, count, height, width, colours):
    """Blobs, so that sprites have something in common."""
    coarse = rng.integers(0, colours, (count, (height + 2) // 3, (width + 2) // 3))
    fine = coarse.repeat(3, axis=1).repeat(3, axis=2)[:, :height, :width]
    return np.where(rng.random((count, height, width)) < 0.15, rng.integers(0, colours, fine.shape), fine).astype(np.uint8)


def copies(rng, height, width):
    samples, training = few_colours(rng, 10, height, width, 4), few_colours(rng, 12, height, width, 4)
    samples[0] = training[3][:, ::-1]
    samples[1] = np.array([2, 3, 1, 0], dtype=np.uint8)[np.roll(training[7], 1, axis=0)]
    samples[2] = 1
    training[5] = np.where(training[5] == 3, 2, training[5])
    return {"samples": samples, "training": training,
            "distance": np.array([[sprite_distance(s, t) for t in training] for s in samples])}


if __name__ == "__main__":
    generator = np.random.default_rng(5)
    out = {}
    real = generator.normal(size=(45, 12)).astype(np.float32)
    made = (1.2 * generator.normal(size=(60, 12)) + 0.3).astype(np.float32)
    out |= {"vectors.samples": made, "vectors.real": real, "vectors.scores": scores(made.astype(float), real.astype(float))}

    palette = np.array([[0, 0, 0], [255, 0, 10], [40, 200, 90], [250, 250, 250]], dtype=np.uint8)
    made, real = (few_colours(generator, n, 4, 5, 4) for n in (40, 30))
    real[10:17] = real[3]  # more equal ones than neighbours count: a ball of no size
    made[5] = real[3]
    made[20:] = generator.integers(0, 4, made[20:].shape)
    real[20:] = np.minimum(real[20:], 1)
    colours = [palette[i].reshape(len(i), -1).astype(float) for i in (made, real)]
    out |= {"pixels.samples": palette[made], "pixels.real": palette[real], "pixels.scores": scores(*colours, unit=255.0)}

    made, real = few_colours(generator, 20, 7, 6, 3), few_colours(generator, 15, 7, 6, 4)
    divergences = torch.tensor([divergence(made, real, 1), divergence(made, real, 2)], dtype=torch.float64)
    out |= {"patterns.samples": made, "patterns.real": real, "patterns.divergence": divergences}
    for name, size in (("copies", (9, 8)), ("narrow", (10, 5))):
        out |= {f"{name}.{k}": v for k, v in copies(generator, *size).items()}
    tensors = {k: v if isinstance(v, torch.Tensor) else torch.from_numpy(np.ascontiguousarray(v)) for k, v in out.items()}
    vectors.write("score", tensors, {"neighbours": str(NEIGHBOURS)})
    for name in ("vectors.scores", "pixels.scores", "patterns.divergence"):
        print(f"  {name:20s}", *(f"{v:.4f}" for v in tensors[name].tolist()))

"""How well sprites are completed of which a part is fixed: a table of docs/hints.md.

    python3 bench/completions.py MODEL.safetensors SPRITES.npy [PARTICLES,...] [-- OPTION of sample ...]

Takes the sprites that the model has not seen (check-sprites --save-held-out), fixes a part of each, completes it four
times with `sample`, and measures with `score`; wants NumPy, and the tools on the PATH or in build/bin.
"""

import os
import subprocess
import sys
import tempfile
import time

import numpy as np

TIMES = 4
MEASURES = ("precision-pixels", "coverage", "context-bits", "two-sample", "copies")

os.environ["PATH"] = "build/bin" + os.pathsep + os.environ["PATH"]


def run(*command):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


def scores(samples, data, model):
    rows = run("score", samples, "--data", data, "--model", model, "--tsv", "--allow-few").splitlines()
    value = {row.split("\t")[0]: float(row.split("\t")[1]) for row in rows[1:]}
    return " ".join(f"{m} {value[m]:.3f}" for m in MEASURES)


def as_bytes(path):
    return (np.load(path) * 255 + 0.5).astype(np.uint8)


def masks(held):
    """What is fixed, by name: arrays [N,H,W] of 0 and 1."""
    n, height, width, _ = held.shape
    centre = np.ones((n, height, width), np.int32)
    centre[:, height // 4 : -height // 4, width // 4 : -width // 4] = 0
    lower = np.ones_like(centre)
    lower[:, : height // 2] = 0
    random = (np.random.RandomState(1).rand(n, height, width) < 0.25).astype(np.int32)
    return {"all but the centre": centre, "the lower half": lower, "a random quarter": random}


def complete(options, model, data, held, hidden, name, folder):
    out = os.path.join(folder, "out.npy")
    began = time.time()
    run("sample", model, "-q", "-n", TIMES * len(held), "-s", 5, "-o", out, *options)
    each = (time.time() - began) / (TIMES * len(held))
    right = (as_bytes(out) == np.tile(held, (TIMES, 1, 1, 1))).all(-1)[np.tile(hidden, (TIMES, 1, 1))].mean()
    print(f"{name}: hidden pixels right {right:.3f} {scores(out, data, model)} seconds each {each:.3f}", flush=True)


def windows(sprites):
    """Every 2 x 2 window as a number, [N,H-1,W-1]; sprites are palette indices."""
    s = sprites.astype(np.int64)
    return ((s[:, :-1, :-1] * 257 + s[:, :-1, 1:]) * 257 + s[:, 1:, :-1]) * 257 + s[:, 1:, 1:]


def as_numbers(sprites, table):
    flat = sprites.reshape(-1, sprites.shape[-1]).astype(np.int64) @ (256 ** np.arange(sprites.shape[-1]))
    return np.searchsorted(table, flat).reshape(sprites.shape[:-1])


def seams(model, data, held, folder):
    """Windows that no training sprite has: across the edges of sprites side by side, and within held-out ones."""
    everything = np.load(data)
    table = np.unique(everything.reshape(-1, everything.shape[-1]).astype(np.int64) @ (256 ** np.arange(everything.shape[-1])))
    seen = {sprite.tobytes() for sprite in held}
    training = np.array([sprite for sprite in everything if sprite.tobytes() not in seen])
    known = np.unique(windows(as_numbers(training, table)))
    new = lambda sprites: (~np.isin(windows(as_numbers(sprites, table)), known))
    print(f"windows that are new, within held-out sprites: {new(held).mean():.4f}")
    for option in ([], ["--tile", "xy"]):
        out = os.path.join(folder, "tile.npy")
        run("sample", model, "-q", "-n", 200, "-o", out, *option)
        sprites = as_bytes(out)
        pair = np.concatenate([sprites, sprites], 2)
        width = sprites.shape[2]
        print(f"across the edge {' '.join(option) or 'without --tile'}: {new(pair)[:, :, width - 1].mean():.4f}", flush=True)


def main():
    arguments, extra = sys.argv[1:], []
    if "--" in arguments:
        arguments, extra = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    model, data = arguments[:2]
    particles = (arguments[2] if len(arguments) > 2 else "1,8,32").split(",")
    with tempfile.TemporaryDirectory() as folder:
        held_path, mask_path = os.path.join(folder, "held.npy"), os.path.join(folder, "mask.npy")
        run("check-sprites", "-q", data, "--save-held-out", held_path)
        held = np.load(held_path)
        for name, mask in masks(held).items():
            np.save(mask_path, mask)
            for m in particles:
                options = ["--from", held_path, "--lock", mask_path, "--strength", 1, "--particles", m, *extra]
                complete(options, model, data, held, mask == 0, f"{name} is fixed, {m} particles", folder)
        for m in particles:
            options = ["--silhouette", held_path, "--particles", m, *extra]
            complete(options, model, data, held, np.ones(held.shape[:3], bool), f"a silhouette, {m} particles", folder)
        seams(model, data, held, folder)


main()

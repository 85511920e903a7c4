#!/usr/bin/env python3
"""PyTorch as the peer: the same VAE, written plainly, timed and trained.

  vae_torch.py step                          time of a training step, in each setting PyTorch offers; peak memory
  vae_torch.py cold                          process start to one new sprite on disk; peak memory
  vae_torch.py train --sheet SHEET.png       the losses that a whole training comes to

Needs torch, numpy and Pillow (a virtual environment of their own is best). Each figure is measured in a process of its own, so
that peak memory is that setting's. Times mean little when something else runs on the same cores: `spread` is the
distance between the 10th and the 90th hundredth of the times, over the median.
"""
import argparse
import collections
import importlib.util
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[2] / "tests" / "parity"))  # models.py: one definition for tests and benchmarks

SETTINGS = ("eager", "eager-fused-adam", "eager-channels-last", "compile", "compile-fused-adam", "compile-channels-last",
            "compile-channels-last-fused-adam")


def peak_mb():
    """Peak resident memory of this process in MB (10^6 bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def trainer(torch, data, kind, batch, setting, learning_rate=1e-3):
    """Returns step() -> total loss (a tensor): gather a batch from the resident data, flip half of it, noise, forward, loss,
    backward, Adam. The order is shuffled anew each epoch; the last partial batch is dropped."""
    from models import Vae, vae_losses

    count, channels, height, width = data.shape
    model = Vae(height, width, channels)
    if "channels-last" in setting:
        model, data = (x.to(memory_format=torch.channels_last) for x in (model, data))
    adam = torch.optim.Adam(model.parameters(), lr=learning_rate, fused=True if "fused-adam" in setting else None)

    def loss_of(x, eps):
        return vae_losses(*model(x, eps), x, kind)[0]

    loss_of = torch.compile(loss_of) if setting.startswith("compile") else loss_of
    order = []

    def step():
        if not order:
            order.extend(torch.randperm(count)[: count - count % batch].split(batch))
        x = data[order.pop()]
        x = torch.where(torch.rand(batch, 1, 1, 1) < 0.5, x.flip(3), x)
        adam.zero_grad()
        loss = loss_of(x, torch.randn(batch, 32))
        loss.backward()
        adam.step()
        return loss.detach()

    return step


def measure_step(args):
    """One setting, in this process."""
    import torch

    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    step = trainer(torch, torch.rand(800, args.channels, args.size, args.size), args.loss, args.batch, args.one)
    for _ in range(args.warm_up):
        step()
    times = []
    for _ in range(args.steps):
        start = time.perf_counter()
        step()
        times.append(1e3 * (time.perf_counter() - start))
    tenths = statistics.quantiles(times, n=10)
    return {"setting": args.one, "ms": statistics.median(times), "fastest_ms": min(times),
            "spread": (tenths[8] - tenths[0]) / statistics.median(times), "peak_mb": peak_mb(),
            "pytorch": torch.__version__}


def measure_sample(args):
    """From a stored state_dict to one PNG; the caller's clock counts the interpreter's start too."""
    import torch
    from PIL import Image

    from models import Vae

    torch.set_num_threads(args.threads)
    model = Vae()
    model.load_state_dict(torch.load(args.model))
    model.eval()
    with torch.no_grad():
        image = model.sample(torch.randn(1, 32))[0].permute(1, 2, 0)
    Image.fromarray((image * 255).round().to(torch.uint8).numpy()).save(args.output)
    return {"peak_mb": peak_mb()}


def child(*words):
    """Runs this script again; returns (seconds, its answer)."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, str(HERE), *map(str, words)], stdout=subprocess.PIPE, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        return seconds, None  # what went wrong is on stderr already
    return seconds, json.loads(done.stdout)


def print_rows(rows, as_json):
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    widths = {key: max(len(key), *(len(row[key]) for row in rows)) for key in rows[0]}
    for row in [dict(zip(widths, widths)), *rows]:
        print("  ".join(row[key].ljust(width) for key, width in widths.items()).rstrip())


def do_step(args):
    if args.one:
        print(json.dumps(measure_step(args)))
        return 0
    rows = []
    same = ["--batch", args.batch, "--size", args.size, "--channels", args.channels, "--threads", args.threads,
            "--steps", args.steps, "--warm-up", args.warm_up, "--loss", args.loss]
    for setting in args.setting or SETTINGS:
        runs = [answer for _, answer in (child("step", "--one", setting, *same) for _ in range(args.repeat)) if answer]
        if not runs:
            print(f"vae_torch.py: {setting}: does not run here", file=sys.stderr)
            continue
        best = sorted(runs, key=lambda run: run["ms"])[(len(runs) - 1) // 2]
        rows.append(best if args.json else {
            "setting": setting, "median ms": f"{best['ms']:.2f}", "fastest ms": f"{best['fastest_ms']:.2f}",
            "spread": f"{best['spread']:.0%}", "medians of all runs": " ".join(f"{run['ms']:.2f}" for run in runs),
            "peak MB": f"{best['peak_mb']:.0f}"})
    if rows:
        print_rows(rows, args.json)
    return 0 if rows else 1


def do_cold(args):
    if args.model:
        print(json.dumps(measure_sample(args)))
        return 0
    import torch

    from models import Vae

    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "vae.pt")
        torch.save(Vae().state_dict(), model)
        runs = [child("cold", "--model", model, "--output", os.path.join(folder, "sprite.png"), "--threads", args.threads)
                for _ in range(args.repeat + 1)][1:]  # the first one reads the libraries from disk
    if any(answer is None for _, answer in runs):
        return 1
    seconds, peak = [run[0] for run in runs], max(answer["peak_mb"] for _, answer in runs)
    if args.json:
        print(json.dumps({"seconds": statistics.median(seconds), "peak_mb": peak}))
    else:
        print(f"cold start to one sprite on disk: median {statistics.median(seconds):.2f} s "
              f"({min(seconds):.2f} to {max(seconds):.2f}, {len(seconds)} runs), peak {peak:.0f} MB")
    return 0


def slice_sheet(path, tile, density):
    """Tiles that are not fully transparent, on black, whose share of pixels with R+G+B > 10 lies in `density`:
    uint8 [N,tile,tile,3]."""
    import numpy as np
    from PIL import Image

    rgba = np.asarray(Image.open(path).convert("RGBA")).astype(np.int64)
    rows, columns = rgba.shape[0] // tile, rgba.shape[1] // tile
    tiles = rgba[: rows * tile, : columns * tile].reshape(rows, tile, columns, tile, 4).transpose(0, 2, 1, 3, 4)
    tiles = tiles.reshape(-1, tile, tile, 4)
    tiles = tiles[tiles[..., 3].max(axis=(1, 2)) > 0]
    rgb = (tiles[..., :3] * tiles[..., 3:] + 127) // 255
    share = (rgb.sum(axis=3) > 10).mean(axis=(1, 2))
    return rgb[(share >= density[0]) & (share <= density[1])].astype("uint8")


def do_train(args):
    import numpy as np
    import torch

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    if args.sprites:
        sprites = np.load(args.sprites)
    else:
        sprites = slice_sheet(args.sheet, args.tile, [float(x) for x in args.density.split(":")])
    data = torch.from_numpy(sprites).permute(0, 3, 1, 2).float() / (255 if sprites.dtype == np.uint8 else 1)
    kept = torch.randperm(len(data))[args.hold_out:]
    step = trainer(torch, data[kept].contiguous(), args.loss, args.batch, args.setting)
    print(f"{len(data)} sprites, {len(kept)} to train on, {args.steps} steps of {args.loss} at batch {args.batch}")
    losses, start = collections.deque(maxlen=500), time.perf_counter()
    for number in range(1, args.steps + 1):
        losses.append(step())
        if number % args.every == 0 or number == args.steps:
            rate = number / (time.perf_counter() - start)
            mean = torch.stack(list(losses)).mean().item()
            print(f"step {number}: mean total loss of the last 500 steps {mean:.5f} ({rate:.0f} steps/s)", flush=True)
    print(f"peak memory {peak_mb():.0f} MB")
    return 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name, run, text):
        sub = commands.add_parser(name, help=text, description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        sub.set_defaults(run=run)
        sub.add_argument("--threads", type=int, default=2, help="PyTorch's threads")
        return sub

    step = command("step", do_step, "time a training step")
    cold = command("cold", do_cold, "time a cold start to one sprite on disk")
    train = command("train", do_train, "train and print the losses")
    for sub in (step, train):
        sub.add_argument("--loss", choices=("mse", "bce"), default="mse")
        sub.add_argument("--batch", type=int, default=32)
    step.add_argument("--setting", action="append", choices=SETTINGS, help="only this one (may be repeated); without: all")
    step.add_argument("--size", type=int, default=16, help="side of a sprite")
    step.add_argument("--channels", type=int, default=3)
    step.add_argument("--steps", type=int, default=500, help="steps timed")
    step.add_argument("--warm-up", type=int, default=50, help="steps before that")
    step.add_argument("--one", choices=SETTINGS, help=argparse.SUPPRESS)
    cold.add_argument("--model", help=argparse.SUPPRESS)
    cold.add_argument("--output", help=argparse.SUPPRESS)
    for sub, times in ((step, 3), (cold, 7)):
        sub.add_argument("--repeat", type=int, default=times, help="processes measured")
        sub.add_argument("--json", action="store_true", help="print JSON")
    source = train.add_mutually_exclusive_group(required=True)
    source.add_argument("--sheet", help="tilesheet PNG")
    source.add_argument("--sprites", help=".npy [N,H,W,C], uint8 or floats in [0,1]")
    train.add_argument("--tile", type=int, default=16, help="side of the sheet's tiles")
    train.add_argument("--density", default="0.15:0.50", help="tiles kept: least and largest share of pixels that are not black")
    train.add_argument("--hold-out", type=int, default=0, help="sprites left out of training, drawn at random")
    train.add_argument("--steps", type=int, default=24000)
    train.add_argument("--every", type=int, default=2000, help="steps between two lines")
    train.add_argument("--setting", choices=SETTINGS, default="eager")
    train.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    options = arguments()
    missing = [name for name in ("torch", "numpy", "PIL") if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit(f"vae_torch.py: Python's {missing[0]} is missing, expected the packages torch, numpy and Pillow")
    sys.exit(options.run(options))

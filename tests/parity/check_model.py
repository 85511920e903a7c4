#!/usr/bin/env python3
"""Checks a trained VAE or VQ-VAE of ours against PyTorch.

Loads the model file with a strict load_state_dict into the plain PyTorch module (types and shapes must be the same
besides), reconstructs SPRITES (the decoded mean or codes, in eval mode) and compares with RECONSTRUCTION, which
`sample MODEL.safetensors --reconstruct SPRITES.npy` wrote. uint8 sprites are taken as n/255, and RGBA ones laid on black
where the model has three channels; a uint8 reconstruction may be off by its rounding besides.
Exit status: 0 equal, 1 different, 2 wrong usage, 3 a file that does not fit.
"""
import argparse
import sys

import numpy as np
import torch
from safetensors import safe_open

import vectors
from models import vae_for_weights, vqvae_for_weights


def refuse(place, text):
    print(f"check_model.py: {place}: {text}", file=sys.stderr)
    sys.exit(3)


MODELS = {"vae": vae_for_weights, "vqvae": vqvae_for_weights}


def read_weights(path):
    """The function that makes the model, and its state_dict."""
    try:
        with safe_open(path, framework="pt") as file:
            method = (file.metadata() or {}).get("method", "vae")
            if method not in MODELS:
                refuse(path, f"a model of method {method}, expected {' or '.join(MODELS)}")
            return MODELS[method], {name: file.get_tensor(name) for name in file.keys()}
    except Exception as error:  # the package raises types of its own
        refuse(path, f"cannot read it: {error}")


def read_images(path):
    """[N,H,W,C] in [0,1], and half a step of rounding if it is stored in whole numbers."""
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        refuse(path, f"cannot read it: {error}")
    if array.ndim != 4 or array.shape[3] not in (3, 4) or array.dtype not in (np.uint8, np.float32) or not array.size:
        refuse(path, f"{array.dtype} {list(array.shape)}, expected uint8 or float32 [N,H,W,3 or 4]")
    if array.dtype == np.uint8:
        return torch.from_numpy(array).float() / 255, 0.5 / 255
    return torch.from_numpy(array), 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", metavar="MODEL.safetensors")
    parser.add_argument("sprites", metavar="SPRITES.npy")
    parser.add_argument("reconstruction", metavar="RECONSTRUCTION.npy")
    parser.add_argument("--tolerance", type=float, default=1e-5, help="largest difference allowed (1e-5)")
    args = parser.parse_args()

    torch.set_num_threads(1)
    model_for_weights, weights = read_weights(args.model)
    x, _ = read_images(args.sprites)
    ours, rounding = read_images(args.reconstruction)
    try:
        model = model_for_weights(weights, x.shape[1], x.shape[2])
        describe = lambda state: {name: (value.dtype, tuple(value.shape)) for name, value in state.items()}
        have, want = describe(weights), describe(model.state_dict())
        model.load_state_dict(weights, strict=True)
        if have != want:  # a strict load lets a missing num_batches_tracked, another type and [1] for a scalar pass
            odd = sorted(name for name in have.keys() | want.keys() if have.get(name) != want.get(name))
            raise ValueError(f"{odd[0]}: {have.get(odd[0], 'missing')}, expected {want.get(odd[0], 'nothing')}")
    except (ValueError, RuntimeError) as error:
        refuse(args.model, error)
    channels = weights["encoder.0.weight"].shape[1]
    if x.shape[3] == 4 and channels == 3:
        x = x[..., :3] * x[..., 3:]
    elif x.shape[3] != channels:
        refuse(args.sprites, f"{x.shape[3]} channels, expected the model's {channels}")

    model.eval()
    with torch.no_grad():
        want = torch.cat([vectors.nhwc(model.reconstruct(vectors.nchw(part))) for part in x.split(256)])
    if want.shape != ours.shape:
        refuse(args.reconstruction, f"shape {list(ours.shape)}, expected {list(want.shape)}")
    difference = (want - ours).abs()
    worst = difference.max().item()
    at = [int(i) for i in np.unravel_index(int(difference.argmax()), difference.shape)]
    equal = worst <= args.tolerance + rounding  # false for NaN
    print(f"{len(x)} sprites: largest difference {worst:.2e} at {at}, allowed {args.tolerance + rounding:.2e}: "
          f"{'equal' if equal else 'DIFFERENT'}")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())

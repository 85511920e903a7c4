"""What the scripts that make vectors share: layout, test sprites, files."""
import json
import pathlib

import torch

DATA = pathlib.Path(__file__).parent / "data"


def deterministic(seed):
    """One thread, deterministic kernels: the same machine and PyTorch give the same file again."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)


def nhwc(x):
    """[N,C,H,W] -> [N,H,W,C], as files have it."""
    return x.permute(0, 2, 3, 1)


def nchw(x):
    """[N,H,W,C] -> [N,C,H,W], as PyTorch has it."""
    return x.permute(0, 3, 1, 2)


def scramble_norms(model):
    """Gives every BatchNorm weights, biases and running statistics other than 1, 0, 0, 1, so that none of them can be
    left out unnoticed."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)


def sprites(count, height, width, channels, seed=1):
    """Small symmetric figures of two or three flat colours on an empty ground: [N,H,W,C] in [0,1], values of n/255.
    With four channels the ground is transparent and the last channel is alpha."""
    g = torch.Generator().manual_seed(seed)
    palette = torch.tensor([[207, 198, 184], [60, 172, 215], [56, 217, 115], [230, 72, 46], [244, 180, 27], [122, 68, 74]])
    out = torch.zeros(count, height, width, channels)
    for sprite in out:
        half = torch.rand(height, width // 2, generator=g)
        rows = torch.linspace(-1, 1, height)[:, None].abs()
        columns = torch.linspace(1, 0, width // 2)[None, :]
        inside = half + 0.8 > rows + columns + 0.4 * torch.rand(1, generator=g)
        colours = palette[torch.randperm(len(palette), generator=g)[:3]]
        which = (torch.rand(height, width // 2, generator=g) * 3).long().sort(dim=0).values
        left = torch.where(inside[..., None], colours[which], torch.zeros(3, dtype=torch.long)).float() / 255
        sprite[..., :3] = torch.cat([left, left.flip(1)], dim=1)
        if channels == 4:
            sprite[..., 3] = torch.cat([inside, inside.flip(1)], dim=1).float()
    return out


def purpose_of(name):
    """The number of a purpose's name (lib/core/random.h): FNV-1a."""
    number = 2166136261
    for byte in name.encode():
        number = (number ^ byte) * 16777619 & 0xffffffff
    return number


def philox(counter, key):
    """Philox 4x32-10: four 32-bit numbers of a counter of four and a key of two."""
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xd2511f53 * c[0], 0xcd9e8d57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xffffffff, (a >> 32) ^ c[3] ^ k[1], a & 0xffffffff]
        k = [(k[0] + 0x9e3779b9) & 0xffffffff, (k[1] + 0xbb67ae85) & 0xffffffff]
    return c


def draws_of_slots(seed, purposes, steps, slots):
    """The first uniform number on (0, 1) of each step's slots for each purpose, as the C program draws it: float64
    [steps, purposes, slots]."""
    return torch.tensor([[[((philox((0, slot, step, purpose_of(name)), (seed, 0))[0] >> 9) + 0.5) / 2 ** 23
                           for slot in slots] for name in purposes] for step in steps], dtype=torch.float64)


TYPES = {torch.uint8: "U8", torch.float32: "F32", torch.float64: "F64", torch.int32: "I32", torch.int64: "I64"}


def write(name, tensors, metadata):
    """Writes data/NAME.safetensors, tensors and metadata in the given order: the safetensors package leaves the order of
    metadata to chance, and a file that is made again should be the same file."""
    header, blocks, offset = {"__metadata__": {"pytorch": torch.__version__.split("+")[0], **metadata}}, [], 0
    for key, value in tensors.items():
        block = value.detach().contiguous().numpy().tobytes()
        header[key] = {"dtype": TYPES[value.dtype], "shape": list(value.shape),
                       "data_offsets": [offset, offset + len(block)]}
        blocks.append(block)
        offset += len(block)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    DATA.mkdir(exist_ok=True)
    path = DATA / f"{name}.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(blocks))
    print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size:,} bytes")

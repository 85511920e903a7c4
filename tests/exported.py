"""Whether a GIF, PNG or APNG holds exactly the sprites of an array, as Pillow reads it.

    python3 exported.py PICTURE SPRITES.npy SCALE [FORMAT] [KEY=VALUE]...    # KEY of Pillow's info, or frames
"""
import sys

import numpy
from PIL import Image, ImageSequence

path, sprites, scale = sys.argv[1], numpy.load(sys.argv[2]), int(sys.argv[3])
if sprites.shape[-1] == 3:
    sprites = numpy.concatenate([sprites, numpy.full(sprites.shape[:-1] + (1,), 255, "u1")], -1)
sprites = sprites.repeat(scale, 1).repeat(scale, 2)
picture = Image.open(path)
facts = dict(picture.info, frames=getattr(picture, "n_frames", 1))
for wanted in sys.argv[5:]:
    key, value = wanted.split("=")
    assert str(facts.get(key)) == value, f"{path}: {key} is {facts.get(key)}, expected {value}"
assert len(sys.argv) < 5 or picture.format == sys.argv[4], picture.format
frames = numpy.stack([numpy.array(frame.convert("RGBA")) for frame in ImageSequence.Iterator(picture)])
assert frames.shape == sprites.shape, f"{path}: {frames.shape}, expected {sprites.shape}"
differ = (frames != sprites).any(-1) & ((frames[..., 3] > 0) | (sprites[..., 3] > 0))
assert not differ.any(), f"{path}: {differ.sum()} pixels differ, the first at {numpy.argwhere(differ)[0]}"

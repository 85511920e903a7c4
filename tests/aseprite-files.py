"""Files as Aseprite writes them, made without any of our code, each beside the pixels that it must give.

    python3 aseprite-files.py    # NAME.aseprite and NAME.npy (|u1 [frames, height, width, 4]) into this folder

By https://github.com/aseprite/aseprite/blob/main/docs/ase-file-specs.md; the standard library alone.
"""
import random
import struct
import zlib

RAW, LINKED, COMPRESSED, TILEMAP = range(4)


def text(letters):
    data = letters.encode()
    return struct.pack("<H", len(data)) + data


def chunk(kind, data):
    return struct.pack("<IH", len(data) + 6, kind) + data


def layer(name, flags=1, kind=0, level=0, blend=0, opacity=255):
    more = struct.pack("<I", 0) if kind == 2 else b""
    return chunk(0x2004, struct.pack("<6HB3x", flags, kind, level, 0, 0, blend, opacity) + text(name) + more)


def cel(number, x, y, width, height, pixels, opacity=255, z=0, how=COMPRESSED):
    data = struct.pack("<HhhBHh5x", number, x, y, opacity, how, z) + struct.pack("<HH", width, height)
    return chunk(0x2005, data + (pixels if how == RAW else zlib.compress(pixels)))


def link(number, x, y, frame, opacity=255):
    return chunk(0x2005, struct.pack("<HhhBHh5xH", number, x, y, opacity, LINKED, 0, frame))


def tilemap_cel(number):
    return chunk(0x2005, struct.pack("<HhhBHh5x", number, 0, 0, 255, TILEMAP, 0) +
                 struct.pack("<3H4I10x", 1, 1, 32, 0x1FFFFFFF, 0, 0, 0) + zlib.compress(bytes(4)))


def palette(colours, first=0, size=None, names=False):
    data = struct.pack("<III8x", size or len(colours), first, first + len(colours) - 1)
    for i, rgba in enumerate(colours):
        data += struct.pack("<H4B", names and i % 2, *rgba) + (text(f"colour {i}") if names and i % 2 else b"")
    return chunk(0x2019, data)


def old_palette(kind, packets):
    data = struct.pack("<H", len(packets))
    for skip, colours in packets:
        data += struct.pack("<BB", skip, len(colours) % 256) + b"".join(bytes(c) for c in colours)
    return chunk(kind, data)


def sprite(depth, width, height, frames, flags=1, transparent=0):
    body = b""
    for chunks in frames:
        data = b"".join(chunks)
        body += struct.pack("<IHHHHI", len(data) + 16, 0xF1FA, len(chunks), 100, 0, len(chunks)) + data
    head = struct.pack("<H4HIH8xB3xHBBhhHH84x", 0xA5E0, len(frames), width, height, depth, flags, 100, transparent, 0, 1, 1,
                       0, 0, 16, 16)
    assert len(head) == 124
    return struct.pack("<I", 128 + len(body)) + head + body


def product(a, b):
    t = a * b + 128
    return (t >> 8) + t >> 8


def over(below, above, opacity):
    alpha = product(above[3], opacity)
    if below[3] == 0:
        return (*above[:3], alpha)
    whole = alpha + below[3] - product(below[3], alpha)
    return (*(b + int((a - b) * alpha / whole) for a, b in zip(above[:3], below[:3])), whole)


class Canvas:
    def __init__(self, width, height):
        self.width, self.height = width, height
        self.pixels = [[(0, 0, 0, 0)] * width for _ in range(height)]

    def draw(self, x, y, width, height, colours, opacity=255):
        for i, colour in enumerate(colours):
            to_x, to_y = x + i % width, y + i // width
            if 0 <= to_x < self.width and 0 <= to_y < self.height:
                self.pixels[to_y][to_x] = over(self.pixels[to_y][to_x], colour, opacity)
        return self

    def bytes(self):
        flat = [c if c[3] else (0, 0, 0, 0) for row in self.pixels for c in row]
        return b"".join(bytes(c) for c in flat)


def save(name, data, canvases=()):
    with open(name + ".aseprite", "wb") as file:
        file.write(data)
    if canvases:
        shape = (len(canvases), canvases[0].height, canvases[0].width, 4)
        head = "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }" % (shape,)
        with open(name + ".npy", "wb") as file:
            file.write(b"\x93NUMPY\x01\x00\x76\x00" + head.ljust(117).encode() + b"\n")
            file.write(b"".join(c.bytes() for c in canvases))


def flat(colours):
    return b"".join(bytes(c) for c in colours)


random.seed(1)
some = [tuple(random.choice((0, 40, 200, 255)) for _ in range(3)) + (random.choice((0, 90, 255)),) for _ in range(24)]
solid = [c[:3] + (255,) for c in some[:20]]

# Layers, opacity, a hidden layer, a hidden group, a reference layer; raw, linked and compressed cels; cels that reach
# beyond the picture; chunks that nobody needs.
save("rgba", sprite(32, 5, 4, [
    [chunk(0x2007, bytes(16)), layer("ground"), layer("group", flags=0, kind=1), layer("inside", level=1),
     layer("hidden", flags=0), layer("light", opacity=128), layer("traced", flags=65),
     chunk(0x2018, struct.pack("<H8x", 0)),
     cel(0, 0, 0, 5, 4, flat(solid)), cel(2, 0, 0, 5, 4, flat(some[:20])), cel(3, 0, 0, 5, 4, flat(some[:20])),
     cel(4, -1, 2, 6, 4, flat(some), opacity=200, how=RAW), cel(5, 0, 0, 5, 4, flat(some[:20]))],
    [link(0, 1, -1, 0, opacity=77), cel(4, 3, 3, 1, 1, flat(some[1:2]))],
]), [
    Canvas(5, 4).draw(0, 0, 5, 4, solid).draw(-1, 2, 6, 4, some, product(200, 128)),
    Canvas(5, 4).draw(1, -1, 5, 4, solid, 77).draw(3, 3, 1, 1, some[1:2], 128),
])

# Opacity of layers counts only where the header says so.
save("no-opacity", sprite(32, 5, 4, [[layer("a", opacity=10), cel(0, 0, 0, 5, 4, flat(some[:20]))]], flags=0),
     [Canvas(5, 4).draw(0, 0, 5, 4, some[:20])])

grey = [(v, v, v, a) for v, a in zip((0, 9, 128, 255, 77, 200), (255, 255, 0, 255, 128, 1))]
save("grey", sprite(16, 3, 2, [[layer("a"), cel(0, 0, 0, 3, 2, flat((c[0], c[3]) for c in grey))]]),
     [Canvas(3, 2).draw(0, 0, 3, 2, grey)])

# Indices; the palette is in its own order, changes in the second frame, and index 3 is no colour.
first = [(0, 0, 0, 255), (255, 0, 0, 255), (0, 255, 0, 255), (9, 9, 9, 255), (0, 0, 255, 255), (1, 2, 3, 255)]
second = first[:1] + [(250, 250, 0, 255)] + first[2:]
places = [0, 1, 2, 3, 4, 1]


def look_up(colours, transparent):
    return [(0, 0, 0, 0) if i == transparent else colours[i] for i in places]


save("indexed", sprite(8, 3, 2, [
    [palette(first, names=True), old_palette(0x0004, [(0, [(7, 7, 7)] * 6)]), layer("a"),
     cel(0, 0, 0, 3, 2, bytes(places))],
    [palette(second[1:2], first=1, size=6), link(0, 0, 0, 0)],
], transparent=3), [Canvas(3, 2).draw(0, 0, 3, 2, look_up(p, 3)) for p in (first, second)])
save("background", sprite(8, 3, 2, [[palette(first), layer("Background", flags=9), cel(0, 0, 0, 3, 2, bytes(places))]],
                          transparent=3), [Canvas(3, 2).draw(0, 0, 3, 2, look_up(first, None))])
old = [(0, 0, 0), (255, 0, 0), (0, 0, 0), (0, 255, 0), (85, 170, 255)]
save("old", sprite(8, 3, 2, [
    [old_palette(0x0004, [(0, old[:2]), (1, old[3:])]), layer("a"), cel(0, 0, 0, 3, 2, bytes(places))]], transparent=2),
     [Canvas(3, 2).draw(0, 0, 3, 2, look_up([c + (255,) for c in old], 2))])
six = [(0, 0, 0), (63, 0, 0), (0, 63, 0), (1, 32, 62), (21, 42, 10)]
eight = [tuple(v << 2 | v >> 4 for v in c) + (255,) for c in six]
save("older", sprite(8, 3, 2, [[old_palette(0x0011, [(0, six)]), layer("a"), cel(0, 0, 0, 3, 2, bytes(places))]],
                     transparent=200), [Canvas(3, 2).draw(0, 0, 3, 2, look_up(eight, None))])

# Order by z-index: the lowest layer goes above all.
red, green, blue = [(255, 0, 0, 255)], [(0, 255, 0, 255)], [(0, 0, 255, 255)]
save("order", sprite(32, 1, 1, [
    [layer("a"), layer("b"), layer("c"), cel(0, 0, 0, 1, 1, flat(red), z=2), cel(1, 0, 0, 1, 1, flat(green)),
     cel(2, 0, 0, 1, 1, flat(blue))]]), [Canvas(1, 1).draw(0, 0, 1, 1, red)])

# What is refused, and not where it is hidden.
save("tilemap", sprite(32, 1, 1, [[layer("map", kind=2), tilemap_cel(0)]]))
save("hidden-tilemap", sprite(32, 1, 1, [[layer("map", kind=2, flags=0), tilemap_cel(0), layer("a"),
                                          cel(1, 0, 0, 1, 1, flat(red))]]), [Canvas(1, 1).draw(0, 0, 1, 1, red)])
save("multiply", sprite(32, 1, 1, [[layer("shade", blend=1), cel(0, 0, 0, 1, 1, flat(red))]]))
groups = [layer("all", kind=1, opacity=100), layer("a", level=1), cel(1, 0, 0, 1, 1, flat(red))]
save("group", sprite(32, 1, 1, [groups], flags=3))
save("old-group", sprite(32, 1, 1, [groups]), [Canvas(1, 1).draw(0, 0, 1, 1, red)])
save("beyond", sprite(8, 1, 1, [[palette(first), layer("a"), cel(0, 0, 0, 1, 1, b"\x06")]]))
save("link", sprite(32, 1, 1, [[layer("a")], [link(0, 0, 0, 1)]]))
save("damaged", sprite(32, 2, 2, [[layer("a"), cel(0, 0, 0, 2, 2, flat(solid[:3]))]]))

# A sheet of 4 x 2 tiles of 2 x 2, twice.
tiles = [solid[(x // 2 + y // 2 * 4 + x % 2 * y % 2) % 20] for y in range(4) for x in range(8)]
other = [(c[1], c[2], c[0], 255) for c in tiles]
save("sheet", sprite(32, 8, 4, [[layer("a"), cel(0, 0, 0, 8, 4, flat(tiles))], [cel(0, 0, 0, 8, 4, flat(other))]]),
     [Canvas(8, 4).draw(0, 0, 8, 4, c) for c in (tiles, other)])

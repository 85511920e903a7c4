"""The models in plain PyTorch: what the C program is compared with.

Written as a PyTorch user would write them, with the attribute names that weight files use. The modules work on PyTorch's
[N,C,H,W]; stored vectors and .npy files are [N,H,W,C] (see vectors.py).
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

KL_WEIGHT = 5e-4
BATCHNORM_BIASES = ("encoder.0.bias", "encoder.3.bias", "decoder.0.bias")  # biases that a BatchNorm takes out again


class Vae(nn.Module):
    """Convolutional VAE on sprites of height x width (multiples of 4) and `channels` channels."""

    def __init__(self, height=16, width=16, channels=3, latent=32):
        super().__init__()
        if height % 4 or width % 4:
            raise ValueError(f"a VAE takes sides that are multiples of 4, not {width}x{height}")
        self.grid = (64, height // 4, width // 4)
        flat = 64 * (height // 4) * (width // 4)
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, 32, 3, 2, 1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 64, 3, 2, 1), nn.BatchNorm2d(64), nn.ReLU())
        self.mu = nn.Linear(flat, latent)
        self.logvar = nn.Linear(flat, latent)
        self.decode = nn.Linear(latent, flat)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(64, 32, 3, 2, 1, output_padding=1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.ConvTranspose2d(32, channels, 3, 2, 1, output_padding=1))

    def encode(self, x):
        """Sprites in [0,1] -> mean and log-variance, each [N,latent]."""
        h = self.encoder(x).flatten(1)
        return self.mu(h), self.logvar(h)

    def logits(self, z):
        """Latent vectors -> sprites before the sigmoid."""
        return self.decoder(self.decode(z).unflatten(1, self.grid))

    def forward(self, x, eps):
        """Returns logits, mu, logvar; `eps` is standard normal noise [N,latent]."""
        mu, logvar = self.encode(x)
        return self.logits(mu + eps * torch.exp(0.5 * logvar)), mu, logvar

    def reconstruct(self, x):
        """Decodes the mean: sprites in [0,1]. Meant for eval mode."""
        return torch.sigmoid(self.logits(self.encode(x)[0]))

    def sample(self, z):
        return torch.sigmoid(self.logits(z))


def vae_losses(logits, mu, logvar, x, kind):
    """(total, reconstruction, KL): reconstruction is the mean over every value, KL over batch and latent."""
    image = torch.sigmoid(logits)
    recon = {"mse": F.mse_loss, "bce": F.binary_cross_entropy}[kind](image, x)
    kl = -0.5 * torch.mean(1 + logvar - mu.pow(2) - logvar.exp())
    return recon + KL_WEIGHT * kl, recon, kl


class VqVae(nn.Module):
    """The VAE's convolutions around a grid of codes: each vector of `width` is replaced by the nearest of `size`."""

    def __init__(self, channels=3, size=128, width=64):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, 32, 3, 2, 1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, width, 3, 2, 1), nn.BatchNorm2d(width), nn.ReLU())
        self.codebook = nn.Embedding(size, width)
        nn.init.uniform_(self.codebook.weight, -1 / size, 1 / size)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(width, 32, 3, 2, 1, output_padding=1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.ConvTranspose2d(32, channels, 3, 2, 1, output_padding=1))

    def distances(self, x):
        """Vectors of the sprites [N,width,h,w] and the squared distance of each to each code [N,h,w,size]."""
        vectors = self.encoder(x)
        return vectors, (vectors.permute(0, 2, 3, 1)[..., None, :] - self.codebook.weight).pow(2).sum(-1)

    def forward(self, x):
        """Returns logits, vectors, codes [N,width,h,w], index [N,h,w]; codes pass gradients straight to the vectors."""
        vectors, distances = self.distances(x)
        index = distances.argmin(-1)
        codes = self.codebook(index).permute(0, 3, 1, 2)
        return self.decoder(vectors + (codes - vectors).detach()), vectors, codes, index

    def reconstruct(self, x):
        return torch.sigmoid(self(x)[0])


def vqvae_losses(logits, vectors, codes, index, x, size, commitment):
    """(total, reconstruction, codebook, share of the codes used, perplexity)"""
    recon = F.mse_loss(torch.sigmoid(logits), x)
    codebook = F.mse_loss(codes, vectors.detach())
    p = torch.bincount(index.flatten(), minlength=size).to(x.dtype) / index.numel()
    total = recon + codebook + commitment * F.mse_loss(vectors, codes.detach())
    return total, recon, codebook, (p > 0).to(x.dtype).mean(), torch.special.entr(p).sum().exp()


def vae_for_weights(weights, height, width):
    """The VAE that a state_dict for sprites of this size belongs to. Sizes that cannot be so raise ValueError."""
    for name in ("encoder.0.weight", "mu.weight"):
        if name not in weights:
            raise ValueError(f"no tensor {name}: not the weights of a VAE")
    return Vae(height, width, weights["encoder.0.weight"].shape[1], weights["mu.weight"].shape[0])


def vqvae_for_weights(weights, height, width):
    """The same for a VQ-VAE."""
    for name in ("encoder.0.weight", "codebook.weight"):
        if name not in weights:
            raise ValueError(f"no tensor {name}: not the weights of a VQ-VAE")
    if height % 4 or width % 4:
        raise ValueError(f"a VQ-VAE takes sides that are multiples of 4, not {width}x{height}")
    return VqVae(weights["encoder.0.weight"].shape[1], *weights["codebook.weight"].shape)


def time_embedding(t, features):
    """Sines, then cosines, of t exp(-ln(10000) i / (features / 2 - 1)): [N] -> [N,features]."""
    half = features // 2
    angle = t[:, None] * torch.exp(-math.log(10000) * torch.arange(half, dtype=t.dtype) / (half - 1))
    return torch.cat([angle.sin(), angle.cos()], dim=1)


class ResBlock(nn.Module):
    def __init__(self, width_in, width, features, groups):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, width_in)
        self.conv1 = nn.Conv2d(width_in, width, 3, 1, 1)
        self.time = nn.Linear(features, width)
        self.norm2 = nn.GroupNorm(groups, width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1)
        self.skip = nn.Conv2d(width_in, width, 1) if width_in != width else nn.Identity()

    def forward(self, x, time):
        h = self.conv1(F.silu(self.norm1(x))) + self.time(time)[:, :, None, None]
        return self.skip(x) + self.conv2(F.silu(self.norm2(h)))


class Attention(nn.Module):
    """Over all pixels; q, k and v are a third of the channels of `qkv` each, a head takes neighbouring channels."""

    def __init__(self, width, groups, heads):
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(groups, width)
        self.qkv = nn.Conv2d(width, 3 * width, 1)
        self.out = nn.Conv2d(width, width, 1)

    def forward(self, x):
        n, c, h, w = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(n, 3, self.heads, c // self.heads, h * w).transpose(-1, -2).unbind(1)
        attended = F.scaled_dot_product_attention(q, k, v)  # [N,heads,pixels,c / heads]
        return x + self.out(attended.transpose(-1, -2).reshape(n, c, h, w))


class Level(nn.Module):
    """The blocks of one resolution on one way; `change` leads to the next resolution, where there is one."""

    def __init__(self, width_in, width, blocks, features, groups, attention, **change):
        super().__init__()
        self.blocks = nn.ModuleList(ResBlock(width if b else width_in, width, features, groups) for b in range(blocks))
        if attention:
            self.attention = attention
        for name, layer in change.items():
            setattr(self, name, layer)

    def forward(self, x, time):
        for block in self.blocks:
            x = block(x, time)
        return self.attention(x) if hasattr(self, "attention") else x


class UNet(nn.Module):
    """x [N,channels,H,W] at times t [N], classes [N] (`classes` of them, and that number for none), mirrored [N] (0 or 1) ->
    [N,out,H,W]. Sides that the levels do not divide are padded with zeros on the right and below, and cropped again."""

    def __init__(self, channels=3, out=3, size=(16, 16), widths=(64, 128, 256), blocks=2, groups=8, attention=(), heads=4,
                 features=128, position_map=False, classes=8, mirrored=False):
        super().__init__()
        self.features, self.unit, last = features, 2 ** (len(widths) - 1), len(widths) - 1
        attend = lambda level, width: Attention(width, groups, heads) if level in attention else None
        self.time = nn.Sequential(nn.Linear(features, 4 * features), nn.SiLU(), nn.Linear(4 * features, features))
        if classes:
            self.classes = nn.Embedding(classes + 1, features)
        if mirrored:
            self.mirrored = nn.Embedding(2, features)
        self.conv_in = nn.Conv2d(channels, widths[0], 3, 1, 1)
        if position_map:
            self.position_map = nn.Parameter(torch.zeros(widths[0], *(s + -s % self.unit for s in size)))
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for i, width in enumerate(widths):
            change = {"downsample": nn.Conv2d(width, width, 3, 2, 1)} if i < last else {}
            self.down.append(Level(widths[max(i - 1, 0)], width, blocks, features, groups, attend(i, width), **change))
        self.middle = nn.ModuleDict({str(b): ResBlock(widths[-1], widths[-1], features, groups) for b in range(2)})
        if last in attention:
            self.middle["attention"] = Attention(widths[-1], groups, heads)
        for i, width in enumerate(widths):
            narrow = widths[max(i - 1, 0)]
            change = {"upsample": nn.Conv2d(narrow, narrow, 3, 1, 1)} if i else {}
            self.up.append(Level(2 * width, narrow, blocks, features, groups, attend(i, narrow), **change))
        self.norm_out = nn.GroupNorm(groups, widths[0])
        self.conv_out = nn.Conv2d(widths[0], out, 3, 1, 1)

    def forward(self, x, t, classes=None, mirrored=None):
        height, width = x.shape[2:]
        time = self.time(time_embedding(t.to(x.dtype), self.features))
        if classes is not None:
            time = time + self.classes(classes)
        if mirrored is not None:
            time = time + self.mirrored(mirrored)
        time = F.silu(time)

        h = self.conv_in(F.pad(x, (0, -width % self.unit, 0, -height % self.unit)))
        if hasattr(self, "position_map"):
            h = h + self.position_map
        skips = []
        for level in self.down:
            h = level(h, time)
            skips.append(h)
            if hasattr(level, "downsample"):
                h = level.downsample(h)
        h = self.middle["0"](h, time)
        if "attention" in self.middle:
            h = self.middle["attention"](h)
        h = self.middle["1"](h, time)
        for level, skip in zip(reversed(self.up), reversed(skips)):
            h = level(torch.cat([h, skip], dim=1), time)
            if hasattr(level, "upsample"):
                h = level.upsample(F.interpolate(h, scale_factor=2, mode="nearest"))
        return self.conv_out(F.silu(self.norm_out(h)))[:, :, :height, :width]


class TinyDenoiser(nn.Module):
    """x [N,channels,H,W], sides even, at times t [N] -> logits of the clean picture [N,out,H,W]."""

    FEATURES = 128

    def __init__(self, channels=3, out=3, hidden=64, time_conditioning=True):
        super().__init__()
        if time_conditioning:
            self.time_mlp = nn.Sequential(nn.Linear(self.FEATURES, hidden), nn.SiLU(), nn.Linear(hidden, hidden))
        self.conv1 = nn.Conv2d(channels, hidden, 3, 1, 1)
        self.conv2 = nn.Conv2d(hidden, hidden, 3, 1, 1)
        self.down = nn.Conv2d(hidden, hidden, 3, 2, 1)
        self.bot = nn.Conv2d(hidden, hidden, 3, 1, 1)
        self.up = nn.ConvTranspose2d(hidden, hidden, 4, 2, 1)
        self.conv3 = nn.Conv2d(hidden, hidden, 3, 1, 1)
        self.out = nn.Conv2d(hidden, out, 3, 1, 1)

    def forward(self, x, t, classes=None):
        h = self.down(F.silu(self.conv2(F.silu(self.conv1(x)))))
        if hasattr(self, "time_mlp"):
            h = h + self.time_mlp(time_embedding(t.to(x.dtype), self.FEATURES))[:, :, None, None]
        h = F.silu(self.conv3(F.silu(self.up(F.silu(self.bot(h))))))
        return self.out(h)


class Prior(nn.Module):
    """Codes [N,length], classes [N] (`classes` of them, and that number for none) -> logits [N,length,size], row t from codes
    0 ... t - 1. The table of codes has a row more, for the start."""

    def __init__(self, size=128, length=16, width=128, layers=4, heads=4, feed_forward=512, classes=0):
        super().__init__()
        self.size = size
        self.tokens = nn.Embedding(size + 1, width)
        self.positions = nn.Embedding(length, width)
        if classes:
            self.classes = nn.Embedding(classes + 1, width)
        layer = nn.TransformerEncoderLayer(width, heads, feed_forward, dropout=0, activation="gelu", batch_first=True,
                                           norm_first=False)
        self.transformer = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Linear(width, size)

    def forward(self, codes, classes=None):
        before = torch.cat([torch.full_like(codes[:, :1], self.size), codes[:, :-1]], dim=1)
        x = self.tokens(before) + self.positions.weight
        if classes is not None:
            x = x + self.classes(classes)[:, None]
        mask = nn.Transformer.generate_square_subsequent_mask(codes.shape[1], dtype=x.dtype)
        return self.head(self.transformer(x, mask=mask, is_causal=True))


class PatchTransformer(nn.Module):
    """An autoregressive transformer over patches of palette indices (lib/methods/patch_ar.c says what is what). Sprites are
    LongTensors [N,H,W] of indices below `colours`; labels [N], `classes` for none; mirrored [N], 0 or 1."""

    def __init__(self, height, width, colours, classes=0, side=2, hidden=128, dim=128, layers=4, heads=4, feed_forward=512):
        super().__init__()
        self.height, self.width, self.palette, self.side, self.hidden = height, width, colours, side, hidden
        rows, columns = -(-height // side), -(-width // side)
        self.grid_columns, self.patches, self.pixels_a_patch = columns, rows * columns, side * side
        self.neighbours = 4 * side + 6 + side * side
        self.pairs = torch.triu_indices(self.neighbours, self.neighbours, 1)
        features = self.neighbours * (colours + 1) + self.pairs.shape[1] + colours
        self.gate_count = self.neighbours + self.pixels_a_patch
        self.before = nn.Embedding(self.pixels_a_patch * colours + 1, dim)
        self.around = nn.Embedding(features, dim)
        self.rows, self.columns = nn.Embedding(rows, dim), nn.Embedding(columns, dim)
        self.mirrored = nn.Embedding(2, dim)
        if classes:
            self.classes = nn.Embedding(classes + 1, dim)
        layer = nn.TransformerEncoderLayer(dim, heads, feed_forward, dropout=0, activation="gelu", batch_first=True,
                                           norm_first=True)
        self.transformer = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(dim)
        self.pixels = nn.Linear(dim, self.pixels_a_patch * hidden)
        self.around_pixels = nn.Embedding(features, self.pixels_a_patch * hidden)
        self.within = nn.Embedding(max(1, self.pixels_a_patch * (self.pixels_a_patch - 1) // 2) * colours, hidden)
        self.colours = nn.ParameterDict({"weight": torch.zeros(self.pixels_a_patch, colours, hidden),
                                              "bias": torch.zeros(self.pixels_a_patch, colours)})
        self.gates = nn.ParameterDict({"weight": torch.zeros(self.pixels_a_patch, self.gate_count, hidden),
                                       "bias": torch.zeros(self.pixels_a_patch, self.gate_count)})

    def at(self, sprites, y, x):
        """Column [N] of colours at (y, x), or None outside the sprite."""
        return sprites[:, y, x] if 0 <= y < self.height and 0 <= x < self.width else None

    def place(self, patch, j):
        """Row and column of pixel j of a patch."""
        return (patch // self.grid_columns * self.side + j // self.side, patch % self.grid_columns * self.side + j % self.side)

    def known_around(self, sprites, patch):
        """[N,neighbours]: colours of the pixels in earlier patches, `colours` for what is not known."""
        top, left = self.place(patch, 0)
        places = [(top - 2, left + dx) for dx in range(-1, self.side + 1)]
        places += [(top - 1, left + dx) for dx in range(-2, self.side + 2)]
        places += [(top + dy, left + dx) for dy in range(self.side) for dx in (-2, -1)]
        places += [(y, self.width - 1 - x) for y, x in (self.place(patch, j) for j in range(self.pixels_a_patch))]
        none, out = torch.full_like(sprites[:, 0, 0], self.palette), []
        for y, x in places:
            colour = self.at(sprites, y, x)
            earlier = colour is not None and y // self.side * self.grid_columns + x // self.side < patch
            out.append(colour if earlier else none)
        return torch.stack(out, 1)

    def used_before(self, sprites, patch):
        """[N,colours]: 1 where a colour is used in an earlier patch."""
        used = torch.zeros(len(sprites), self.palette, dtype=self.norm.weight.dtype)
        for p in range(patch):
            for j in range(self.pixels_a_patch):
                colour = self.at(sprites, *self.place(p, j))
                if colour is not None:
                    used[torch.arange(len(sprites)), colour] = 1
        return used

    def features(self, around, used):
        """Multi-hot [N,features]."""
        hot = F.one_hot(around, self.palette + 1).to(used.dtype).flatten(1)
        equal = (around[:, self.pairs[0]] == around[:, self.pairs[1]]).to(used.dtype)
        return torch.cat([hot, equal, used], 1)

    def token(self, sprites, patch, features, labels, mirrored):
        """[N,dim] of one patch."""
        if patch == 0:
            x = self.before.weight[-1].expand(len(sprites), -1)
        else:
            x = 0
            for j in range(self.pixels_a_patch):
                colour = self.at(sprites, *self.place(patch - 1, j))
                if colour is not None:
                    x = x + self.before(j * self.palette + colour)
        x = x + features @ self.around.weight + self.rows.weight[patch // self.grid_columns]
        x = x + self.columns.weight[patch % self.grid_columns] + self.mirrored(mirrored)
        return x + self.classes(labels) if labels is not None else x

    def pixel_logits(self, sprites, patch, j, z, around, used):
        """Logits [N,colours] of one pixel, from its numbers z [N,hidden] without those of the pixels before it."""
        earlier = [self.at(sprites, *self.place(patch, i)) for i in range(j)]
        for i, colour in enumerate(earlier):
            if colour is not None:
                z = z + self.within((j * (j - 1) // 2 + i) * self.palette + colour)
        z = F.silu(z)
        logits = z @ self.colours["weight"][j].T + self.colours["bias"][j]
        gates = z @ self.gates["weight"][j].T + self.gates["bias"][j]
        for source, colour in enumerate(list(around.unbind(1)) + earlier):
            if colour is not None:
                points_at = F.one_hot(colour, self.palette + 1)[:, :self.palette].to(z.dtype)
                logits = logits + gates[:, source, None] * points_at
        return logits + gates[:, -1:] * used

    def hidden_numbers(self, tokens, features):
        """tokens [N,T,dim], features [N,T,...] -> [N,T,pixels,hidden]."""
        mask = nn.Transformer.generate_square_subsequent_mask(tokens.shape[1], dtype=tokens.dtype)
        h = self.norm(self.transformer(tokens, mask=mask, is_causal=True))
        z = self.pixels(h) + features @ self.around_pixels.weight
        return z.unflatten(2, (self.pixels_a_patch, self.hidden))

    def forward(self, sprites, labels, mirrored, upto=None):
        """Logits [N,H,W,colours]; of the patches before `upto` alone, all others zero."""
        patches = range(self.patches if upto is None else upto)
        around = [self.known_around(sprites, p) for p in patches]
        used = [self.used_before(sprites, p) for p in patches]
        features = torch.stack([self.features(a, u) for a, u in zip(around, used)], 1)
        tokens = torch.stack([self.token(sprites, p, features[:, p], labels, mirrored) for p in patches], 1)
        z = self.hidden_numbers(tokens, features)
        out = torch.zeros(len(sprites), self.height, self.width, self.palette, dtype=z.dtype)
        for p in patches:
            for j in range(self.pixels_a_patch):
                y, x = self.place(p, j)
                if y < self.height and x < self.width:
                    out[:, y, x] = self.pixel_logits(sprites, p, j, z[:, p, j], around[p], used[p])
        return out

    @torch.no_grad()
    def sample(self, labels, uniforms, temperature, scale):
        """Sprites by guidance, pixel by pixel: a colour is where the running sum of probabilities passes the uniform number
        uniforms[patch, pixel, n]. Without a cache."""
        n = uniforms.shape[2]
        sprites, mirrored = torch.zeros(n, self.height, self.width, dtype=torch.long), torch.zeros(n, dtype=torch.long)
        for p in range(self.patches):
            for j in range(self.pixels_a_patch):
                y, x = self.place(p, j)
                if y >= self.height or x >= self.width:
                    continue
                logits = self(sprites, labels, mirrored, p + 1)[:, y, x]
                if scale != 1:
                    none = torch.full_like(labels, self.classes.num_embeddings - 1)
                    logits = scale * logits + (1 - scale) * self(sprites, none, mirrored, p + 1)[:, y, x]
                sums = F.softmax(logits / temperature, 1).cumsum(1)
                sprites[:, y, x] = (sums <= uniforms[p, j][:, None] * sums[:, -1:]).sum(1)
        return sprites


def parameter_count(model):
    return sum(p.numel() for p in model.parameters())


assert parameter_count(Vae()) == 138_371
assert parameter_count(VqVae()) == 47_171
assert parameter_count(UNet()) == 7_459_139
assert parameter_count(TinyDenoiser()) == 229_251
assert parameter_count(Prior()) == 828_160
assert parameter_count(PatchTransformer(16, 16, 16, classes=15)) == 1_207_960

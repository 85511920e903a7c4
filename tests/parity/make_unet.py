#!/usr/bin/env python3
"""Makes data/unet_*.safetensors and data/denoiser_*.safetensors: small diffusion models' forward pass, losses, gradients, 20
Adam steps and a whole sampling, as PyTorch computes them.

usage: make_unet.py        (writes beside itself; see README.md for what the files hold)

Everything is computed in double precision from float32 weights and inputs. Prints how far the same in float32 is from that.
"""
import math

import torch
import torch.nn.functional as F

import vectors
from models import TinyDenoiser, UNet

STEPS, BATCH, SPRITES, RUNS = 20, 4, 12, 8


class Case:
    """A model, the process that it is trained for and the way it is sampled from. `settings` are those of a config."""

    def __init__(self, name, model, size, settings, colours=0, classes=0):
        self.name, self.model, self.size, self.colours, self.classes = name, model, size, colours, classes
        self.settings = dict(word.split("=") for word in settings.split())
        self.T = int(self.get("process.steps"))
        self.prediction = self.get("process.prediction", "x0")
        self.channels = colours or size[2]  # of what the net sees
        self.alpha_bar = self.schedule()

    def get(self, key, default=None):
        return self.settings.get(key, default)

    def schedule(self):
        t = torch.arange(self.T, dtype=torch.float64)
        if self.get("process.schedule") == "cosine":
            f = lambda u: torch.cos((u / self.T + 0.008) / 1.008 * math.pi / 2) ** 2
            beta = (1 - f(t + 1) / f(t)).clamp(max=0.999)
        else:
            beta = torch.linspace(1e-4, 0.02, self.T, dtype=torch.float64)
        alpha_bar = torch.cumprod(1 - beta, 0)
        if self.get("process.end_in_noise") == "true":
            root = alpha_bar.sqrt()
            alpha_bar = ((root - root[-1]) * root[0] / (root[0] - root[-1])) ** 2
        return alpha_bar

    def encode(self, data):
        """Sprites as the net sees them: [N,C,H,W]."""
        if self.colours:
            return vectors.nchw(2 * F.one_hot(data.long(), self.colours).double() - 1)
        x = vectors.nchw(data).double()
        return x if self.get("process.range") == "unit" else 2 * x - 1

    def words(self, out):
        """What the net says, from its last layer: the tiny denoiser's pictures end in a sigmoid."""
        return torch.sigmoid(out) if isinstance(self.model, TinyDenoiser) and not self.colours else out

    def loss(self, model, data, t, eps, classes, dtype):
        x0, eps = self.encode(data).to(dtype), vectors.nchw(eps).to(dtype)
        abar = self.alpha_bar[t.long()]
        alpha, sigma = (r.to(dtype)[:, None, None, None] for r in (abar.sqrt(), (1 - abar).sqrt()))
        out = model(alpha * x0 + sigma * eps, t, classes)
        target = {"eps": eps, "x0": x0, "v": alpha * eps - sigma * x0}[self.prediction]
        if self.colours:
            rows = F.cross_entropy(out, data.long(), reduction="none").mean(dim=(1, 2))
        else:
            error = self.words(out) - target
            rows = (error.abs() if self.get("loss.kind") == "l1" else error ** 2).mean(dim=(1, 2, 3))
        if self.get("loss.weighting") == "min-snr":
            snr = abar / (1 - abar)
            weight = snr.clamp(max=5)
            if self.prediction != "x0":
                weight = weight / (snr if self.prediction == "eps" else snr + 1)
            rows = rows * weight.to(dtype)
        return rows.mean(), out

    def sample(self, model, start, noise, classes, dtype):
        """x of the process after the last of the runs."""
        x, noise = vectors.nchw(start).to(dtype), noise.to(dtype)
        times = [self.T - 1 - run * self.T // RUNS for run in range(RUNS)]
        kind = self.get("sampling.sampler")
        eta, scale = (float(self.get(f"sampling.{key}", default)) for key, default in (("eta", 0), ("guidance_scale", 1)))
        low = 0 if self.get("process.range") == "unit" else -1
        say = lambda x, t, classes: self.words(model(x, torch.full((BATCH,), t), classes))
        if self.colours:
            say = lambda x, t, classes: 2 * torch.softmax(model(x, torch.full((BATCH,), t), classes), 1) - 1
        before = None
        for run, t in enumerate(times):
            abar = self.alpha_bar[t].item()
            prev = self.alpha_bar[times[run + 1]].item() if run + 1 < RUNS else 1.0
            alpha, sigma = math.sqrt(abar), math.sqrt(1 - abar)
            out = say(x, t, classes)
            if scale != 1:
                without = say(x, t, torch.full_like(classes, self.classes))
                out = without + scale * (out - without)
            x0 = {"eps": lambda: (x - sigma * out) / alpha, "v": lambda: alpha * x - sigma * out, "x0": lambda: out}
            x0 = x0[self.prediction]().clamp(low, 1)
            eps = (x - alpha * x0) / sigma
            z = vectors.nchw(noise[run])
            if prev == 1:
                x = x0
            elif kind == "ddim":
                deviation = eta * math.sqrt((1 - prev) / (1 - abar) * (1 - abar / prev))
                x = math.sqrt(prev) * x0 + math.sqrt(1 - prev - deviation ** 2) * eps + deviation * z
            elif kind == "ancestral":  # Ho et al., equations 6 and 7
                beta = 1 - abar / prev
                mean = math.sqrt(prev) * beta / (1 - abar) * x0 + math.sqrt(abar / prev) * (1 - prev) / (1 - abar) * x
                x = mean + math.sqrt((1 - prev) / (1 - abar) * beta) * z
            else:  # DPM-Solver++(2M)
                half_log_snr = lambda a: 0.5 * math.log(a / (1 - a)) if a > 0 else -math.inf
                h = half_log_snr(prev) - half_log_snr(abar)
                D = x0
                if before is not None and half_log_snr(before[1]) > -math.inf:
                    r = (half_log_snr(abar) - half_log_snr(before[1])) / h
                    D = (1 + 1 / (2 * r)) * x0 - 1 / (2 * r) * before[0]
                x = math.sqrt(1 - prev) / sigma * x - math.sqrt(prev) * math.expm1(-h) * D
            before = (x0, abar)
        return vectors.nhwc(x)


class PaletteCase(Case):
    """A U-Net with an evidence head on palette indices, at times by information (lib/methods/palette_diffusion.h)."""

    U = (0, 0.02, 0.19, 0.40, 0.59, 0.74, 0.87, 0.96, 1)
    SIGNAL = (3.1, 1.96, 1.38, 1.0, 0.73, 0.51, 0.325, 0.158, 0.02)

    def __init__(self, name, model, size, settings, colours, classes, shares):
        super().__init__(name, model, size, settings, colours, classes)
        self.shares = torch.tensor(shares)
        bits = range((colours - 1).bit_length())
        rows = [[c == k for c in range(colours)] if self.get("palette.code") == "onehot" else [k >> c & 1 for c in bits]
                for k in range(colours)]
        self.codes = 2 * torch.tensor(rows, dtype=torch.float64) - 1
        self.channels = self.codes.shape[1]

    def signal(self, t):
        """alpha / sigma at times t [N]: its logarithm is linear in u between the knots."""
        u = t.double() / (self.T - 1)
        k = (torch.bucketize(u, torch.tensor(self.U, dtype=torch.float64)) - 1).clamp(0, len(self.U) - 2)
        u0, u1 = (torch.tensor(self.U, dtype=torch.float64)[k + i] for i in (0, 1))
        s0, s1 = (torch.tensor(self.SIGNAL, dtype=torch.float64).log()[k + i] for i in (0, 1))
        return torch.exp(s0 + (s1 - s0) * (u - u0) / (u1 - u0))

    def schedule(self):
        s = self.signal(torch.arange(self.T))
        return s ** 2 / (1 + s ** 2)

    def logits(self, model, x, t, classes, mirrored):
        s, codes = self.signal(t), self.codes.to(x.dtype)
        gain = (s * torch.sqrt(1 + s ** 2)).to(x.dtype)[:, None, None, None]
        alone = vectors.nchw(gain * (vectors.nhwc(x) @ codes.T) + self.shares.clamp(min=1e-3).log().to(x.dtype))
        conditioned = 1000 * (math.log(3.1) - s.log()) / math.log(3.1 / 0.02)
        out = model(torch.cat([x, 2 * torch.softmax(alone, 1) - 1], 1), conditioned, classes, mirrored)
        return alone + out, out

    def sampled(self, model, x, t, classes):
        """The same as sampling takes it: guided, and what is not evidence divided by the temperature where there is little noise."""
        now, plain = torch.full((BATCH,), t), torch.zeros(BATCH, dtype=torch.long)
        scale, temperature = (float(self.get(f"sampling.{key}", 1)) for key in ("guidance_scale", "temperature"))
        logits, _ = self.logits(model, x, now, classes, plain)
        if scale != 1:
            without, _ = self.logits(model, x, now, torch.full_like(classes, self.classes), plain)
            logits = without + scale * (logits - without)
        s = self.signal(now[:1]).item()
        evidence = vectors.nchw(s * math.sqrt(1 + s ** 2) * (vectors.nhwc(x) @ self.codes.to(x.dtype).T))
        return evidence + (logits - evidence) / (temperature if s > 0.5 else 1)

    def loss(self, model, data, t, eps, classes, dtype, mirrored):
        x0 = vectors.nchw(self.codes[data.long()]).to(dtype)
        abar = self.alpha_bar[t.long()].to(dtype)[:, None, None, None]
        logits, out = self.logits(model, abar.sqrt() * x0 + (1 - abar).sqrt() * vectors.nchw(eps).to(dtype), t, classes, mirrored)
        return F.cross_entropy(logits, data.long()), out

    def sample(self, model, start, noise, classes, dtype):
        """DDIM; the estimate of the picture, and its logits, at the last of RUNS even times, the noisiest and the least noisy among them."""
        mean = (self.shares.double() @ self.codes).to(dtype)
        abar = self.alpha_bar[-1]
        x = vectors.nchw(abar.sqrt().to(dtype) * mean + (1 - abar).sqrt().to(dtype) * start.to(dtype))
        times = [((self.T - 1) * (RUNS - 1 - run) + (RUNS - 1) // 2) // (RUNS - 1) for run in range(RUNS)]
        eta = float(self.get("sampling.eta"))
        for run, t in enumerate(times):
            logits = self.sampled(model, x, t, classes)
            x0 = vectors.nchw(vectors.nhwc(torch.softmax(logits, 1)) @ self.codes.to(dtype))
            if run == RUNS - 1:
                return vectors.nhwc(x0), vectors.nhwc(logits)
            abar, prev = self.alpha_bar[t].item(), self.alpha_bar[times[run + 1]].item()
            deviation = eta * math.sqrt((1 - prev) / (1 - abar) * (1 - abar / prev))
            direction = (x - math.sqrt(abar) * x0) / math.sqrt(1 - abar)
            x = math.sqrt(prev) * x0 + math.sqrt(1 - prev - deviation ** 2) * direction + deviation * vectors.nchw(noise[run]).to(dtype)


def scramble(model):
    """Norms and the map of places other than they begin, so that none of them can be left out unnoticed."""
    for name, parameter in model.named_parameters():
        if "norm" in name:
            torch.nn.init.uniform_(parameter, *((0.5, 1.5) if name.endswith("weight") else (-0.3, 0.3)))
        elif name == "position_map":
            torch.nn.init.normal_(parameter, 0, 0.5)


def compute(case, initial, given, dtype):
    model = case.model.to(dtype)
    model.load_state_dict(initial)
    model.zero_grad()
    out = {}
    batch = lambda step: (given["data"][given["index"][step].long()], given["time"][step], given["eps"][step],
                          given["labels"][step].long() if case.classes else None, dtype,
                          *([given["mirrored"][step].long()] if "mirrored" in given else []))
    loss, said = case.loss(model, *batch(0))
    loss.backward()
    out |= {"forward.out": vectors.nhwc(said), "forward.loss": loss}
    out |= {f"gradient.{name}": p.grad.clone() for name, p in model.named_parameters()}
    with torch.no_grad():
        wanted = given["sample.labels"].long() if case.classes else None
        sampled = case.sample(model, given["sample.start"], given["sample.noise"], wanted, dtype)
        out |= zip(("sample.x", "sample.logits"), sampled if isinstance(case, PaletteCase) else [sampled])

    adam, losses = torch.optim.Adam(model.parameters(), lr=1e-3), []
    for step in range(STEPS):
        adam.zero_grad()
        loss, _ = case.loss(model, *batch(step))
        loss.backward()
        adam.step()
        losses.append(loss.detach())
    return out | {"trajectory.losses": torch.stack(losses)}


def report(exact, single):
    """How far float32 is from what is stored, as the tests measure it: over a tensor's largest value, gradients over the largest
    of all, losses over each one itself."""
    worst, gradients = {}, max(v.abs().max() for k, v in exact.items() if k.startswith("gradient."))
    for name, value in exact.items():
        group = name if name.startswith(("forward", "sample")) else name.split(".")[0]
        scale = gradients if group == "gradient" else value.abs() if group == "trajectory" else value.abs().max()
        distance = ((single[name].double() - value) / scale).abs().max().item()
        worst[group] = max(worst.get(group, 0), distance)
    print("  " + ", ".join(f"{group} {distance:.1e}" for group, distance in worst.items()))


def make(case, seed):
    height, width, channels = case.size
    scramble(case.model)
    initial = {name: w.clone() for name, w in case.model.state_dict().items()}
    shape = (BATCH, height, width, case.channels)
    given = {"index": torch.stack([torch.randperm(SPRITES)[:BATCH] for _ in range(STEPS)]).int(),
             "time": torch.randint(case.T, (STEPS, BATCH)).int(), "eps": torch.randn(STEPS, *shape),
             "sample.start": torch.randn(shape), "sample.noise": torch.randn(RUNS, *shape)}
    given["time"][0] = torch.tensor([0, case.T // 3, case.T - case.T // 4, case.T - 1])
    if case.colours:
        given["data"] = torch.randint(case.colours, (SPRITES, height, width)).to(torch.uint8)
        given["colours"] = torch.rand(case.colours, channels)
    else:
        given["data"] = vectors.sprites(SPRITES, height, width, channels, seed=seed)
    if case.classes:  # none, too
        given["labels"] = torch.randint(case.classes + 1, (STEPS, BATCH)).int()
        given["sample.labels"] = torch.arange(BATCH).int() % (case.classes + 1)

    if isinstance(case, PaletteCase):
        given["mirrored"] = torch.randint(2, (STEPS, BATCH)).int()
        given["shares"] = case.shares

    exact, single = (compute(case, initial, given, dtype) for dtype in (torch.float64, torch.float32))
    stored = given | {f"initial.{k}": v for k, v in initial.items()} | {k: v.float() for k, v in exact.items()}
    # Guidance needs a model that is not always told the class; so rarely, it is in none of these steps.
    text = " ".join(f"{key}={value}" for key, value in case.settings.items()) + f" sampling.steps={RUNS} classes.drop=1e-9"
    vectors.write(case.name, stored, {"settings": text, "classes": str(case.classes), "channels": str(channels)})
    report(exact, single)


def cases():
    """One after the other, since all random numbers are drawn in turn."""
    yield Case("unet_8x8x3", UNet(3, 3, (8, 8), (16, 24, 32), features=32, classes=3), (8, 8, 3),
               "model=unet unet.widths=16,24,32 unet.time_features=32 process.steps=1000 process.prediction=eps "
               "sampling.sampler=ddim sampling.guidance_scale=3", classes=3)
    yield Case("unet_10x6x4", UNet(4, 4, (10, 6), (8, 16, 24), blocks=1, groups=4, attention=(1, 2), heads=2, features=16,
                                   position_map=True, classes=0), (10, 6, 4),
               "model=unet unet.widths=8,16,24 unet.blocks=1 unet.groups=4 unet.attention=1,2 unet.heads=2 unet.time_features=16 "
               "unet.position_map=true process.steps=60 process.schedule=cosine process.end_in_noise=true process.prediction=v "
               "loss.weighting=min-snr sampling.sampler=dpm++2m")
    yield Case("denoiser_8x12x3", TinyDenoiser(3, 3, 16), (8, 12, 3),
               "model=tiny-denoiser denoiser.hidden=16 process.steps=200 process.range=unit loss.kind=l1 "
               "sampling.sampler=ancestral")
    yield Case("denoiser_one_hot", TinyDenoiser(5, 5, 12, time_conditioning=False), (6, 8, 3),
               "model=tiny-denoiser denoiser.hidden=12 denoiser.time_conditioning=false pixels=palette palette.code=onehot "
               "process.steps=100 process.schedule=cosine loss.weighting=min-snr sampling.sampler=ddim sampling.eta=1", colours=5)
    yield PaletteCase("unet_evidence", UNet(10, 5, (6, 8), (8, 16), blocks=1, groups=4, heads=2, features=16, classes=3, mirrored=True),
                      (6, 8, 3), "model=unet unet.widths=8,16 unet.blocks=1 unet.groups=4 unet.heads=2 unet.time_features=16 "
                      "pixels=palette palette.code=onehot process.steps=100 process.schedule=information sampling.sampler=ddim "
                      "sampling.eta=1 sampling.guidance_scale=1.5 sampling.temperature=0.7", 5, 3, (0.5, 0.2, 0.2, 0.1, 0))
    yield PaletteCase("unet_evidence_bits", UNet(8, 5, (6, 8), (8, 16), blocks=1, groups=4, heads=2, features=16, classes=0, mirrored=True),
                      (6, 8, 3), "model=unet unet.widths=8,16 unet.blocks=1 unet.groups=4 unet.heads=2 unet.time_features=16 "
                      "pixels=palette palette.code=bits process.steps=50 process.schedule=information sampling.sampler=ddim "
                      "sampling.eta=0.5", 5, 0, (0.5, 0.2, 0.2, 0.09, 0.01))


if __name__ == "__main__":
    vectors.deterministic(31)
    for number, case in enumerate(cases()):
        make(case, seed=31 + number)

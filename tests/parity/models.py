"""The models in plain PyTorch: what the C program is compared with.

Written as a PyTorch user would write them, with the attribute names that weight files use. The modules work on PyTorch's
[N,C,H,W]; stored vectors and .npy files are [N,H,W,C] (see vectors.py).
"""
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


def vae_for_weights(weights, height, width):
    """The VAE that a state_dict for sprites of this size belongs to. Sizes that cannot be so raise ValueError."""
    for name in ("encoder.0.weight", "mu.weight"):
        if name not in weights:
            raise ValueError(f"no tensor {name}: not the weights of a VAE")
    return Vae(height, width, weights["encoder.0.weight"].shape[1], weights["mu.weight"].shape[0])


def parameter_count(model):
    return sum(p.numel() for p in model.parameters())


assert parameter_count(Vae()) == 138_371

#!/usr/bin/env bash
# Says what `make cuda` would find, or what to install and from where: make setup CUDA=1. It installs nothing: the
# packages are large, and which are right depends on the driver.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if bash pipeline/cuda.sh "$scratch/cuda.mk" 2>"$scratch/why"; then
  echo 'setup: make cuda has all that it needs'
  exit 0
fi
sed '/make setup CUDA=1/d; s/^cuda: /setup: /' "$scratch/why" >&2
cat >&2 <<'TEXT'
setup: make cuda needs NVIDIA's compiler (nvcc) of CUDA 12 or later, cuBLAS and cuDNN 9. Either of these has them:
  NVIDIA's packages for your system: cuda-toolkit-13-0 and cudnn9-cuda-13 (https://developer.nvidia.com/cuda-downloads,
    https://developer.nvidia.com/cudnn-downloads)
  Python's, 0.9 GB, into a folder of your own (then CUDA_HOME and CUDNN_HOME are not needed while it is active):
    python3 -m venv cuda-venv && . cuda-venv/bin/activate
    pip install --no-deps nvidia-cuda-nvcc==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-crt==13.0.88 \
      nvidia-cuda-runtime==13.0.96 nvidia-cuda-cccl==13.0.85 nvidia-cublas==13.1.0.3 nvidia-cudnn-cu13==9.19.0.56
The plugin also needs a driver for CUDA 13 (580 or later) on the machine with the card, not where it is built.
TEXT
exit 1

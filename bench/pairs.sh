#!/usr/bin/env bash
# Beside PyTorch: pairs.sh TOOLS PYTHON [WORK]...
# Ours and the peer's in turn, TIMES (3) times each, medians: a training step of unet, tilemaps, vqvae and prior, and 16
# sprites by ddim (50 runs of the U-Net) and codes (of the prior); all of them unless some are named. PYTHON needs torch. Ours
# samples by starting the program, the peer in one that runs.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=bench/measure.bash
source "$here/measure.bash"
tools=$1 python=$2 times=${TIMES:-3}
shift 2
[ $# -gt 0 ] || set -- unet tilemaps vqvae prior ddim codes

"$tools/draw-sprites" -q -o "$work/sprites.npy"
"$tools/label-tiles" -q -k 8 "$work/sprites.npy" -o "$work/labels.npy"
"$tools/draw-tilemaps" -q -n 200 -o "$work/maps.npy"
data=(--data "$work/sprites.npy")

# words_of WORK: the command that does it, in `words`.
words_of() {
  case $1 in
  unet) words=(train-ddpm -c configs/ddpm.yaml "${data[@]}" --labels "$work/labels.npy" -o "$work/unet") ;;
  tilemaps) words=(train-ddpm -c configs/tilemaps-l1.yaml --data "$work/maps.npy" -o "$work/tilemaps") ;;
  vqvae) words=(train-vqvae -c configs/vqvae.yaml "${data[@]}" -o "$work/vqvae") ;;
  prior) words=(fit-prior -c configs/prior.yaml "${data[@]}" --vqvae "$work/vqvae/model.safetensors" -o "$work/prior") ;;
  ddim) words=(sample "$work/unet/model.safetensors" -n 16 --class each --guidance-scale 1 --sampler ddim --eta 0 --steps 50) ;;
  codes) words=(sample "$work/prior/model.safetensors" -n 16) ;;
  *) echo "pairs.sh: there is no '$1'" >&2 && return 2 ;;
  esac
  words[0]=$tools/${words[0]}
}

# A VQ-VAE for the prior, and models to sample from.
for model in unet vqvae prior; do
  words_of $model
  trained 1 "${words[@]}" >/dev/null
done

ours() { # ours WORK: milliseconds
  case $1 in
  ddim | codes) took "${words[@]}" -o "$work/new.npy" | awk '{ print $1 / 1000 }' ;;
  *) step "$steps" "${words[@]}" ;;
  esac
}

theirs() { # theirs WORK: milliseconds
  "$python" "$here/peers/steps_torch.py" "$1" --runs 5 --threads "$(getconf _NPROCESSORS_ONLN)" |
    sed -n 's/^[a-z]*: \([0-9.]*\) ms.*/\1/p'
}

processor
printf '%-10s %14s %14s %8s\n' work PyTorch ours ratio
for one; do
  words_of "$one"
  case $one in ddim | codes) ;; *) steps=$(enough_steps "${words[@]}") ;; esac
  for ((i = 0; i < times; i++)); do
    ours "$one" >>"$work/$one.ours"
    theirs "$one" >>"$work/$one.theirs"
  done
  awk -v work="$one" -v p="$(median <"$work/$one.theirs")" -v o="$(median <"$work/$one.ours")" \
    'BEGIN { printf "%-10s %11.1f ms %11.1f ms %8.2f\n", work, p, o, p / o }'
done

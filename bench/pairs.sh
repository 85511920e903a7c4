#!/usr/bin/env bash
# Beside PyTorch: pairs.sh TOOLS PYTHON [WORK]...
# Ours and the peer's in turn, TIMES (3) times each, medians: a training step of unet, tilemaps, vae, vqvae, prior and patch_ar,
# and 16 sprites by ddim (50 runs of the U-Net) and codes (of the prior); all of them unless some are named. Each in fp32 and in
# bf16 (PRECISIONS), the peer in the quickest of its settings: eager, channels-last, and with COMPILED=1 compiled, which takes
# minutes. PYTHON needs torch. Ours samples by starting the program, the peer in one that runs.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=bench/measure.bash
source "$here/measure.bash"
tools=$1 python=$2 times=${TIMES:-3}
shift 2
[ $# -gt 0 ] || set -- unet tilemaps vae vqvae prior patch_ar ddim codes
read -ra precisions <<<"${PRECISIONS:-fp32 bf16}"
settings=('' --channels-last)
[ -z "${COMPILED:-}" ] || settings+=(--compiled '--compiled --channels-last')

"$tools/draw-sprites" -q -o "$work/sprites.npy"
"$tools/label-tiles" -q -k 8 "$work/sprites.npy" -o "$work/labels.npy"
"$tools/draw-tilemaps" -q -n 200 -o "$work/maps.npy"
data=(--data "$work/sprites.npy")

# words_of WORK: the command that does it, in `words`.
words_of() {
  case $1 in
  unet) words=(train-ddpm -c configs/ddpm.yaml "${data[@]}" --labels "$work/labels.npy" -o "$work/unet") ;;
  tilemaps) words=(train-ddpm -c configs/tilemaps-l1.yaml --data "$work/maps.npy" -o "$work/tilemaps") ;;
  vae) words=(train-vae -c configs/vae-mse.yaml "${data[@]}" -o "$work/vae") ;;
  patch_ar) words=(train-patch-ar -c configs/patch-ar.yaml "${data[@]}" --labels "$work/labels.npy" -o "$work/patch_ar") ;;
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

ours() { # ours WORK PRECISION: milliseconds
  case $1 in
  ddim | codes) took "${words[@]}" --precision "$2" -o "$work/new.npy" | awk '{ print $1 / 1000 }' ;;
  *) step "$steps" "${words[@]}" --set precision="$2" ;;
  esac
}

theirs() { # theirs WORK PRECISION RUNS [OPTION]...: milliseconds
  "$python" "$here/peers/steps_torch.py" "$1" --precision "$2" --runs "$3" --threads "$(getconf _NPROCESSORS_ONLN)" "${@:4}" |
    sed -n 's/^[a-z_]*: \([0-9.]*\) ms.*/\1/p'
}

# quickest_setting WORK PRECISION: the peer's options for it.
quickest_setting() {
  local setting
  for setting in "${settings[@]}"; do
    # shellcheck disable=SC2086  # some are two words
    printf '%s\t%s\n' "$(theirs "$1" "$2" 3 $setting)" "$setting"
  done | sort -g | sed -n '1s/^[^\t]*\t//p'
}

processor
printf '%-10s %-9s %14s %14s %8s  %s\n' work precision PyTorch ours ratio "PyTorch's setting"
for one; do
  words_of "$one"
  case $one in ddim | codes) ;; *) steps=$(enough_steps "${words[@]}") ;; esac
  for precision in "${precisions[@]}"; do
    setting=$(quickest_setting "$one" "$precision") figures=$work/$one.$precision
    for ((i = 0; i < times; i++)); do
      ours "$one" "$precision" >>"$figures.ours"
      # shellcheck disable=SC2086
      theirs "$one" "$precision" 5 $setting >>"$figures.theirs"
    done
    awk -v work="$one" -v precision="$precision" -v setting="${setting:-eager}" -v p="$(median <"$figures.theirs")" \
      -v o="$(median <"$figures.ours")" \
      'BEGIN { printf "%-10s %-9s %11.1f ms %11.1f ms %8.2f  %s\n", work, precision, p, o, p / o, setting }'
  done
done

#!/usr/bin/env bash
# Draws the pictures of the tutorials from the training runs of `make compare` (in runs/builtin/default) and from a few
# more, which it trains into runs/builtin/learn, some seconds each. `make learn-images` calls it, from the top folder of
# the repository and with the tools on the PATH.
set -euo pipefail
data=runs/builtin/data default=runs/builtin/default learn=runs/builtin/learn
real=$data/sprites.npy
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# train RUN TRAINER CONFIG [OPTION]...: by the default preset; a finished training run stays as it is.
train() {
  local run=$1 trainer=$2 config=$3
  shift 3
  "$trainer" -q -c "configs/$config.yaml" --preset default "$@" --data "$real" -o "$learn/$run"
}
# drawn NAME MODEL [OPTION]...: samples (of which twelve are shown) as $work/NAME.npy
drawn() {
  local name=$1 model=$2
  shift 2
  sample -q "$model/model.safetensors" "$@" -o "$work/$name.npy"
}
# picture NAME CAPTION FILE.npy...: a row of twelve sprites for each file, below its caption
picture() {
  local name=$1 i=0 rows=()
  shift
  while (($#)); do
    tensor slice "$2" 0:12 -o "$work/row$((++i)).npy"
    rows+=(--caption "$1" "$work/row$i.npy")
    shift 2
  done
  montage -q --scale 3 --columns 12 "${rows[@]}" -o "docs/learn/images/$name.png"
}

# 01: a class a row
for class in sword potion creature; do draw-sprites -q --class $class -n 12 -o "$work/$class.npy"; done
picture set 'class sword' "$work/sword.npy" 'class potion' "$work/potion.npy" 'class creature' "$work/creature.npy"
extract-palette -q "$real" -o docs/learn/images/palette.png

# 02: the weight of the KL divergence
train kl-0 train-vae vae-mse --set loss.kl_weight=0
train kl-small train-vae vae-mse --set loss.kl_weight=5e-4
train kl-large train-vae vae-mse --set loss.kl_weight=0.2
for run in kl-0 kl-small kl-large; do drawn $run $learn/$run; done
for run in vae-mse vae-bce; do drawn $run $default/$run; done
drawn again $default/vae-mse --reconstruct "$real"
drawn again-0 $learn/kl-0 --reconstruct "$real"
picture vae 'real' $real 'reconstructed, KL weight 8e-3' "$work/again.npy" 'reconstructed, KL weight 0' "$work/again-0.npy" \
  'samples, KL weight 0' "$work/kl-0.npy" 'samples, KL weight 5e-4' "$work/kl-small.npy" \
  'samples, KL weight 8e-3' "$work/vae-mse.npy" 'samples, KL weight 0.2' "$work/kl-large.npy" \
  'samples, BCE and KL weight 3e-2' "$work/vae-bce.npy"

# 03: the codebook, and its prior
train vq-plain train-vqvae vqvae --set codebook.update=gradient --set codebook.restart_after=0
drawn plain $learn/vq-plain --reconstruct "$real"
drawn averaged $default/vqvae --reconstruct "$real"
drawn random $default/vqvae
for t in 0.5 1; do drawn prior-$t $default/prior --vqvae $default/vqvae/model.safetensors --temperature $t; done
picture vqvae 'real' $real 'reconstructed, published codebook: few codes in use' "$work/plain.npy" \
  'reconstructed, running averages and restarts' "$work/averaged.npy" 'codes at random' "$work/random.npy" \
  'codes from the prior' "$work/prior-1.npy" 'codes from the prior, temperature 0.5' "$work/prior-0.5.npy"

# 04: a sprite after each sampling step, and the number of steps
for run in ddpm ddpm-palette; do drawn $run $default/$run --steps 12 --dump-steps "$work/$run-steps.npy"; done
for steps in 1 2 4; do drawn steps-$steps $default/ddpm --steps $steps; done
picture diffusion 'RGB: one sprite after each of 12 steps' "$work/ddpm-steps.npy" \
  'palette indices: the same' "$work/ddpm-palette-steps.npy" 'RGB, 1 step' "$work/steps-1.npy" \
  'RGB, 2 steps' "$work/steps-2.npy" 'RGB, 4 steps' "$work/steps-4.npy" 'RGB, 12 steps' "$work/ddpm.npy"

# 05: guidance
for scale in 0 1 2 5; do drawn guided-$scale $default/ddpm-palette --class sword --guidance-scale $scale; done
picture guidance 'sword, guidance scale 0: no class' "$work/guided-0.npy" 'sword, 1: as learned' "$work/guided-1.npy" \
  'sword, 2' "$work/guided-2.npy" 'sword, 5' "$work/guided-5.npy"

# 06: the temperature of the context
for t in 1 0.5 0.25; do drawn sharp-$t $default/ddpm-palette --temperature $t --guidance-scale 1; done
picture palette-diffusion 'temperature 1' "$work/sharp-1.npy" 'temperature 0.5' "$work/sharp-0.5.npy" \
  'temperature 0.25' "$work/sharp-0.25.npy"

# 07: patch after patch, and the temperature
drawn ar $default/patch-ar --dump-steps "$work/all.npy"
for i in 4 9 14 19 24 29 34 39 44 49 54 63; do tensor slice "$work/all.npy" $i:$((i + 1)) -o "$work/ar$i.npy"; done
tensor concat "$work"/ar{4,9,14,19,24,29,34,39,44,49,54,63}.npy -o "$work/patches.npy"
for t in 0.3 0.7 1 1.5; do drawn ar-$t $default/patch-ar --temperature $t; done
picture patch-ar 'one sprite after 5, 10, ... 55, 64 patches' "$work/patches.npy" 'temperature 0.3' "$work/ar-0.3.npy" \
  'temperature 0.7' "$work/ar-0.7.npy" 'temperature 1' "$work/ar-1.npy" 'temperature 1.5' "$work/ar-1.5.npy"
# One shape, filled with more and more particles
tensor slice "$real" 1:2 -o "$work/shape.npy"
for m in 1 8 32; do drawn filled-$m $default/patch-ar --silhouette "$work/shape.npy" --class sword -n 12 --particles $m; done
picture particles 'the shape of a sword, filled by 1 particle' "$work/filled-1.npy" '8 particles' "$work/filled-8.npy" \
  '32 particles' "$work/filled-32.npy"

# 09: eight samples beside the training sprites that are nearest to them
score -q --data "$real" --nearest 8 $default/patch-ar/scored.npy -o docs/learn/images/nearest.png

# 08: maps, and what an autoencoder makes of them
draw-tilemaps -q -n 2000 -o "$learn/maps.npy"
for run in mse bce; do
  train-vae -q -c configs/vae-$run.yaml --preset default --set training.steps=600 --set training.schedule=constant \
    --set loss.kl_weight=5e-4 --set augment.flip=0 --data "$learn/maps.npy" -o "$learn/maps-$run"
  drawn maps-$run "$learn/maps-$run" --reconstruct "$learn/maps.npy"
done
picture tilemaps 'maps of the generator' "$learn/maps.npy" \
  'reconstructed by a VAE, squared error' "$work/maps-mse.npy" 'the same, cross-entropy' "$work/maps-bce.npy"

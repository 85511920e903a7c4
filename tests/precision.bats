# precision: fp32, bf16 or auto, in training and sampling; and what --time-kernels prints.

bats_require_minimum_version 1.5.0
load common
load training
load patch_ar

# A net wide enough for its layers to be done in bfloat16.
wide=(--set transformer.width=32 --set patch.hidden=32 --set transformer.feed_forward=64)

setup_file() {
  tiny_patch_ar
  WIDE=$SHARED/bf16/model.safetensors
  export WIDE
  patch_ar_classes "${wide[@]}" --set precision=bf16 -o "$SHARED/bf16"
}

has_avx2() { grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo; }

@test "precision: bf16 trains to other numbers, and near" {
  patch_ar_classes "${wide[@]}" -o fp32
  local a b
  a=$(tail -n 1 fp32/metrics.tsv | cut -f2) b=$(tail -n 1 "$SHARED/bf16/metrics.tsv" | cut -f2)
  [ "$a" != "$b" ]
  awk -v a="$a" -v b="$b" 'BEGIN { d = a - b; exit !(d < 0.02 && d > -0.02) }'
  grep -q 'precision: bf16' "$SHARED/bf16/config.yaml"
  grep -q 'precision: fp32' fp32/config.yaml
  grep -q ', bf16' "$SHARED/bf16/log.txt"
}

@test "precision: the same bytes at any number of threads, and after a stop" {
  for threads in 1 2 5; do
    patch_ar_classes "${wide[@]}" --set precision=bf16 --threads $threads -o "t$threads"
    cmp "t$threads/model.safetensors" "$WIDE"
  done
  patch_ar_classes "${wide[@]}" --set precision=bf16 --set training.steps=8 -o stopped
  patch_ar_classes "${wide[@]}" --set precision=bf16 -o stopped
  cmp stopped/model.safetensors "$WIDE"
}

@test "precision: a training does not go on in another" {
  patch_ar_classes "${wide[@]}" --set precision=bf16 --set training.steps=8 -o run
  expect 3 patch_ar_classes "${wide[@]}" --set precision=fp32 -o run
  says "'precision: bf16' there, 'precision: fp32' here"
}

@test "precision: sampling takes the model's, or what is asked for" {
  sample "$WIDE" -n 8 -o model.npy
  for precision in bf16 fp32 "model's"; do
    expect 0 sample "$WIDE" -n 8 --precision "$precision" -o "$precision.npy"
  done
  cmp model.npy bf16.npy
  cmp model.npy "model's.npy"
  sample "$WIDE" --bits "$SPRITES" --labels "$LABELS" -o a.npy
  sample "$WIDE" --bits "$SPRITES" --labels "$LABELS" --precision fp32 -o b.npy
  ! cmp -s a.npy b.npy
  expect 2 sample "$WIDE" --precision half -o x.npy
  says '--precision'
}

@test "precision: bf16 gives the same bytes on every processor that adds as AVX512-BF16 does" {
  has_avx2 || skip 'needs AVX2'
  for tier in avx2 avx512 avx512bf16; do
    PIXELMILL_TIER=$tier sample "$WIDE" -n 8 --precision bf16 -o $tier.npy 2>errors || {
      grep -q 'has no tier' errors
      continue
    }
    cmp $tier.npy "${first:=$tier.npy}"
  done
}

@test "precision: where the processor has no instructions for it, bf16 works with a warning and auto is fp32" {
  has_avx2 || skip 'needs AVX2'
  export PIXELMILL_TIER=avx2
  expect 0 patch_ar_classes "${wide[@]}" --set precision=bf16 -o slow
  says 'bf16: this processor has no instructions for it'
  expect 0 patch_ar_classes "${wide[@]}" --set precision=auto -o auto
  [[ $stderr != *'no instructions'* ]]
  grep -q 'precision: auto is fp32' auto/log.txt
  grep -q 'precision: fp32' auto/config.yaml
}

@test "precision: the plain kernels have fp32 alone" {
  expect 2 patch_ar --device reference --set precision=bf16 -o run
  says '--device reference computes in fp32 alone'
  [ ! -e run ]
}

@test "train-...: --time-kernels prints a step's kernels and keeps nothing" {
  expect 0 patch_ar "${wide[@]}" --set precision=bf16 --time-kernels
  prints 'ms a step, mean of 10, on '
  for text in kernel GFLOP/s 'linear, bf16' 'linear_grad_weight, bf16' attention_grad adam; do
    prints "$text"
  done
  [ -z "$(find . -mindepth 1 -type d)" ]
  expect 0 patch_ar "${wide[@]}" --time-kernels
  [[ $output != *bf16* ]]
}

# What can be shown of the plugin for NVIDIA cards without a card: it builds from nothing but nvcc and the libraries,
# cuDNN has plans for all convolutions, kernels have their barriers. Minutes.
bats_require_minimum_version 1.5.0
load ../common

MAKE=$(command -v gmake || command -v make)

setup() {
  T=$BATS_TEST_TMPDIR
  cd "$REPO" || return 1
}

# Needs nvcc and cuDNN; the environment is empty but for where nvcc was found.
with_nvcc() {
  bash pipeline/cuda.sh "$T/found.mk" >"$T/found" 2>&1 || skip "$(head -1 "$T/found")"
  clean=(env -i "PATH=$(dirname "$(command -v python3)"):/usr/bin:/bin" "HOME=$HOME" "CUDA_HOME=${CUDA_HOME:-}" "CUDNN_HOME=${CUDNN_HOME:-}")
}

@test "the plugin compiles for all architectures, warnings as errors, and loads" {
  with_nvcc
  "${clean[@]}" "$MAKE" -j2 WERROR=1 all cuda
  architectures=$(sed -n 's/^cuda_architectures := //p' build/cuda.mk)
  for a in $architectures; do grep -q "code=sm_$a" build/cuda.mk; done
  # The kernels of every architecture lie in it as ELF files, which say for which they are.
  for a in $architectures; do strings -n 4 build/lib/libpixelmill-cuda.so | grep -q "sm_$a"; done
  JOBS=1 bash tests/run.sh "$T/results" tests/cuda.bats
}

# Each config that ships, by the method that it names; the prior has no convolutions but those of the VQ-VAE below it.
# Architecture 7.5 has no products in bfloat16.
@test "cuDNN has a deterministic plan, within the workspace, for each convolution of each config, on seven cards" {
  with_nvcc
  "$MAKE" -j2 all build/cuda/plans
  draw-sprites -q -n 200 -o "$T/sprites.npy"
  draw-tilemaps -q -n 200 -o "$T/tilemaps.npy"
  tried=2 # base.yaml is no training's, prior.yaml has none
  for pair in ddpm:ddpm ddpm:ddpm-palette ddpm:tilemaps-{mse,l1,noise,palette,untimed} patch-ar:{patch-ar,tilemaps-ar} \
    vae:vae-{mse,bce} vqvae:vqvae; do
    method=${pair%%:*} config=${pair#*:} data=sprites
    case $config in tilemaps-*) data=tilemaps ;; esac
    build/cuda/plans fp32 "$method" "configs/$config.yaml" "$T/$data.npy" tests/cuda/cards/*.json
    build/cuda/plans bf16 "$method" "configs/$config.yaml" "$T/$data.npy" tests/cuda/cards/sm_{80,86,89,90,100,120}.json
    tried=$((tried + 1))
  done
  [ "$tried" -eq "$(find configs -maxdepth 1 -name '*.yaml' | wc -l)" ]
}

@test "the thread sanitizer sees no race between the threads of a block" {
  "$MAKE" -j2 build/cuda/test_kernels_tsan
  for op in 'sum_rows' 'batchnorm*' 'groupnorm*' 'softmax*' 'bce' 'linear*' 'embedding_*' 'draw_*' 'clip_norm' 'codebook_*' 'palette_swap' 'attention_step'; do
    TSAN_OPTIONS=halt_on_error=1 build/cuda/test_kernels_tsan "$op"
  done
}

@test "and names a barrier that is missing" {
  "$MAKE" -j2 build/cuda/test_kernels_tsan
  mkdir -p "$T/lib/backend"
  cp -R lib/backend/cuda "$T/lib/backend"
  # The barrier between what the threads of a column add up and their sum.
  sed -i '/shared\[lane\]\[c\] = x;/{n;s/__syncthreads();//}' "$T/lib/backend/cuda/column_sums.cuh"
  c++ -std=c++17 -g -O2 -ffp-contract=off -fsanitize=thread -I"$T/lib" -Itests/cuda/emulation -Ilib -I. -x c++ \
    -c "$T/lib/backend/cuda/arithmetic.cu" -o "$T/arithmetic.o"
  objects=$(find build/obj/tsan -name '*.o' ! -name arithmetic.o)
  libraries=$(sed -n 's/^probed_libs := //p; s/^probed_cmocka := //p' build/config.mk)
  # shellcheck disable=SC2086  # lists of words
  cc -fsanitize=thread -o "$T/test_kernels" build/obj/tests/unit/test_kernels.o \
    $(find build/obj/tests/unit -name '*.o' ! -name 'test_*') "$T/arithmetic.o" $objects build/libpixelmill.a \
    $libraries -lstdc++
  run "$T/test_kernels" sum_rows
  [ "$status" -ne 0 ]
  [[ $output == *'data race'*'column_sums.cuh'* ]]
}

@test "the kernels give the same in other orders of threads" {
  "$MAKE" -j2 build/tests/test_kernels
  EMULATED_ORDER=1 build/tests/test_kernels
  EMULATED_ORDER=7 build/tests/test_kernels
}

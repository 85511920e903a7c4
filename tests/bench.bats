# make bench: what own.sh measures, and that it does not go on where a tool fails.

load common

@test "bench: a line for each run, the prior's on the VQ-VAE's model" {
  cd "$REPO"
  export TIMES=1 LONG=10
  expect 0 bash bench/own.sh "$(dirname "$(command -v sample)")" vqvae:train-vqvae prior:fit-prior:vqvae:vqvae \
    patch-ar:train-patch-ar
  local line figure=' +-?[0-9.]+ ms'
  for run in vqvae prior patch-ar; do
    line=$(grep "^$run " <<<"$output")
    [[ $line =~ ^$run$figure$figure' '+[0-9.]+' MB'$figure$ ]]
  done
}

@test "bench: a tool that fails is an error" {
  cd "$REPO"
  export TIMES=1 LONG=10
  expect 2 bash bench/own.sh "$(dirname "$(command -v sample)")" prior:fit-prior
  says '--vqvae MODEL.safetensors is missing'
}

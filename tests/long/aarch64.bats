# The kernels on 64-bit ARM: cross-compiled here, run by qemu. The libraries are Debian's for that processor:
#   dpkg --add-architecture arm64 && apt-get update
#   apt-get install g++-aarch64-linux-gnu qemu-user lib{png,yaml,jansson,md,cmocka}-dev:arm64 libstdc++6:arm64

load ../common

MAKE=$(command -v gmake || command -v make)

# Those of the tasks, the ops and the backends; a few minutes, most of them for test_kernels.
PROGRAMS=(tasks vector sgemm network_ops gradients gradients_unet gradients_transformer sequences transformer kernels)

@test "the kernels' tests pass on 64-bit ARM" {
  for tool in aarch64-linux-gnu-gcc aarch64-linux-gnu-g++ qemu-aarch64; do
    command -v "$tool" >/dev/null || skip "there is no $tool: see tests/long/aarch64.bats"
  done
  local arm=$PM_BUILD/aarch64 failed=0
  cross() { "$MAKE" --no-print-directory -C "$REPO" BUILD="$arm" CC=aarch64-linux-gnu-gcc CXX=aarch64-linux-gnu-g++ OPENBLAS=0 "$@"; }
  cross "$arm/config.mk" >"$T/probe" 2>&1 || true
  if ! [ -e "$arm/config.mk" ] || grep -q '^missing.*cmocka' "$T/probe"; then
    cat "$T/probe"
    skip "libraries for 64-bit ARM are missing: see tests/long/aarch64.bats"
  fi
  cross WERROR=1 "${PROGRAMS[@]/#/$arm/tests/test_}"
  cd "$REPO"
  for program in "${PROGRAMS[@]}"; do
    qemu-aarch64 "$arm/tests/test_$program" >"$T/$program" 2>&1 || failed=1
    grep -q '  PASSED  ' "$T/$program" || failed=1
    grep -v ' RUN \| OK ' "$T/$program"
  done
  [ "$failed" -eq 0 ]
}

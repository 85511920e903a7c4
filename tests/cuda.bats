# The device option where there is no card: what is refused, and why. (tests/long/cuda.bats builds the plugin.)
bats_require_minimum_version 1.5.0
load common

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  CC=${CC:-cc}
  mkdir -p driver plugins
  # A driver that knows no card, of the version that DRIVER names.
  cat >driver.c <<'C'
#include <stdlib.h>
int cuInit(unsigned flags);
int cuDriverGetVersion(int *version);
int cuInit(unsigned flags) { return flags == 0 ? 100 : 1; }
int cuDriverGetVersion(int *version) {
  const char *text = getenv("DRIVER");
  *version = text ? atoi(text) : 13000;
  return 0;
}
C
  $CC -shared -fPIC driver.c -o driver/libcuda.so.1
  export LD_LIBRARY_PATH=$BATS_TEST_TMPDIR/driver PIXELMILL_PLUGINS=$BATS_TEST_TMPDIR/plugins
}

train() { run --separate-stderr "$PM_BUILD/bin/train-vae" -c "$REPO/configs/vae-mse.yaml" --data none.npy -o out "$@"; }
# refused STATUS TEXT
refused() {
  [ "$status" -eq "$1" ] || { echo "status $status"; echo "$stderr"; return 1; }
  [[ $stderr == *"$2"* ]] || { echo "$stderr"; return 1; }
  [ ! -e out ]
}
plugin() { # plugin C-CODE
  printf '%s\n' "$1" >plugin.c
  $CC -shared -fPIC plugin.c -o plugins/libpixelmill-cuda.so
}

@test "without a driver" {
  if ldconfig -p 2>/dev/null | grep -q 'libcuda\.so\.1'; then skip 'this machine has a driver'; fi
  unset LD_LIBRARY_PATH
  train --device cuda
  refused 1 '--device cuda: there is no NVIDIA driver: libcuda.so.1'
  train --device auto
  refused 3 '--device auto is cpu: there is no NVIDIA driver'
}

@test "without the plugin" {
  train --device cuda:0
  refused 1 "--device cuda:0: there is no libpixelmill-cuda.so in $PIXELMILL_PLUGINS"
  unset PIXELMILL_PLUGINS
  mkdir alone
  cp "$PM_BUILD/bin/train-vae" alone
  run --separate-stderr alone/train-vae -c "$REPO/configs/vae-mse.yaml" --data none.npy -o out --device cuda
  refused 1 "'make cuda' builds it"
}

@test "a plugin of another build, one that is none, and one that does not load" {
  plugin 'const int pm_backend_plugin[16] = {1};'
  train --device cuda
  refused 1 'was built for interface 1 of this program, which has'
  plugin 'int other;'
  train --device cuda
  refused 1 'is no plugin of this program'
  plugin 'int nowhere(void); int here(void) { return nowhere(); } int (*const used)(void) = nowhere;'
  train --device cuda
  refused 1 'does not load'
  train --device auto
  refused 3 '--device auto is cpu: '
}

@test "names that are no device" {
  for name in cuda: cuda:x cuda:-1 cuda:1.5 cuda:99999; do
    train --device "$name"
    refused 2 "'$name' is not a card; expected cuda:N"
  done
  train --device cudax
  refused 2 "'cudax' is not a device; there are cpu, cuda"
}

@test "the plugin that was built, without a card and with an old driver" {
  [ -e "$PM_BUILD/lib/libpixelmill-cuda.so" ] || skip 'make cuda has not been run'
  unset PIXELMILL_PLUGINS
  train --device cuda
  refused 1 'there is no NVIDIA card'
  DRIVER=9000 train --device cuda
  refused 1 'the NVIDIA driver is too old: it is for CUDA up to 9.0'
}

#!/usr/bin/env bash
# Installs what building and testing need, with the system's package manager; says what it will run before it does.
# Does nothing when all is there. With apt-get it acts (as root, or through sudo); elsewhere it names the command.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The probe tells what is missing; it needs no packages itself.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
probe() { CC=${CC:-cc} bash pipeline/probe.sh "$scratch/config.mk" 2>&1; }
complete() {
  [ -e "$scratch/config.mk" ] && ! grep -q -e '^missing' -e '^  libcurl  *none' <<<"$1"
}

# PAGE=1: what `make page` compiles with, too.
page_packages=(clang lld wasi-libc libclang-rt-dev-wasm32)
page_complete() {
  [ -z "${PAGE:-}" ] ||
    bash studio/probe.sh "${WASM_CC:-clang}" --target=wasm32-wasi -isystem /usr/include/wasm32-wasi 2>"$scratch/page.log"
}

report=$(probe || true)
if complete "$report" && page_complete; then
  echo 'setup: all that is needed is installed'
  exit 0
fi
grep -e '^missing' -e '^  libcurl  *none' <<<"$report" | sed 's/^ */setup: /' || true

if command -v apt-get >/dev/null; then
  packages=(gcc libc6-dev pkg-config libpng-dev zlib1g-dev libyaml-dev libopenblas-dev libjansson-dev libcurl4-openssl-dev libmd-dev libcmocka-dev bats)
  [ -z "${PAGE:-}" ] || packages+=("${page_packages[@]}")
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      printf 'setup: there is no sudo; as root, run:\n  apt-get update && apt-get install -y --no-install-recommends %s\n' \
        "${packages[*]}" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  run() {
    printf 'setup: running: %s\n' "$*"
    "$@"
  }
  run ${as_root[@]+"${as_root[@]}"} apt-get update
  run ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "${packages[@]}"
  report=$(probe || true)
  if complete "$report" && page_complete; then
    echo 'setup: done'
    exit 0
  fi
  printf 'setup: something is still missing:\n%s\n' "$report" >&2
  [ ! -s "$scratch/page.log" ] || cat "$scratch/page.log" >&2
  exit 1
fi

if command -v dnf >/dev/null; then
  install='dnf install gcc pkgconf-pkg-config libpng-devel zlib-devel libyaml-devel openblas-devel jansson-devel libcurl-devel libmd-devel libcmocka-devel bats'
  [ "$(id -u)" -eq 0 ] || install="sudo $install"
elif command -v pacman >/dev/null; then
  install='pacman -S --needed gcc pkgconf libpng zlib libyaml openblas jansson curl libmd cmocka bash-bats'
  [ "$(id -u)" -eq 0 ] || install="sudo $install"
elif command -v brew >/dev/null; then
  install='brew install make bash pkg-config libpng zlib libyaml openblas jansson curl libmd cmocka bats-core'
else
  echo 'setup: no apt-get, dnf, pacman or brew here. Needed: a C compiler, pkg-config, libpng, zlib, libyaml, jansson,' \
    'libmd, and for the tests cmocka and bats; OpenBLAS is used where it is there, and track needs libcurl' >&2
  exit 1
fi
printf 'setup: to install what is missing, run:\n  %s\n' "$install" >&2
page_complete || echo 'setup: make page needs clang and lld, too, and for wasm32-wasi a C library and the builtins of clang' >&2
exit 1

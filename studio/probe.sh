#!/usr/bin/env bash
# Whether the library can be compiled to WebAssembly here: probe.sh COMPILER FLAG...
# Says what is missing, and how to install it, on standard error; status 1 then.
set -euo pipefail

compiler=$1
flags=("${@:2}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

missing() {
  printf 'The page is compiled to WebAssembly, and %s is missing: %s\n' "$1" "$(tail -n 1 "$work/said")" >&2
  printf 'make setup PAGE=1 installs what it needs; on Debian that is\n  apt-get install %s\n' \
    'clang lld wasi-libc libclang-rt-dev-wasm32' >&2
  exit 1
}

printf 'int answer(void) { return 42; }\n' >"$work/plain.c"
printf '#include <math.h>\n#include <stdlib.h>\n__attribute__((export_name("answer"))) %s\n' \
  'double answer(const char *text) { return exp(atof(text)); }' >"$work/probe.c"
"$compiler" "${flags[@]}" -c "$work/plain.c" -o "$work/plain.o" 2>"$work/said" || missing "a clang for it ($compiler)"
"$compiler" "${flags[@]}" -c "$work/probe.c" -o "$work/probe.o" 2>"$work/said" || missing 'its C library (wasi-libc)'
"$compiler" "${flags[@]}" -mexec-model=reactor "$work/probe.o" -o "$work/probe.wasm" 2>"$work/said" ||
  missing 'its linker (lld), or clang'\''s own library for it (libclang-rt-dev-wasm32)'

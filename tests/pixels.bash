# Files for the tests of the pixel tools, made without any of them.
# shellcheck shell=bash
# shellcheck disable=SC2154  # bats sets status

bats_require_minimum_version 1.5.0

# npy FILE TYPE SHAPE: a .npy file with the bytes of standard input, such as npy a.npy '|u1' '(1, 2, 2, 3)'.
npy() {
  { printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '$2', 'fortran_order': False, 'shape': $3, }" && cat; } >"$1"
}

# colours RRGGBB…: the bytes of these colours (also of rrggbbaa).
colours() {
  local hex text=''
  for hex in "$@"; do
    while [ -n "$hex" ]; do
      text+="\\x${hex:0:2}"
      hex=${hex:2}
    done
  done
  # shellcheck disable=SC2059
  printf "$text"
}

# small FILE: two sprites of 2 x 2 in four colours.
small() {
  colours 000000 ff0000 00ff00 000000 0000ff 0000ff ff0000 000000 | npy "$1" '|u1' '(2, 2, 2, 3)'
}

# content FILE: SHA-256 of what a .npy or .png file holds, whatever its encoding.
content() { tensor hash "$1" | cut -d' ' -f1; }

# full_device_rules COMMAND...: given a way to write (-o or standard output), /dev/full ends it with status 1 and stays
# the device that it is.
full_device_rules() {
  [ -c /dev/full ] || skip 'no /dev/full here'
  expect 1 "$@" -o /dev/full
  [ -c /dev/full ]
  run bash -c '"$@" >/dev/full' bash "$@"
  [ "$status" -eq 1 ]
  [ -c /dev/full ]
}

# closed_pipe_rules COMMAND...: a reader that ends early gives status 1 and one line; for outputs beyond a pipe's buffer.
closed_pipe_rules() {
  run bash -c '"$@" 2>err | head -c 1 >/dev/null; exit "${PIPESTATUS[0]}"' bash "$@"
  [ "$status" -eq 1 ]
  grep -q 'pipe' err
  [ "$(wc -l <err)" -eq 1 ]
}

# As in common.bash, but for the name of the counter: where `run` has flags, bats 1.8 overwrites its callers' `i`
# (bats_version_lt), and a loop that counts with it never ends.
truncation_rules() {
  local file=$1 size at
  shift
  size=$(wc -c <"$file")
  for ((at = 0; at < size; at++)); do
    head -c "$at" "$file" >"$T/prefix"
    expect 3 "$@" "$T/prefix"
    [ ! -e "$T/out" ]
  done
}

# What every end-to-end test loads: the tools of the build first on PATH, and a scratch folder $T per test.
# shellcheck shell=bash
# shellcheck disable=SC2154  # bats sets status, output and stderr

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PM_BUILD=${PM_BUILD:-$REPO/build}
export PATH="$PM_BUILD/bin:$PATH"
export LC_ALL=C
# A make started by a test is a make of its own: what the outer one was told does not reach it.
unset MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES MAKE_RESTARTS TESTS JOBS WERROR SANITIZE V BUILD TOOLS RESULTS PREFIX DESTDIR
unset DATA SHEET NAME TILE SPACING MARGIN REST SHRINK TOLERANCE DENSITY KEEP_ALPHA DROP_FLAT DISTINCT COLOURS CLASSES SET PRESET RUNS ROWS SAMPLES TRACK THREADS SEED SEEDS
unset SETS VARIANT RUNNER RESOURCES DEVICE CUDA CUDA_HOME CUDNN_HOME NVCC_CCBIN
unset DOWNLOADS KENNEY_URL KENNEY_PAGE CFLAGS CPPFLAGS LDFLAGS OPENBLAS
unset PIXELMILL_FAIL_WRITE PIXELMILL_FAIL_ALLOCATION PIXELMILL_FRONT

setup() {
  T=$BATS_TEST_TMPDIR
  cd "$T" || return 1
}

# as_it_was_built: a make of this repository, started afterwards, has the switches of the build and compiles nothing anew.
as_it_was_built() {
  if [[ $PM_BUILD == */sanitize ]]; then export SANITIZE=1; fi
  if grep -q -e ' -Werror' "$PM_BUILD/flags"; then export WERROR=1; fi
}
# would_compile GOAL: where the build had flags of its own (CFLAGS), which tests do not pass on.
would_compile() { make -n -C "$REPO" "$1" 2>/dev/null | grep -q -e "-c lib/core/fail.c "; }

# tools_built: the names of all tools in the build, without plugins and the front command.
tools_built() { find "$PM_BUILD/bin" -type f ! -name '*.*' ! -name pixelmill -exec basename {} ';' | sort; }

# expect STATUS COMMAND...: runs it and demands this exit status; $output and $stderr hold what it said.
expect() {
  local want=$1 i # bats' run counts with a variable i: not the caller's
  shift
  run --separate-stderr "$@"
  if [ "$status" -ne "$want" ]; then
    printf 'exit status %s, expected %s: %s\nstdout: %s\nstderr: %s\n' "$status" "$want" "$*" "$output" "$stderr" >&2
    return 1
  fi
}

# says TEXT: the last `expect` wrote TEXT on standard error.
says() {
  if [[ $stderr != *"$1"* ]]; then
    printf 'standard error lacks "%s":\n%s\n' "$1" "$stderr" >&2
    return 1
  fi
}

# prints TEXT: the last `expect` wrote TEXT on standard output.
prints() {
  if [[ $output != *"$1"* ]]; then
    printf 'standard output lacks "%s":\n%s\n' "$1" "$output" >&2
    return 1
  fi
}

# same FILE FILE: equal bytes.
same() { cmp "$1" "$2"; }

# sha FILE: its SHA-256 alone.
sha() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1
}

# usage_rules TOOL: what every tool does at --help, --version and an unknown option.
usage_rules() {
  expect 0 "$1" --help
  prints "$1"
  expect 0 "$1" --version
  expect 0 "$1" --man
  expect 2 "$1" --no-such-option
  says "$1: "
  says '--help'
  [ -z "$output" ]
  if [ -w /dev/full ]; then
    run --separate-stderr bash -c "$1 --help >/dev/full"
    [ "$status" -eq 1 ]
  fi
}

# bad_file_rules COMMAND...: the command, given the path of an input behind it, refuses a missing file, a folder, an
# empty file and another kind of file with exit status 3 and the path, and leaves nothing of its output $T/out.
# The command must write to $T/out.
bad_file_rules() {
  local kind
  mkdir -p "$T/folder"
  : >"$T/empty"
  printf 'hello, world: no such format has these bytes\n' >"$T/text"
  for kind in missing folder empty text; do
    expect 3 "$@" "$T/$kind"
    says "$T/$kind"
    [ ! -e "$T/out" ]
  done
}

# truncation_rules FILE COMMAND...: the command refuses every proper prefix of FILE (given behind it) with status 3 and
# a message, and leaves no $T/out. Without bats' run, which costs more than the tools.
truncation_rules() {
  local file=$1 size i status
  shift
  size=$(wc -c <"$file")
  for ((i = 0; i < size; i++)); do
    head -c "$i" "$file" >"$T/prefix"
    status=0
    "$@" "$T/prefix" >/dev/null 2>"$T/said" || status=$?
    if [ "$status" -ne 3 ] || [ -e "$T/out" ] || [ ! -s "$T/said" ]; then
      printf '%s cut to %s bytes: exit status %s, expected 3 and no output: %s\n%s\n' \
        "$file" "$i" "$status" "$*" "$(cat "$T/said")" >&2
      return 1
    fi
  done
}

# same_at_threads COMMAND...: the same bytes on standard output at 1, 2, 3 and 8 threads.
same_at_threads() {
  local n
  "$@" -t 1 >"$T/threads.1"
  for n in 2 3 8; do
    "$@" -t "$n" >"$T/threads.$n"
    cmp "$T/threads.1" "$T/threads.$n"
  done
}

# differ FILE FILE: other bytes. (A bare `! cmp` fails no test unless it stands last.)
differ() {
  if cmp -s "$1" "$2"; then
    printf '%s and %s are the same\n' "$1" "$2" >&2
    return 1
  fi
}

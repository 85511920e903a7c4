# Building, probing, setting up, testing, installing: the makefiles over a small tree of sources, and the real one where
# that takes no time.
bats_require_minimum_version 1.5.0
load common

MAKE=$(command -v gmake || command -v make)

setup() {
  T=$BATS_TEST_TMPDIR
  mkdir -p "$T/tree"
  cd "$T/tree" || return 1
  cp -R "$REPO/Makefile" "$REPO/pipeline" "$REPO/configs" .
  mkdir -p lib/core lib/nn/ops lib/backend/cpu/tiers tools tests/unit
  cp "$REPO/tests/run.sh" tests
  echo 'int core(void);' >lib/core/core.h
  printf '#include "core/core.h"\nint core(void) { return 7; }\n' >lib/core/core.c
  cat >lib/nn/ops/op.c <<'C'
#define PASTE(a, b) a##b
#define NAME(a, b) PASTE(a, b)
int NAME(op_, PM_REAL_TYPE)(void);
int NAME(op_, PM_REAL_TYPE)(void) { return (int)sizeof(PM_REAL_TYPE); }
C
  cat >lib/backend/cpu/tiers/kernel.c <<'C'
#define PASTE(a, b) a##b
#define NAME(a, b) PASTE(a, b)
int NAME(kernel_, PM_TIER)(void);
int NAME(kernel_, PM_TIER)(void) {
#if defined(__AVX512F__)
  return 512;
#elif defined(__AVX2__) && defined(__FMA__)
  return 256;
#else
  return 128;
#endif
}
C
  cat >lib/backend/cpu/which.c <<'C'
int kernel_baseline(void), kernel_avx2(void), kernel_avx512(void), tiers(void);
int tiers(void) {
#ifdef PM_TIERS_X86
  return kernel_baseline() + kernel_avx2() + kernel_avx512();
#else
  return kernel_baseline();
#endif
}
C
  cat >tools/hello.c <<'C'
#include "core/core.h"
#include <stdio.h>
#include <string.h>
int op_float(void), op_double(void), tiers(void);
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "--man"))
    return puts(".SH NAME\nhello \\- says numbers") < 0;
  if (argc > 1 && !strcmp(argv[1], "--version"))
    return puts("hello 1.2.3") < 0;
  printf("%d %d %d %d %s\n", core(), op_float(), op_double(), tiers(), argc > 1 ? argv[1] : "");
  return 0;
}
C
}

mk() { "$MAKE" --no-print-directory "$@"; }

# write_test BODY: a cmocka program tests/unit/test_one.c whose second test is BODY.
write_test() {
  cat >tests/unit/test_one.c <<C
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
static void first(void **state) { (void)state; }
static void second(void **state) { (void)state; $1 }
int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(first), cmocka_unit_test(second)};
  return cmocka_run_group_tests(tests, 0, 0);
}
C
}

@test "make alone is help: every documented target is in it, and nothing is built" {
  run mk
  [ "$status" -eq 0 ]
  for target in setup all compare test test-long bench install uninstall clean; do
    [[ $output == *"make $target "* ]]
  done
  [[ $output == *SHEET=* && $output == *PRESET=* && $output == *PREFIX=* ]]
  [ ! -e build ]
}

@test "make of before 4.3 is refused with a word about what is needed" {
  expect 2 "$MAKE" .FEATURES= all
  says 'needs GNU Make 4.3'
}

@test "ops are compiled for float and double, kernels once a tier, tools linked" {
  mk -j2 all
  run build/bin/hello there
  want=128
  [ "$(uname -m)" != x86_64 ] || want=$((128 + 256 + 512))
  [ "$output" = "7 4 8 $want there" ]
}

@test "the table of the probe is printed once" {
  run mk all
  [[ $output == *libpng* && $output == *OpenBLAS* && $output == *cmocka* ]]
  touch lib/core/core.c
  run mk all
  [[ $output != *OpenBLAS* ]]
  run mk all CFLAGS=-O1
  [[ $output == *OpenBLAS* ]]
}

@test "OpenBLAS is not needed: OPENBLAS=0 leaves it out, and so does a machine without it" {
  expect 0 mk all OPENBLAS=0
  prints 'OpenBLAS     off      OPENBLAS=0: our own matrix products'
  grep -qx 'probed_openblas := ' build/config.mk
  expect 0 mk all OPENBLAS=0
  [ -z "$output" ]
  # A header that cannot be read is one that is not there.
  mkdir without
  echo '#error "none"' >without/cblas.h
  expect 0 mk all CPPFLAGS="-I$PWD/without"
  prints 'OpenBLAS     none     our own matrix products instead'
  grep -qx 'probed_openblas := ' build/config.mk
}

@test "a second make does nothing; a header rebuilds what includes it; -n says so" {
  mk all
  run mk all
  [ -z "$output" ]
  sleep 0.02
  touch lib/core/core.h
  run mk -n all
  [[ $output == *lib/core/core.c* && $output == *tools/hello.c* && $output != *op.c* ]]
  run mk all
  [[ $output == *lib/core/core.c* && $output == *tools/hello.c* && $output != *op.c* ]]
  run mk -n all
  [[ $output != *CC* ]]
}

@test "a new source compiles itself alone; one that goes away leaves the library" {
  mk all
  printf 'int other(void);\nint other(void) { return 1; }\n' >lib/core/other.c
  run mk all
  [[ $output == *lib/core/other.c* && $output != *lib/core/core.c* ]]
  nm build/libpixelmill.a | grep -q ' T other'
  rm lib/core/other.c
  mk all
  [ "$(nm build/libpixelmill.a | grep -c ' T other')" -eq 0 ]
}

@test "other flags build anew" {
  mk all
  run mk all CPPFLAGS=-DSOMETHING
  [[ $output == *core.c* && $output == *op.c* ]]
}

@test "warnings are shown, and with WERROR=1 they are errors" {
  sed -i.bak 's/return 7;/int unused; return 7;/' lib/core/core.c
  run mk all
  [ "$status" -eq 0 ]
  [[ $output == *unused* ]]
  run mk all WERROR=1
  [ "$status" -ne 0 ]
}

@test "SANITIZE=1 builds into a tree of its own and finds an overflow" {
  sed -i.bak 's/argv\[1\] : ""/argv[argc + 5] : ""/' tools/hello.c
  mk all SANITIZE=1
  [ ! -e build/bin/hello ]
  run build/sanitize/bin/hello
  [ "$status" -eq 0 ]
  sed -i.bak 's/return 7;/static int a[2]; volatile int i = 2; return a[i];/' lib/core/core.c
  mk all SANITIZE=1
  run build/sanitize/bin/hello
  [ "$status" -ne 0 ]
  [[ $output == *'out of bounds'* ]]
}

# A compiler for which some library is not there: lacking LIBRARY.
lacking() {
  mkdir -p "$T/bin"
  cat >"$T/bin/picky" <<SH
#!/bin/sh
case " \$* " in *" -l$1"*) echo "cannot find -l$1" >&2; exit 1 ;; esac
exec cc "\$@"
SH
  chmod +x "$T/bin/picky"
}

@test "a missing library is named, with what to do; one for the tests alone stops only these" {
  lacking yaml
  expect 2 "$MAKE" all CC="$T/bin/picky"
  prints 'libyaml      missing'
  says 'missing: libyaml'
  says 'make setup'
  [ ! -e build/config.mk ]
  lacking cmocka
  mk all CC="$T/bin/picky"
  [ -x build/bin/hello ]
  write_test ''
  expect 2 "$MAKE" test CC="$T/bin/picky"
  says 'need cmocka: make setup'
}

@test "libcurl is not needed: without it track is left out, which is said with the package that brings it" {
  mkdir lib/track
  printf '#include <curl/curl.h>\nint fetch(void);\nint fetch(void) { return curl_easy_init() != 0; }\n' >lib/track/http.c
  printf 'int fetch(void);\nint main(void) { return !fetch(); }\n' >tools/track.c
  lacking curl
  expect 0 "$MAKE" all CC="$T/bin/picky"
  [[ $output =~ libcurl' '+none' '+'track is not built; '[a-z0-9-]+' brings it: make setup' ]]
  [ -x build/bin/hello ]
  [ ! -e build/bin/track ]
  [ "$(ar t build/libpixelmill.a | grep -c http.o)" -eq 0 ]
  printf '#include <curl/curl.h>\nint main(void) { return 0; }\n' >probe.c
  cc probe.c -lcurl -o probe 2>/dev/null || skip 'no libcurl here'
  expect 0 mk all
  build/bin/track
  [ "$(ldd build/bin/hello 2>/dev/null | grep -c libcurl)" -eq 0 ]
}

@test "no compiler: said, with what to do" {
  expect 2 "$MAKE" all CC=no-such-compiler
  prints 'compiler     missing'
  says 'make setup'
}

@test "make test: the last line counts unit and end-to-end tests; a failure makes it fail" {
  write_test ''
  printf '@test "a" { true; }\n@test "b" { skip "not today"; }\n' >tests/hello.bats
  run mk test
  [ "$status" -eq 0 ]
  [ "${lines[-1]}" = '3 passed, 0 failed, 1 skipped' ]
  printf '@test "c" { echo seen; false; }\n' >>tests/hello.bats
  run mk test
  [ "$status" -ne 0 ]
  grep -qx '3 passed, 1 failed, 1 skipped' <<<"$output"
  [[ $output == *seen* ]]
  rm tests/hello.bats
  write_test 'assert_int_equal(1, 2);'
  run mk test
  [ "$status" -ne 0 ]
  grep -qx '1 passed, 1 failed, 0 skipped' <<<"$output"
  [[ $output == *'0x1 != 0x2'* ]]
  write_test 'skip();'
  run mk test
  [ "${lines[-1]}" = '1 passed, 0 failed, 1 skipped' ]
}

@test "make test: a program that ends early or says nothing has failed" {
  write_test '_Exit(0);'
  sed -i.bak '1i #include <stdlib.h>' tests/unit/test_one.c
  run mk test
  [ "$status" -ne 0 ]
  grep -qx '1 passed, 1 failed, 0 skipped' <<<"$output"
  write_test '__builtin_trap();'
  run mk test
  [ "$status" -ne 0 ]
  grep -qE '^1 passed, [1-9] failed, 0 skipped' <<<"$output"
  echo 'int main(void) { return 0; }' >tests/unit/test_one.c
  run mk test
  [ "$status" -ne 0 ]
  grep -qx '0 passed, 1 failed, 0 skipped' <<<"$output"
}

@test "TESTS picks files" {
  write_test ''
  printf '@test "a" { false; }\n' >tests/hello.bats
  run mk test TESTS=test_one
  [ "${lines[-1]}" = '2 passed, 0 failed, 0 skipped' ]
  run mk test TESTS=tests/hello.bats
  [ "$status" -ne 0 ]
  grep -qx '0 passed, 1 failed, 0 skipped' <<<"$output"
  expect 2 "$MAKE" test TESTS=nothing
  says 'nothing'
}

@test "clean removes the build and leaves runs and data" {
  mk all
  mkdir -p runs/mine data/kenney
  mk clean
  mk clean RESULTS=runs DOWNLOADS=data
  [ ! -e build ]
  [ -d runs/mine ]
  [ -d data/kenney ]
}

@test "runs and data are there in a fresh clone, with a text each of what will lie in them" {
  command -v git >/dev/null && git -C "$REPO" rev-parse 2>/dev/null || skip 'no git, or no repository'
  for file in data/README.md runs/README.md; do
    [ "$(git -C "$REPO" ls-files $file)" = $file ]
    run git -C "$REPO" check-ignore -q $file
    [ "$status" -eq 1 ]
  done
  git -C "$REPO" check-ignore -q data/kenney/sheet.png
  git -C "$REPO" check-ignore -q runs/builtin/data/sprites.npy
  # The text tells the sheets that are fetched.
  sums=$(sed -n 's/^pixels\.[a-z-]* := //p' "$REPO/pipeline/fetched.mk")
  [ "$(wc -l <<<"$sums")" -eq 2 ]
  for sum in $sums; do grep -q "$sum" "$REPO/data/README.md"; done
  for member in $(sed -n 's/^member\.[a-z-]* := //p' "$REPO/pipeline/fetched.mk"); do grep -qF "$member" "$REPO/data/README.md"; done
}

# on_machine NAME...: `make setup` on a machine where the compiler is missing and only these package managers are
# there, as stand-ins that log their call.
on_machine() {
  rm -rf "$T/machine"
  mkdir -p "$T/machine"
  for command in bash env mktemp grep sed rm cat dirname id tr awk paste mv; do
    ln -s "$(command -v "$command")" "$T/machine/$command"
  done
  for command in "$@"; do
    # shellcheck disable=SC2016
    printf '#!/bin/bash\necho "$(basename "$0") $*" >>%q\n%s\n' "$T/called" \
      "$([ "$command" = sudo ] && echo 'exec "$@"')" >"$T/machine/$command"
    ln -sf "$(command -v basename)" "$T/machine/basename"
    chmod +x "$T/machine/$command"
  done
  : >"$T/called"
  CC=none PATH=$T/machine run --separate-stderr "$T/machine/bash" pipeline/setup.sh
}

@test "setup names the command of dnf, pacman and brew, and runs apt-get itself" {
  on_machine dnf
  [ "$status" -eq 1 ]
  says 'dnf install gcc'
  [ ! -s "$T/called" ]
  on_machine pacman
  says 'pacman -S --needed gcc'
  on_machine brew
  says 'brew install make'
  on_machine
  [ "$status" -eq 1 ]
  says 'no apt-get, dnf, pacman or brew'
  # The compiler is still not there afterwards, so this fails in the end, but says each command and runs it.
  on_machine apt-get
  [ "$status" -eq 1 ]
  prints 'running: apt-get update'
  grep -qx 'apt-get update' "$T/called"
  grep -q '^apt-get install -y .*gcc .*libpng-dev .*bats' "$T/called"
  says 'something is still missing'
}

@test "setup without root goes through sudo, or says what to do" {
  on_machine apt-get sudo
  rm "$T/machine/id"
  printf '#!/bin/bash\necho 1000\n' >"$T/machine/id"
  chmod +x "$T/machine/id"
  : >"$T/called"
  CC=none PATH=$T/machine run --separate-stderr "$T/machine/bash" pipeline/setup.sh
  grep -qx 'sudo apt-get update' "$T/called"
  prints 'running: sudo env DEBIAN_FRONTEND=noninteractive apt-get install'
  rm "$T/machine/sudo"
  : >"$T/called"
  CC=none PATH=$T/machine run --separate-stderr "$T/machine/bash" pipeline/setup.sh
  [ "$status" -eq 1 ]
  says 'as root, run:'
  [ ! -s "$T/called" ]
}

@test "setup where all is there does nothing; other goals follow it" {
  run mk setup
  [ "$status" -eq 0 ]
  [ "$output" = 'setup: all that is needed is installed' ]
  run mk -j2 setup all
  [ "$status" -eq 0 ]
  [[ ${lines[0]} == setup:* ]]
  [ -x build/bin/hello ]
  # Goals beside setup wait for it, and fail with it.
  echo 'exit 1' >pipeline/setup.sh
  rm -rf build
  run mk -j2 setup all
  [ "$status" -ne 0 ]
  [ ! -e build ]
}

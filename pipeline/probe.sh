#!/usr/bin/env bash
# Finds the compiler and the libraries by compiling and linking a small program against each, prints what it found, and
# writes it as make variables: probe.sh CONFIG.mk
# Uses CC, CFLAGS, CPPFLAGS, LDFLAGS, and OPENBLAS (0: not used). pkg-config and brew give hints where they are; only
# what links counts.
set -euo pipefail

config=$1
log=${config%.mk}.log
: "${CC:=cc}" "${CFLAGS:=}" "${CPPFLAGS:=}" "${LDFLAGS:=}" "${OPENBLAS:=}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$log"

# try CFLAGS LIBS: does the program in $work/probe.c compile and link with these flags?
try() {
  printf '\n$ %s\n' "$CC $CPPFLAGS $CFLAGS $1 probe.c $LDFLAGS $2" >>"$log"
  # shellcheck disable=SC2086  # flags are lists of words
  $CC $CPPFLAGS $CFLAGS $1 -o "$work/probe" "$work/probe.c" $LDFLAGS $2 >>"$log" 2>&1
}

row() { printf '  %-12s %-8s %s\n' "$1" "$2" "$3"; }

# hints PACKAGE LIBS FORMULA: lines of `cflags|libs` to try, the likeliest first.
hints() {
  local prefix
  if command -v pkg-config >/dev/null && pkg-config --exists "$1" 2>/dev/null; then
    printf '%s|%s\n' "$(pkg-config --cflags "$1")" "$(pkg-config --libs "$1")"
  fi
  printf '|%s\n' "$2"
  if command -v brew >/dev/null && prefix=$(brew --prefix "$3" 2>/dev/null); then
    printf '%s|%s\n' "-I$prefix/include" "-L$prefix/lib $2"
  fi
  if [ "$1" = openblas ]; then
    printf '%s|%s\n' "-I/usr/include/openblas" "$2"
  fi
}

# The package with the headers of libcurl, as the system's package manager calls it.
curl_package() {
  if command -v apt-get >/dev/null; then
    echo libcurl4-openssl-dev
  elif command -v dnf >/dev/null; then
    echo libcurl-devel
  else
    echo curl
  fi
}

missing=()
# library NAME PACKAGE LIBS FORMULA [WITHOUT], the program on standard input; leaves the flags in found_cflags and
# found_libs. WITHOUT says what is done where there is none; else it is missing.
library() {
  local cflags libs version
  cat >"$work/probe.c"
  while IFS='|' read -r cflags libs; do
    if try "$cflags" "$libs"; then
      version=$(pkg-config --modversion "$2" 2>/dev/null || true)
      row "$1" "${version:-found}" "$libs"
      found_cflags=$cflags found_libs=$libs
      return 0
    fi
  done < <(hints "$2" "$3" "$4")
  found_cflags='' found_libs=''
  if [ -n "${5:-}" ]; then
    row "$1" none "$5"
  else
    row "$1" missing "$3"
    missing+=("$1")
  fi
  return 1
}

printf 'Looking for a compiler and libraries (details in %s):\n' "$log"
printf 'int main(void) { return 0; }\n' >"$work/probe.c"
if ! command -v "${CC%% *}" >/dev/null; then
  row compiler missing "$CC"
  missing+=("compiler")
elif ! try '-std=c11' ''; then
  row compiler broken "$CC does not link a C11 program"
  missing+=("working compiler")
else
  row compiler "$($CC -dumpversion)" "$CC"
fi

all_cflags='' all_libs='' openblas='' cmocka='' cmocka_cflags='' curl='' curl_cflags=''
if [ ${#missing[@]} -eq 0 ]; then
  add() {
    all_cflags="$all_cflags $found_cflags"
    all_libs="$all_libs $found_libs"
  }
  library libpng libpng '-lpng' libpng <<'C' && add
#include <png.h>
int main(void) { return png_create_read_struct(PNG_LIBPNG_VER_STRING, 0, 0, 0) == 0; }
C
  library zlib zlib '-lz' zlib <<'C' && add
#include <zlib.h>
int main(void) { return uncompress2(0, 0, 0, 0) == Z_OK; }
C
  library libyaml yaml-0.1 '-lyaml' libyaml <<'C' && add
#include <yaml.h>
int main(void) { yaml_parser_t parser; return !yaml_parser_initialize(&parser); }
C
  library jansson jansson '-ljansson' jansson <<'C' && add
#include <jansson.h>
int main(void) { return json_object() == 0; }
C
  library libmd libmd '-lmd' libmd <<'C' && add
#include <sys/types.h>
#include <stdint.h>
#include <sha2.h>
int main(void) { SHA2_CTX context; SHA256Init(&context); return 0; }
C
  # Opened when it is first needed (lib/backend/cpu/sgemm.c), so not in all_libs: the program tells the file's name.
  if [ "$OPENBLAS" = 0 ]; then
    row OpenBLAS off 'OPENBLAS=0: our own matrix products'
  elif library OpenBLAS openblas '-lopenblas' openblas 'our own matrix products instead' <<'C'; then
#define _GNU_SOURCE
#include <cblas.h>
#include <dlfcn.h>
#include <stdio.h>
int main(void) {
  Dl_info info;
  return !dladdr((void *)cblas_sgemm, &info) || puts(info.dli_fname) < 0;
}
C
    openblas=$("$work/probe")
    all_cflags="$all_cflags $found_cflags"
  fi
  # Not in all_libs: only track uses it.
  if library libcurl libcurl '-lcurl' curl "track is not built; $(curl_package) brings it: make setup" <<'C'; then
#include <curl/curl.h>
int main(void) { return curl_easy_init() == 0; }
C
    curl=$found_libs curl_cflags=$found_cflags
  fi
  # Not in all_libs: only the test programs use it.
  library cmocka cmocka '-lcmocka' cmocka <<'C' || true
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
int main(void) { return cmocka_run_group_tests_name("none", (const struct CMUnitTest *)0, 0, 0) < 0 ? 1 : 0; }
C
  cmocka=$found_libs cmocka_cflags=$found_cflags
fi
if command -v bats >/dev/null; then
  row bats "$(bats --version | sed 's/[^0-9]*//')" bats
else
  row bats missing bats
  missing+=(bats)
fi

# cmocka and bats are for the tests: the tools build without them.
fatal=0
for name in ${missing[@]+"${missing[@]}"}; do
  case $name in cmocka | bats) ;; *) fatal=1 ;; esac
done
if [ ${#missing[@]} -gt 0 ]; then
  {
    printf 'missing: %s\n' "${missing[*]}"
    printf 'to install what is missing: make setup\n'
  } >&2
fi
[ $fatal -eq 0 ] || exit 1

machine=$($CC -dumpmachine)
words() { tr -s ' ' '\n' <<<"$1" | awk 'NF && !seen[$0]++' | paste -sd' ' -; }
{
  printf '# Written by pipeline/probe.sh; remove it (or make clean) to look again.\n'
  printf 'probed_for := %s\n' "$CC $CFLAGS $CPPFLAGS $LDFLAGS$([ "$OPENBLAS" != 0 ] || echo ' OPENBLAS=0')"
  printf 'probed_cflags := %s\n' "$(words "$all_cflags $cmocka_cflags $curl_cflags")"
  printf 'probed_libs := %s\n' "$(words "$all_libs -lm -lpthread -ldl")"
  printf 'probed_openblas := %s\n' "$openblas"
  printf 'probed_cmocka := %s\n' "$cmocka"
  printf 'probed_curl := %s\n' "$curl"
  printf 'target_arch := %s\n' "$(case $machine in x86_64* | amd64*) echo x86_64 ;; *) echo "${machine%%-*}" ;; esac)"
} >"$config.new"
mv "$config.new" "$config"

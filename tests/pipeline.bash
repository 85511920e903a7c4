# A copy of the makefiles in $T, with stand-ins for the tools (fake-tool.sh) that log their calls.
# shellcheck shell=bash

MAKE=$(command -v gmake || command -v make)

setup() {
  T=$BATS_TEST_TMPDIR
  export FAKE_LOG=$T/log
  mkdir -p "$T/tools"
  cp -R "$REPO/Makefile" "$REPO/pipeline" "$REPO/configs" "$T"
  for tool in draw-sprites draw-tilemaps slice-tiles check-sprites label-tiles extract-palette tensor train-vae train-vqvae fit-prior train-ddpm train-patch-ar sample snap montage score report track plot-curves; do
    cp "$REPO/tests/fake-tool.sh" "$T/tools/$tool"
    chmod +x "$T/tools/$tool"
  done
  cd "$T" || return 1
  : >"$FAKE_LOG"
  export RUNS='vae-mse vae-bce' # enough for what most tests look at
}

# mk ARGUMENT...: make with the stand-ins; the log then holds what this call ran.
mk() {
  : >"$FAKE_LOG"
  "$MAKE" --no-print-directory TOOLS=tools "$@"
}

# Calls in the log that made results; working out the data's hash happens in a scratch folder outside runs/, and what is
# timed goes nowhere.
calls() { grep -c "^$1 .*-o runs/" "$FAKE_LOG" || true; }
ran() { # ran TOOL TIMES
  if [ "$(calls "$1")" -ne "$2" ]; then
    printf '%s ran %s times, expected %s:\n' "$1" "$(calls "$1")" "$2" >&2
    cat "$FAKE_LOG" >&2
    return 1
  fi
}
nothing_ran() {
  local tool
  for tool in draw-sprites extract-palette train-vae sample snap montage score report plot-curves; do ran "$tool" 0; done
}

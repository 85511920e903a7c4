#!/usr/bin/env bats
# make page, and the page in a headless browser, used as a person would.

load ../common
load ../studio

setup() {
  WHY=$(why_no_wasm) || skip "$WHY"
  command -v "${CHROMIUM:-chromium}" >/dev/null || skip 'there is no chromium'
  T=$BATS_TEST_TMPDIR
  cd "$T" || return 1
}

page_of_smoke() { make -s -j2 -C "$REPO" BUILD="$T/build" RESULTS="$T/runs" PRESET=smoke page "$@"; }

@test "make page makes a page that a person can draw with" {
  local run=runs/builtin/smoke/patch-ar
  page_of_smoke >said
  grep -q "Look at $T/$run/studio.html" said
  node "$REPO/tests/studio/click.js" "$run/studio.html" "$T"
  PIXELMILL_TIER=baseline sample -q "$run/studio.safetensors" -n 12 -s 1 |
    montage -q --scale 1 --gap 0 --columns 4 -o want.png
  [ "$(tensor hash want.png | cut -d' ' -f1)" = "$(tensor hash sheet.png | cut -d' ' -f1)" ]
  diff <(grep -v '^#' palette.gpl) <(grep -v '^#' runs/builtin/data/palette.gpl)
  extract-palette -q sprite.png -o own.gpl
  page_of_smoke >again
  grep -q 'Nothing to do' again
  # 12 sprites in under 2 seconds
  awk '{ exit !($1 < 2) }' seconds.txt
}

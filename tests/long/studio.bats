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

# The tools are built once for all tests here.
page_of_smoke() { make -s -j2 -C "$REPO" BUILD="$BATS_FILE_TMPDIR/build" RESULTS="$T/runs" PRESET=smoke page "$@"; }

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

@test "an own sheet of another size: a face locked, bodies chosen, two recoloured, all saved, by clicking" {
  draw-sprites -q -n 120 --class hero --keep-alpha -o heroes.npy
  export-sprites --columns 12 --margin 2 --spacing 4 heroes.npy -o own.png # so that each is a tile of 20 x 20
  page_of_smoke NAME=own SHEET="$T/own.png" TILE=20 KEEP_ALPHA=1 >said
  local run=runs/own/smoke/patch-ar
  tensor slice runs/own/data/sprites.npy 0:1 | export-sprites --scale 2 -o hero.png
  node "$REPO/tests/studio/artist.js" "$run/studio.html" "$T" hero.png 9
  # The twelve keep the face, in the model's palette, and the recoloured ones open, too.
  slice-tiles -q --tile 20 --keep-alpha bodies.png -o bodies.npy
  [[ $(tensor info bodies.npy) = *'u8 [12, 20, 20, 4]'* ]]
  export-sprites --palette runs/own/data/palette.gpl bodies.npy -o again.png
  for name in one two; do [[ $(tensor info $name.png) = *'20, 20'* ]]; done
  command -v xmllint >/dev/null || skip 'no xmllint'
  export-sprites bodies.npy -o sheet.png --tiled sheet.tsx
  [ "$(xmllint --xpath 'string(/tileset/@tilecount)' sheet.tsx)" = 12 ]
}

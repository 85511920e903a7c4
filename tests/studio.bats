#!/usr/bin/env bats
# The page that draws: what is put into it, and that its engine, WebAssembly, makes the bytes that `sample` makes.

load common
load patch_ar
load diffusion
load training
load studio

setup_file() {
  export PIXELMILL_TIER=baseline # of x86, too: WebAssembly has no fused multiply-add
  why_no_wasm >/dev/null || return 0
  tiny_patch_ar
  tiny_page
}

setup() {
  WHY=$(why_no_wasm) || skip "$WHY"
  T=$BATS_TEST_TMPDIR
  cd "$T" || return 1
}

# drawn MODEL REQUEST: what the engine draws, without a header.
drawn() { node "$REPO/tests/studio/draw.js" "$WASM" "$1" "$2"; }

# same_as_sample MODEL PAGE_MODEL REQUEST OPTION...: sample's bytes are the engine's.
same_as_sample() {
  local header=128
  [ "$(uname -m)" = x86_64 ] || skip 'this processor fuses multiplications and additions, and WebAssembly does not'
  sample -q "$1" "${@:4}" -o sampled.npy 2>/dev/null
  drawn "$2" "$3" >engine.f4
  tail -c +$((header + 1)) sampled.npy | cmp - engine.f4
}

# lacks FILE PATTERN
lacks() {
  if grep -nE "$2" "$1"; then
    echo "$1 has $2" >&2
    return 1
  fi
}

@test "the engine draws the bytes that sample draws" {
  local model=$SHARED/rounded.safetensors page=$SHARED/page.model
  same_as_sample "$model" "$page" '{"seed":"1","count":3,"label":-3}' -n 3 -s 1
  same_as_sample "$model" "$page" '{"seed":"18446744073709551615","count":20,"label":-2}' \
    -n 20 -s 18446744073709551615 --class each
  same_as_sample "$model" "$page" '{"seed":"5","count":4,"label":3,"settings":{"sampling.temperature":0.65,"sampling.guidance_scale":1.5}}' \
    -n 4 -s 5 --class 3 --temperature 0.65 --guidance-scale 1.5
  same_as_sample "$model" "$page" '{"seed":"5","count":4,"label":-1,"settings":{"sampling.guidance_scale":1}}' \
    -n 4 -s 5 --class any
}

# stays TILE WISH OPTION...: the drawing of wish.js, and what a wish says besides its pixels; `sample` is told by files.
stays() {
  local request
  request='{"seed":"3","count":6,"group":2,"label":-3,"tile":'$1',"wish":{"pixels":'$(cat pixels.json)$2'}}'
  same_as_sample "$SHARED/rounded.safetensors" "$SHARED/page.model" "$request" -n 6 -s 3 "${@:3}"
}

@test "what stays of a drawing: locks, variations, symmetry, shapes, colours and tiles as sample's hints" {
  node "$REPO/tests/studio/wish.js" "$SHARED/page.model"
  local locks=',"locks":'$(cat locks.json)
  stays false "$locks,\"particles\":4" --hints from.png --lock lock.png --particles 4
  stays false ',"strength":0.4,"particles":4' --from from.png --strength 0.4 --particles 4
  stays false "$locks,\"strength\":0.7,\"symmetric\":true,\"particles\":3" \
    --from from.png --lock lock.png --strength 0.7 --symmetric --particles 3
  stays false ',"symmetric":true' --symmetric
  stays false ',"shape":true,"particles":2' --silhouette from.png --particles 2
  stays true ',"particles":4' --tile xy --particles 4
  stays true "$locks,\"particles\":4" --hints from.png --lock lock.png --tile xy --particles 4
  stays false ',"banned":[0,1,1,1,0,0,0,0,0,0,0,0,0,0,0,0]' \
    --palette-only "$(awk '/^colour/ && !(n++ in banned) { printf "%s%02x%02x%02x", comma, $2, $3, $4; comma = "," }
      /^tensor/ { exit } BEGIN { banned[1]; banned[2]; banned[3] }' "$SHARED/page.model")"
}

@test "in bfloat16, and without classes, too" {
  patch_ar --set precision=bf16 --set transformer.width=64 --set transformer.feed_forward=64 -o wide 2>/dev/null
  page wide/model.safetensors --rounded rounded.safetensors --bytes page.model -o page.html
  same_as_sample rounded.safetensors page.model '{"seed":"2","count":5,"label":-3}' -n 5 -s 2
}

@test "sprites with transparency, and of sides that are no power of two" {
  draw-tilemaps -q -n 30 -o maps.npy
  train-patch-ar -q -c "$CONFIG" --set patch.side=4 --data maps.npy -o maps
  SPRITES=maps.npy page maps/model.safetensors --rounded rounded.safetensors --bytes page.model -o page.html
  same_as_sample rounded.safetensors page.model '{"seed":"2","count":3,"label":-3}' -n 3 -s 2
}

@test "diffusion on palette indices draws in the page, too" {
  CONFIG=$T/ddpm.yaml
  tiny_diffusion_config "$CONFIG"
  diffuse_classes --set pixels=palette -o palette
  page palette/model.safetensors --rounded rounded.safetensors --bytes page.model -o page.html
  same_as_sample rounded.safetensors page.model '{"seed":"2","count":3,"label":-2}' -n 3 -s 2 --class each
}

@test "copies are those that score counts" {
  local request='{"seed":"4","count":64,"label":-3}' novel
  sample -q "$SHARED/rounded.safetensors" -n 64 -s 4 -o sampled.npy
  score -q sampled.npy --data "$SPRITES" --model "$WITH_CLASSES" --allow-few --keep-novel -o novel.npy
  novel=$(tensor info novel.npy | sed -E 's/.*\[([0-9]+),.*/\1/')
  expect 0 node "$REPO/tests/studio/copies.js" "$WASM" "$SHARED/page.model" "$request"
  [ "$output" -eq $((64 - novel)) ]
}

@test "damaged models and settings out of range are refused in words, and the next engine draws as before" {
  expect 0 node "$REPO/tests/studio/refusals.js" "$WASM" "$SHARED/page.model"
  prints "one byte short: the page's model: is cut off: 1 bytes are missing"
  prints "method: the page's model: the method 'sorcery' is none that this page knows"
  prints 'temperature 0: sampling.temperature:'
  prints "layers: the page's model: has"
}

@test "the drawing, the storage and the files" {
  expect 0 node "$REPO/tests/studio/check-sources.js" "$T"
  expect 0 extract-palette sprite.png -o read.gpl
  diff <(grep -v '^#' read.gpl | sort) <(grep -v '^#' palette.gpl | sort)
  montage -q --scale 1 --gap 0 --keep-alpha sheet.png -o again.png
  montage -q --scale 100 --gap 0 --keep-alpha sprite.png -o by-montage.png
  [ "$(montage -q --scale 1 --gap 0 --keep-alpha large.png | sha256sum)" = \
    "$(montage -q --scale 1 --gap 0 --keep-alpha by-montage.png | sha256sum)" ]
}

@test "the page is one file of at most 8 MB that asks for nothing" {
  local page=$SHARED/page.html
  [ "$(wc -c <"$page")" -lt 8000000 ]
  lacks "$page" '(src|href)="?(https?:|//)|@import|url\((https?:|//)'
  lacks "$page" '[{][{]'
  grep -q "default-src 'none'" "$page"
}

@test "make-page refuses what cannot be a page" {
  usage_rules make-page
  bad_file_rules "$MAKE_PAGE" --wasm "$WASM" --template "$REPO/studio/page.html" -o "$T/out"
  expect 3 "$MAKE_PAGE" "$WITH_CLASSES" --wasm none.wasm -o out
  says 'none.wasm'
  draw-sprites -q -n 25 -o other.npy
  expect 3 "$MAKE_PAGE" "$WITH_CLASSES" --data other.npy --wasm "$WASM" -o out
  says 'other.npy: is not what this model was trained on'
  tiny_config vae.yaml
  train-vae -q -c vae.yaml --data "$SPRITES" -o vae
  expect 3 "$MAKE_PAGE" vae/model.safetensors --wasm "$WASM" -o out
  says 'does not draw in a palette'
  [ ! -e out ]
}

@test "where there is no compiler to WebAssembly, make says what to install" {
  expect 1 bash "$REPO/studio/probe.sh" no-such-clang --target=wasm32-wasi
  says 'make setup PAGE=1'
  says 'apt-get install clang lld wasi-libc'
}

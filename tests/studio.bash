# For the tests of the page: the library as WebAssembly, once a file, and pages of a tiny model. Skipped where there is no
# compiler for it, or no node to run it.
# shellcheck shell=bash

MAKE_PAGE=$PM_BUILD/bin/make-page

# why_no_wasm: fails, with the reason on standard output, where WebAssembly cannot be made or run.
why_no_wasm() {
  local said
  said=$(bash "$REPO/studio/probe.sh" "${WASM_CC:-clang}" --target=wasm32-wasi -isystem /usr/include/wasm32-wasi 2>&1) || {
    printf '%s\n' "${said%%$'\n'*}"
    return 1
  }
  command -v node || {
    echo 'there is no node'
    return 1
  }
}

# Once a file, in $SHARED: studio.wasm, and of the tiny patch transformer with classes page.html, page.model (what the
# page holds) and rounded.safetensors.
tiny_page() {
  WASM=$SHARED/build/wasm/studio.wasm
  export WASM
  make -s -j2 -C "$REPO" BUILD="$SHARED/build" "$WASM" >"$SHARED/make.log" 2>&1 || {
    cat "$SHARED/make.log" >&2
    return 1
  }
  page "$WITH_CLASSES" --rounded "$SHARED/rounded.safetensors" --bytes "$SHARED/page.model" -o "$SHARED/page.html"
}

# page MODEL OPTION...: the page of a model that learned from $SPRITES.
page() { "$MAKE_PAGE" -q "$1" --data "$SPRITES" --wasm "$WASM" --template "$REPO/studio/page.html" "${@:2}"; }

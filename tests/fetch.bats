# fetch.sh: a sheet out of an archive that a server on loopback serves, well and badly.
bats_require_minimum_version 1.5.0
load common

MEMBER=Tilesheet/sheet.png

setup_file() {
  [ -z "${lacks:=$(for tool in curl unzip perl; do command -v $tool >/dev/null || printf '%s ' $tool; done)}" ] || return 0
  cd "$BATS_FILE_TMPDIR" || return 1
  draw-sprites -q -n 48 | montage -q --scale 1 --gap 0 --columns 8 -o sheet.png
  draw-sprites -q -n 48 -s 9 | montage -q --scale 1 --gap 0 --columns 8 -o other.png
  perl "$REPO/tests/make-zip.pl" pack.zip Readme.txt="$REPO/LICENSE" $MEMBER=sheet.png Preview.png=other.png
}

setup() {
  T=$BATS_TEST_TMPDIR
  cd "$T" || return 1
  for tool in curl unzip perl; do command -v $tool >/dev/null || skip "no $tool here"; done
  made=$BATS_FILE_TMPDIR
  mkdir served
  cp "$made/pack.zip" served/pack.zip
  size=$(wc -c <served/pack.zip)
  PIXELS=$(tensor hash "$made/sheet.png" | cut -d' ' -f1)
  export TOOLS=$PM_BUILD/bin PAUSE=0 PAGE= URL= LAST_KNOWN= no_proxy='*'
}
teardown() { stop; }

# serve [WAY...]: a server of the folder `served`; $at is its address, `requests` what it was asked.
serve() {
  stop
  rm -f port
  : >requests
  perl "$REPO/tests/web-server.pl" served port requests "$@" 3>&- &
  server=$!
  for _ in $(seq 200); do
    [ ! -s port ] || break
    sleep 0.02
  done
  at=http://127.0.0.1:$(cat port)
}
stop() {
  [ -z "${server:-}" ] || { kill "$server" && wait "$server" || true; } 2>/dev/null
  server=
}
fetch() { bash "$REPO/pipeline/fetch.sh" "${FOLDER:-data}" pack.zip $MEMBER "$PIXELS"; }
# Nothing in the folder but these.
only() { [ "$(ls -A data)" = "$(printf '%s\n' "$@")" ] || { ls -lA data >&2; return 1; }; }

@test "fetch: the sheet comes out of the archive; once there, nothing is asked of the network" {
  serve
  URL=$at/pack.zip expect 0 fetch
  says "fetching $at/pack.zip"
  [ -z "$output" ]
  same data/sheet.png "$made/sheet.png"
  only pack.zip sheet.png
  stop
  URL=$at/pack.zip expect 0 fetch
  [ -z "$stderr" ]
  # Nor for another sheet of the archive.
  MEMBER=Preview.png PIXELS=$(tensor hash "$made/other.png" | cut -d' ' -f1) expect 0 fetch
  same data/Preview.png "$made/other.png"
}

@test "fetch: the address comes from the publisher's page, or is the last known one" {
  mkdir -p served/media/f00-1
  mv served/pack.zip served/media/f00-1/pack.zip
  printf '<p>Get <a href="/about">it</a>\n<a class=x href="/media/f00-1/pack.zip">now</a>, or pack.zip' >served/page
  serve
  PAGE=$at/page LAST_KNOWN=$at/old/pack.zip expect 0 fetch
  says "fetching $at/media/f00-1/pack.zip"
  same data/sheet.png "$made/sheet.png"
  rm -r data
  printf '<a href="%s/media/f00-1/pack.zip">' "$at" >served/page
  PAGE=$at/page expect 0 fetch
  rm -r data
  echo 'moved' >served/page
  PAGE=$at/page LAST_KNOWN=$at/media/f00-1/pack.zip expect 0 fetch
  same data/sheet.png "$made/sheet.png"
  rm -r data
  PAGE=$at/page expect 1 fetch
  says 'no address is known; give one with URL='
  says "by hand from $at/page and put it, or the $MEMBER in it, into data/"
}

@test "fetch: a server that is down, or has no such file" {
  serve
  stop
  URL=$at/pack.zip expect 1 fetch
  says "$at/pack.zip: "
  says 'not fetched. Try again; give another address with URL='
  only
  serve
  URL=$at/none.zip expect 1 fetch
  says '404'
  [ "$(wc -l <requests)" -eq 1 ]
  only
  URL=gopher://127.0.0.1/pack.zip expect 1 fetch
  only
}

@test "fetch: a download that stops goes on where it was, within a run and from one to the next" {
  serve cut=$((size / 2))
  URL=$at/pack.zip expect 0 fetch
  same data/sheet.png "$made/sheet.png"
  grep -qx "/pack.zip from $((size / 2))" requests
  rm -r data
  serve cut=100
  URL=$at/pack.zip expect 1 fetch
  says '300 bytes are in data/pack.zip.part; starting again goes on from there'
  only pack.zip.part
  serve
  URL=$at/pack.zip expect 0 fetch
  [ "$(cat requests)" = '/pack.zip from 300' ]
  same data/sheet.png "$made/sheet.png"
  same data/pack.zip "$made/pack.zip"
  only pack.zip sheet.png
}

@test "fetch: a server that cannot go on, a part that is complete, a part of another file" {
  mkdir data
  head -c 300 served/pack.zip >data/pack.zip.part
  serve no-range
  URL=$at/pack.zip expect 0 fetch
  same data/pack.zip "$made/pack.zip"
  rm data/*
  cp served/pack.zip data/pack.zip.part
  serve
  URL=$at/pack.zip expect 0 fetch
  same data/pack.zip "$made/pack.zip"
  rm data/*
  head -c 300 /dev/zero >data/pack.zip.part
  URL=$at/pack.zip expect 0 fetch
  says 'once more from the start'
  same data/pack.zip "$made/pack.zip"
  only pack.zip sheet.png
}

@test "fetch: the wrong file is refused and not kept; the right one is taken afterwards" {
  serve
  wrong() { # wrong MESSAGE
    URL=$at/pack.zip expect 3 fetch
    says "$1"
    only
  }
  echo '<html>come back later</html>' >served/pack.zip
  wrong 'what it serves is no zip archive, or a damaged one'
  head -c $((size - 30)) "$made/pack.zip" >served/pack.zip
  wrong 'damaged'
  perl "$REPO/tests/make-zip.pl" served/pack.zip ../../$MEMBER="$made/sheet.png" Tilesheet/sheet.PNG="$made/sheet.png"
  wrong "holds no $MEMBER"
  [ ! -e sheet.png ]
  perl "$REPO/tests/make-zip.pl" served/pack.zip $MEMBER="$made/other.png"
  wrong "holds a $MEMBER with other pixels than expected (SHA-256 $PIXELS)"
  perl "$REPO/tests/make-zip.pl" served/pack.zip $MEMBER="$REPO/LICENSE"
  wrong 'other pixels'
  cp "$made/pack.zip" served/pack.zip
  URL=$at/pack.zip expect 0 fetch
  only pack.zip sheet.png
}

@test "fetch: put there by hand: the archive, the sheet in another encoding, and files that are not they" {
  mkdir data
  cp "$made/pack.zip" data
  expect 0 fetch_without curl
  same data/sheet.png "$made/sheet.png"
  rm data/*
  montage -q --scale 1 --gap 0 "$made/sheet.png" -o data/sheet.png
  differ data/sheet.png "$made/sheet.png"
  expect 0 fetch_without curl unzip
  cp "$made/other.png" data/sheet.png
  expect 3 fetch
  says 'data/sheet.png: its pixels are not those expected'
  says 'make compare SHEET=data/sheet.png NAME='
  same data/sheet.png "$made/other.png"
  rm data/sheet.png
  echo nothing >data/pack.zip
  expect 3 fetch
  says 'data/pack.zip: is no zip archive, or a damaged one. Remove it to have it fetched again'
  only pack.zip
}

# fetch_without PROGRAM...: on a machine that lacks them.
fetch_without() {
  local tool
  rm -rf "$T/bin"
  mkdir "$T/bin"
  for tool in bash cat cut grep head kill ls mkdir mv rm sed sleep tr wc curl unzip; do
    case " $* " in *" $tool "*) ;; *) ln -s "$(type -P $tool)" "$T/bin/$tool" ;; esac
  done
  (PATH=$T/bin && fetch)
}

@test "fetch: without curl or unzip it says what to do" {
  URL=http://127.0.0.1:1/pack.zip PAGE=http://page expect 1 fetch_without curl
  says "curl is not installed: install it, or get pack.zip by hand from http://page and put it"
  URL=http://127.0.0.1:1/pack.zip expect 1 fetch_without unzip
  says 'unzip is not installed: install it, or get pack.zip by hand'
  only
}

@test "fetch: a folder that cannot be made or written, a full disk" {
  serve
  : >file
  FOLDER=file/data URL=$at/pack.zip expect 1 fetch
  says 'file/data: this folder cannot be made'
  if [ "$(id -u)" -ne 0 ]; then
    mkdir -m 555 data
    URL=$at/pack.zip expect 1 fetch
    says 'data: cannot be written to'
    rmdir data
  fi
  # Files of at most 1 KiB.
  limited() { (ulimit -f 1 && trap '' XFSZ && fetch); }
  URL=$at/pack.zip expect 1 limited
  says 'data/pack.zip.part: cannot be written'
  [ ! -e data/sheet.png ]
  URL=$at/pack.zip expect 0 fetch
  same data/sheet.png "$made/sheet.png"
}

@test "fetch: killed at any moment, the next one goes on; two at a time fetch once" {
  for _ in 1 2 3 4 5 6; do
    serve cut=900
    URL=$at/pack.zip setsid bash "$REPO/pipeline/fetch.sh" data pack.zip $MEMBER "$PIXELS" >/dev/null 2>&1 3>&- &
    pid=$!
    sleep "0.0$((RANDOM % 9))"
    kill -KILL -- "-$pid" 2>/dev/null || true
    wait "$pid" || true
    serve
    URL=$at/pack.zip expect 0 fetch
    same data/sheet.png "$made/sheet.png"
    only pack.zip sheet.png
    rm -r data
  done
  export URL=$at/pack.zip
  : >requests
  fetch 3>&- &
  one=$!
  fetch 3>&- &
  two=$!
  wait $one
  wait $two
  [ "$(wc -l <requests)" -eq 1 ]
  only pack.zip sheet.png
}

@test "fetch: wrong usage" {
  expect 2 bash "$REPO/pipeline/fetch.sh" data
  says 'usage: fetch.sh FOLDER ARCHIVE MEMBER PIXELS'
}

@test "make: DATA=kenney fetches before all else, then works offline; -n and explain fetch nothing" {
  perl "$REPO/tests/make-zip.pl" served/kenney_1-bit-pack.zip Tilesheet/colored-transparent_packed.png="$made/sheet.png" \
    Tilesheet/monochrome-transparent_packed.png="$made/other.png"
  other=$(tensor hash "$made/other.png" | cut -d' ' -f1)
  serve
  cd "$REPO"
  make="$(command -v gmake || command -v make) --no-print-directory PRESET=smoke RESULTS=$T/results TOOLS=$PM_BUILD/bin BUILD=$T/build
    DOWNLOADS=$T/data KENNEY_URL=$at/kenney_1-bit-pack.zip pixels.kenney=$PIXELS pixels.kenney-mono=$other DENSITY=0:1 CLASSES=3
    RUNS=vae-mse"
  for goal in -n explain; do
    expect 2 $make $goal kenney/data
    says "colored-transparent_packed.png is not there yet: make kenney/data fetches it"
    [[ $stderr != *'No such file'* ]]
  done
  [ ! -e "$T/data" ]
  # As a user types it: without a flag, which changes what make has in MAKEFLAGS.
  expect 0 env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL ${make/--no-print-directory/} kenney/data
  [ -s "$T/data/kenney/colored-transparent_packed.png" ]
  expect 0 $make compare DATA=kenney
  [ -s "$T/results/kenney/smoke/compare/grid.png" ]
  stop
  expect 0 $make compare DATA=kenney
  [[ ${lines[0]} == *'up to date'* ]]
  expect 0 $make kenney-mono/data
  run tensor info "$T/results/kenney-mono/data/sprites.npy"
  [[ $output == *'u8 [48, 16, 16, 3]'* ]]
  # The recipe as published trains the mono set for 500 epochs, the other for 1000.
  for set in kenney kenney-mono; do
    expect 0 $make -n $set/vae-mse PRESET=seed
    grep -oE 'set .training.epochs=[0-9]*' <<<"$output" || echo none
  done >"$T/epochs"
  [ "$(cat "$T/epochs")" = "none
set 'training.epochs=500" ]
  expect 2 $make compare DATA=kenney SHEET=x.png
  says 'either DATA=kenney or SHEET and NAME, not both'
}

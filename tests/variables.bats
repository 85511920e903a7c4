# What a command line may say to make: variables and their spelling, words of switches, patterns of sheets.
bats_require_minimum_version 1.5.0
load common
load pipeline

refused() { # refused TEXT ARGUMENT...: make stops before anything, and says TEXT
  expect 2 "$MAKE" --no-print-directory TOOLS=tools "${@:2}"
  says "$1"
  [ ! -e runs ]
}

@test "a switch is 1, yes, true or on, or 0, no, false or off; anything else is refused" {
  echo one >a.png
  for word in 1 yes true on YES True; do
    rm -rf runs
    mk a/data SHEET=a.png KEEP_ALPHA=$word DISTINCT=$word
    grep -q -- 'slice-tiles --tile 16 --keep-alpha --distinct a.png -o runs/' "$FAKE_LOG"
  done
  for word in 0 no false off NO False ''; do
    rm -rf runs
    mk a/data SHEET=a.png KEEP_ALPHA=$word DISTINCT=$word
    grep -q -- 'slice-tiles --tile 16 a.png -o runs/' "$FAKE_LOG"
  done
  rm -rf runs
  for switch in KEEP_ALPHA DISTINCT; do
    refused "$switch=ja: expected 1, yes, true or on; or 0, no, false or off" a/data SHEET=a.png $switch=ja
    refused "$switch=2: expected" a/data SHEET=a.png $switch=2
    refused "$switch=yes no: expected" a/data SHEET=a.png $switch='yes no'
  done
  for switch in WERROR SANITIZE V; do refused "$switch=maybe: expected 1, yes" -n all $switch=maybe; done
  refused 'ROWS=al: expected all, or shown' compare ROWS=al
}

@test "the build's switches, off and on" {
  asked() { "$MAKE" --no-print-directory -n all "$@" 2>&1; }
  mkdir -p lib/core
  echo 'int core(void);' >lib/core/core.c
  [[ $(asked V=1) != *printf*CC* ]]
  [[ $(asked V=0) == *printf*CC* ]]
  [[ $(asked WERROR=yes) == *-Werror* ]]
  [[ $(asked WERROR=0) != *-Werror* ]]
  [[ $(asked SANITIZE=on) == *-fsanitize* ]]
  [[ $(asked SANITIZE=no) != *-fsanitize* ]]
  [[ $(asked SANITIZE=no) != *build/sanitize* ]]
}

@test "COLORS is COLOURS; a variable that there is not is refused with the nearest that there is" {
  echo one >a.png
  mk a/data SHEET=a.png COLORS=12
  grep -q 'extract-palette -k 12 runs/a/data/cut.npy' "$FAKE_LOG"
  mk a/data
  ran slice-tiles 0
  rm -r runs
  refused 'COLORS and COLOURS are the same' a/data SHEET=a.png COLORS=12 COLOURS=13
  refused 'COLOURS is about sheets' builtin/data COLORS=4
  refused 'MARGINS=1: there is no variable MARGINS; did you mean MARGIN?' compare SHEET=a.png MARGINS=1
  refused 'did you mean TILE?' compare SHEET=a.png tile=8
  refused 'did you mean KEEP_ALPHA?' compare SHEET=a.png KEEPALPHA=1
  refused 'did you mean PRESET?' compare PRESETS=smoke
  refused 'there is no variable QWRTZP; make help' compare QWRTZP=1
  refused 'did you mean TESTS?' test TEST=tests/none.bats
  refused 'did you mean PREFIX?' -n install prefix=/opt
}

@test "make knows every variable that a text or the help gives it" {
  given=$({ grep -rhoE '(make|gmake) [^`|#]*' "$REPO/README.md" "$REPO/docs" --include='*.md'
    grep -hE '^#:' "$REPO"/pipeline/*.mk; } | grep -oE '(^|[ ("])[A-Z][A-Z_]*=' | tr -d ' ("' | sort -u)
  for one in SHEET= COMPILED= URL= SETS=; do grep -qx "$one" <<<"$given"; done
  # shellcheck disable=SC2086 # a word each
  expect 0 "$MAKE" --no-print-directory TOOLS=tools help $given
}

@test "what the environment holds beside is harmless, and so is what packagers say" {
  echo one >a.png
  export MARGINS=1 COLORS=4 FOO=bar NAME=MY-COMPUTER LABELS=none
  mk a/data SHEET=a.png
  grep -q 'extract-palette runs/a/data/cut.npy' "$FAKE_LOG"
  # Words that are no switch's are passed over there, and it is said.
  V=2 KEEP_ALPHA=maybe DISTINCT=yes expect 0 "$MAKE" --no-print-directory TOOLS=tools b/data SHEET=a.png NAME=b
  says 'KEEP_ALPHA=maybe of the environment is passed over: expected 1, yes'
  [ "$(grep -c 'KEEP_ALPHA=maybe' <<<"$stderr")" -eq 1 ]
  grep -q -- 'slice-tiles --tile 16 --distinct a.png -o runs/b/' "$FAKE_LOG"
  run mk builtin/data
  echo "$output"
  [ "$status" -eq 0 ]
  run "$MAKE" --no-print-directory -n tests DESTDIR=/nowhere AM_UPDATE_INFO_DIR=no INSTALL='install -s' CXX=g++ TOOLS=tools
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "values reach the tools as they were typed, whatever the shell makes of their signs" {
  echo one >a.png
  mk a/data SHEET=a.png TRANSPARENT='#ff00ff' BACKGROUND='#102030'
  grep -qF -- 'slice-tiles --tile 16 --transparent #ff00ff --background #102030 a.png -o runs/' "$FAKE_LOG"
  mk a/data
  ran slice-tiles 0
  : >'16*24'
  mk a/data TILE='16*24' DENSITY='0.1 0.5;`touch spoilt`'
  grep -qF -- 'slice-tiles --tile 16*24 --density 0.1 0.5;`touch spoilt` ' "$FAKE_LOG"
  [ ! -e spoilt ]
  expect 0 "$MAKE" TOOLS=tools a/data SHEET=a.png TILE=16 DENSITY= TRANSPARENT= #ff00ff
  says 'TRANSPARENT= is empty'
  [ "$(grep -c 'is empty' <<<"$stderr")" -eq 1 ]
}

@test "a sheet whose name begins with a hyphen is no option" {
  echo one >-a.png
  echo two >-b.png
  mk a/data SHEET=-a.png NAME=a
  grep -qF -- 'slice-tiles --tile 16 ./-a.png -o runs/' "$FAKE_LOG"
  mk b/data SHEET='-?.png' NAME=b
  grep -qF -- 'slice-tiles --tile 16 ./-a.png ./-b.png -o runs/' "$FAKE_LOG"
  mk c/data SHEET='-b.png -a.png' NAME=c
  grep -qF -- 'slice-tiles --tile 16 ./-b.png ./-a.png -o runs/' "$FAKE_LOG"
}

@test "a variable that is empty is one that was not given" {
  mk compare RUNS= PRESET= SAMPLES= ROWS= SEEDS= RESULTS= BUILD= DOWNLOADS=
  [ -s runs/builtin/default/compare/index.html ]
  [ -s runs/builtin/default/patch-ar/model.safetensors ]
  [ -d build/keys/builtin ]
  grep -q -- '-n 1000 .*-o runs/builtin/default/patch-ar/scored.npy' "$FAKE_LOG"
  RUNS='' PRESET='' RESULTS='' mk compare
  nothing_ran
}

@test "SHEET may be a pattern, or begin with ~/; more files are other data" {
  mkdir -p 'tiles/some more' home
  echo one >tiles/a.png
  echo two >tiles/b.png
  mk compare SHEET='tiles/*.png' PRESET=smoke
  grep -q -- '--tile 16 tiles/a.png tiles/b.png -o runs/tiles/data/cut.npy' "$FAKE_LOG"
  grep -qxF 'slice-tiles --tile 16 *.png -o data/cut.npy' runs/tiles/smoke/compare/commands.txt
  mk tiles/data
  ran slice-tiles 0
  echo three >tiles/c.png
  mk tiles/data
  grep -q -- '--tile 16 tiles/a.png tiles/b.png tiles/c.png -o runs/tiles/data/cut.npy' "$FAKE_LOG"
  echo "it's" >"tiles/some more/it's a.png"
  mk some-more/data SHEET='tiles/some more/*.png'
  grep -qF -- "--tile 16 tiles/some more/it's a.png -o runs/" "$FAKE_LOG"
  mk tiles-a/data SHEET='tiles/[bc].png tiles/a.png'
  grep -q -- '--tile 16 tiles/b.png tiles/c.png tiles/a.png -o runs/tiles-a/' "$FAKE_LOG"
  echo mine >home/mine.png
  HOME=$T/home mk mine/data SHEET='~/mine.png'
  grep -q -- "--tile 16 $T/home/mine.png -o runs/mine" "$FAKE_LOG"
  rm -r runs
  refused 'SHEET=tiles/a.png,tiles/b.png: there is no such file; several are divided by blanks: SHEET="tiles/a.png tiles/b.png"' \
    compare SHEET=tiles/a.png,tiles/b.png NAME=ab
  refused 'SHEET=tiles/*.gif: there is no such file' compare SHEET='tiles/*.gif'
}

@test "CLASSES: a number or folders; another word is named" {
  echo one >a.png
  for word in folder Folders eight -1 1.5 '3 4'; do
    refused "CLASSES=$word: expected a number of classes, 0 for none; or folders" a/data SHEET=a.png CLASSES="$word"
  done
  mk a/data SHEET=a.png CLASSES=
  grep -q 'label-tiles -k 8 ' "$FAKE_LOG"
}

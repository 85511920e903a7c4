# The front command: in the tree that it was built in, and installed, in a folder with a blank in its name.
bats_require_minimum_version 1.5.0
load common

MAKE=$(command -v gmake || command -v make)

# Once a file: what make install makes, in $ROOT. Nothing is compiled for it.
setup_file() {
  export ROOT="$BATS_FILE_TMPDIR/a root"
  as_it_was_built
  if would_compile install; then return; fi
  "$MAKE" -C "$REPO" install DESTDIR="$ROOT" PREFIX=/opt/pm >"$BATS_FILE_TMPDIR/said" 2>&1 || {
    cat "$BATS_FILE_TMPDIR/said" >&2
    return 1
  }
}

setup() {
  T="$BATS_TEST_TMPDIR/some where"
  mkdir "$T"
  cd "$T" || return 1
  installed=$ROOT/opt/pm/bin/pixelmill
  [ -e "$installed" ] || skip 'the build has flags of its own'
}

# A sheet of 64 tiles.
a_sheet() { draw-sprites -q -n 64 | montage -q --scale 1 --gap 0 --columns 8 -o "$1"; }

@test "alone it explains itself: every command, every tool and what it does, where the texts are" {
  for pixelmill in "$PM_BUILD/bin/pixelmill" "$installed"; do
    expect 0 "$pixelmill"
    prints 'pixelmill compare my.png'
    prints "  fit-prior        train a prior of a VQ-VAE's codes"
    prints '  make-page        a page that draws'
    prints '  list             list the training runs'
    [ "$(sed -n '/^Tools/,/^pixelmill NAME/p' <<<"$output" | grep -c '^  [a-z]')" -eq "$(tools_built | wc -l)" ]
    alone=$output
    expect 0 "$pixelmill" --help
    [ "$output" = "$alone" ]
  done
  tr '\n' ' ' <<<"$output" | grep -qF "$ROOT/opt/pm/share/doc/pixelmill."
  expect 0 "$installed" --version
  [ "$output" = "pixelmill (pixelmill) $(montage --version | sed 's/.* //')" ]
}

@test "it runs tools, through links, too; what they say names them as they are called" {
  ln -s "$installed" link
  expect 0 ./link draw-sprites -q -n 3 -o 'three sprites.npy'
  expect 0 tensor info 'three sprites.npy'
  prints '[3, 16, 16, 3]'
  expect 2 ./link draw-sprites --nosuch
  says "draw-sprites: unknown option '--nosuch'; try 'pixelmill draw-sprites --help'"
  expect 2 draw-sprites --nosuch
  says "try 'draw-sprites --help'"
  expect 0 "$installed" snap --help
  prints 'Usage: pixelmill snap [OPTION]'
  prints '  pixelmill sample model.safetensors -n 64 | pixelmill snap --palette palette.gpl | pixelmill montage -o grid.png'
  expect 0 snap --help
  prints '  sample model.safetensors -n 64 | snap --palette palette.gpl | montage -o grid.png'
  PATH=$ROOT/opt/pm/bin:$PATH expect 0 pixelmill snap --version
  expect 3 "$installed" snap -p nosuch.gpl nosuch.npy
}

@test "an unknown name: status 2 and the nearest one" {
  expect 2 "$installed" smaple
  says "'smaple' is no command and no tool, did you mean 'sample'?"
  expect 2 "$installed" comprae x.png
  says "did you mean 'compare'?"
  expect 2 "$installed" qwertzuiop
  says "'qwertzuiop' is no command and no tool; try 'pixelmill --help'"
  expect 2 "$installed" help smaple
  says "did you mean 'sample'?"
  for name in ../bin/pixelmill pixelmill '' . bin/sh; do expect 2 "$installed" "$name"; done
  expect 2 "$installed" --nosuch
  expect 2 "$installed" -q
}

@test "help shows the manual page, or the help where nobody could page it" {
  expect 0 "$installed" help sample
  prints 'Usage: pixelmill sample'
  expect 0 "$installed" help compare
  prints 'Usage: pixelmill compare'
  expect 0 "$installed" help
  prints 'Commands:'
  for name in book help; do
    expect 0 "$installed" help $name
    prints 'Commands:'
  done
  expect 2 "$installed" book --help
  expect 2 "$installed" help a b
  command -v script >/dev/null || skip 'there is no script(1)'
  mkdir bin
  printf '#!/bin/sh\necho "man: $*"\n' >bin/man
  chmod +x bin/man
  PATH=$PWD/bin:$PATH run script -qec "'$installed' help sample" /dev/null
  [[ $output == *"man: -M "*"share/man pixelmill-sample"* ]]
}

@test "what is installed: tools out of the way, pages, texts and completions; and uninstall leaves nothing" {
  [ "$(ls "$ROOT/opt/pm/bin")" = pixelmill ]
  cd "$ROOT/opt/pm"
  for tool in $(tools_built); do
    [ -x "libexec/pixelmill/$tool" ]
    grep -q "^\.TH \"PIXELMILL" "share/man/man1/pixelmill-$tool.1"
  done
  grep -qF 'pixelmill\-compare' share/man/man1/pixelmill-compare.1
  grep -qF '  compare' share/man/man1/pixelmill.1
  [ -s share/pixelmill/configs/presets/smoke.yaml ]
  [ -s share/doc/pixelmill/LICENSE ]
  grep -q '_pixelmill' share/bash-completion/completions/pixelmill
  [ -s share/zsh/site-functions/_pixelmill ]
  [ -s share/fish/vendor_completions.d/pixelmill.fish ]
  # Links of the texts that lead to texts and pictures lead somewhere.
  find share/doc -name '*.md' | while read -r text; do
    for link in $(grep -oE '\]\([^):]*\.(md|png)[)#]' "$text" | sed 's/^](//; s/.$//'); do
      [ -e "$(dirname "$text")/$link" ] || { echo "$text: $link" && exit 1; }
    done
  done
  expect 0 bin/pixelmill book
  [ -s "${output#Look at }" ]
  # What was installed knows no more of where it was built.
  run grep -rlF "$REPO" share
  [ -z "$output" ]
  cp -R "$ROOT" "$T/copy"
  "$MAKE" -s -C "$REPO" uninstall DESTDIR="$T/copy" PREFIX=/opt/pm
  [ -z "$(find "$T/copy" -type f)" ]
}

@test "no rule that is installed looks for the pipeline's files in the current folder" {
  cd "$ROOT/opt/pm/share/pixelmill"
  # But for the make of what is compiled, which the tree alone has.
  run awk '/(bash|-f|=) *pipeline\/|MAKE\) --/ && !/^(again|tools_make) = / { print FILENAME ": " $0 }' pipeline/*.mk
  echo "$output"
  [ -z "$output" ]
}

@test "compare, in a folder with a blank, of a sheet with one: results here, nothing in the installation" {
  a_sheet 'my tiles.png'
  (cd "$ROOT" && find . -newer "$T/my tiles.png") >"$T/before"
  expect 0 "$installed" compare 'my tiles.png' --quick --runs vae-bce --samples 0 --set training.steps=4
  prints 'Look at runs/my-tiles/smoke/compare/index.html'
  [ -s runs/my-tiles/smoke/compare/grid.png ]
  grep -qx 'bash pipeline/spread.sh 16 data/sprites.npy -o data/real.npy' runs/my-tiles/smoke/compare/commands.txt
  (cd "$ROOT" && find . -newer "$T/my tiles.png") | cmp - "$T/before"
  [ -z "$(find /tmp -maxdepth 1 -name 'pixelmill.*' -newer "$T/my tiles.png" -user "$(id -un)")" ]
  # Again there is nothing to do; the same as a variable, by its name, and what lies in the tree agrees.
  expect 0 "$installed" compare PRESET=smoke RUNS=vae-bce --name my-tiles --samples 0 --set training.steps=4
  prints 'Nothing to do: my-tiles, preset smoke'
  expect 0 "$PM_BUILD/bin/pixelmill" explain --name my-tiles --quick --runs vae-bce --samples 0 --set training.steps=4
  prints 'Nothing to do'
  expect 0 "$installed" list
  prints 'my-tiles/smoke/vae-bce'
  expect 0 "$installed" make -n my-tiles/vae-bce PRESET=smoke SET=training.steps=5
  prints 'train-vae -c configs/vae-bce.yaml --preset smoke --set '\''training.steps=5'\'
}

@test "options become variables, and several sheets one" {
  a_sheet 'one sheet.png'
  a_sheet two.png
  mkdir folder
  cp two.png folder
  expect 0 "$installed" compare -n 'one sheet.png' two.png folder --quick --runs vae-bce --name several --tile 16 --keep-alpha \
    --density 0.1:0.9 --transparent ff00ff --classes 3 --colours 8 --drop-flat --spacing 0x0 \
    --device cpu -t 2
  prints '--spacing 0 --density 0.1:0.9 --transparent ff00ff --keep-alpha --drop-flat '\''one sheet.png'\'' '\''two.png'\'' '\''folder'\'' -o'
  prints 'extract-palette -k 8'
  prints 'label-tiles -k 3'
  prints ' -t 2'
  # What make would take for a variable or a call of its own is text.
  expect 0 "$installed" compare -n two.png --quick --runs vae-bce --set 'name=a$b$(PRESET)'
  prints "--set 'name=a\$b\$(PRESET)'"
  # Each option that says how a sheet is cut reaches the tool that cuts it.
  for option in $(slice-tiles --describe | awk -F '\t' '$1 == "option" { print $2; if ($2 == "distinct") exit }'); do
    case $option in
      keep-alpha | drop-flat | distinct) value=() ;;
      density) value=(0.2:0.8) ;;
      rest) value=(drop) ;;
      background | transparent) value=(102030) ;;
      tile) value=(8) ;;
      frames) value=(2) ;;
      tolerance) value=(3) ;;
      *) value=(1) ;;
    esac
    [[ $option != margin && $option != spacing ]] || value=(0)
    expect 0 "$installed" compare -n two.png --quick --runs vae-bce --classes 0 --transparent 102030 "--$option" ${value[@]+"${value[@]}"}
    prints " --$option ${value[*]-}"
  done
}

@test "what cannot be: a sheet that is not there, no place for the results, no make, options that exclude each other" {
  expect 3 "$installed" compare nosuch.png
  says "compare: nosuch.png: there is no such file; expected a sheet"
  expect 3 "$installed" compare builtin
  expect 2 "$installed" compare --tile 16x
  says "--tile: '16x' is not"
  expect 2 "$installed" compare --quick --preset smoke
  says 'exclude each other'
  expect 2 "$installed" compare --seeds '2 3'
  says 'for the command seeds'
  expect 2 "$installed" compare --results 'a b'
  says 'without blanks'
  expect 1 "$installed" compare --preset nosuch
  says 'PRESET=nosuch: there is none of that name'
  expect 1 "$installed" compare TILES=3
  says 'there is no variable TILES; did you mean TILE?; pixelmill make help tells'
  printf 'no sheet' >text.png
  expect 1 "$installed" compare text.png
  says 'text.png'
  mkdir empty
  for program in bash env; do ln -s "$(command -v $program)" empty; done
  expect 1 env PATH="$PWD/empty" "$installed" compare
  says 'make is not installed: expected GNU Make 4.3 or newer'
  [ -z "$(find runs -name "*.npy")" ]
  cp "$installed" "$T/alone"
  expect 1 "$T/alone" compare
  says 'must be installed as a whole'
}

@test "a folder that cannot be written to is named before anything is done" {
  mkdir shut
  chmod 555 shut
  cd shut
  as_other=()
  if [ -w . ]; then # as root, which may write everywhere unless it gives that up
    as_other=(setpriv --bounding-set=-dac_override --inh-caps=-dac_override)
    "${as_other[@]}" test ! -w . || skip 'this user may write everywhere'
  fi
  expect 1 ${as_other[@]+"${as_other[@]}"} "$installed" compare --quick
  says 'the current folder: cannot be written to'
  says '--results'
}

@test "configs are found in any folder, and one's own go before them" {
  sprites=$T/s.npy
  draw-sprites -q -n 40 -o "$sprites"
  expect 0 "$installed" train-vae -c configs/vae-bce.yaml --preset smoke --data "$sprites" --dry-run
  expect 0 "$installed" train-vae -c configs/vae-bce.yaml --preset smoke --print-config
  theirs=$output
  cp "$REPO/configs/vae-bce.yaml" mine.yaml
  expect 0 "$installed" train-vae -c mine.yaml --preset smoke --print-config
  [ "$output" = "$theirs" ]
  mkdir configs
  printf 'defaults: [base]\nmethod: vae\ntraining: {clip_norm: 0.125}\n' >configs/vae-bce.yaml
  expect 0 "$installed" train-vae -c configs/vae-bce.yaml --print-config
  prints 'clip_norm: 0.125'
  expect 3 "$installed" train-vae -c configs/nosuch.yaml --print-config
  says 'configs/nosuch.yaml'
  expect 3 "$installed" train-vae -c mine.yaml --preset nosuch --print-config
  says "there is no preset 'nosuch'"
  says 'holds default, seed, smoke'
}

@test "ended by a signal, it ends what it started, and takes its links away" {
  mkdir bin
  cat >bin/gmake <<'SH'
#!/bin/sh
trap 'echo ended >ended; exit 1' TERM
echo $$ >started
while :; do sleep 0.05; done
SH
  chmod +x bin/gmake
  touch mark
  PATH=$PWD/bin:$PATH "$installed" make x &
  for ((i = 0; i < 200; i++)); do [ ! -s started ] || break; sleep 0.02; done
  kill -TERM $!
  wait $! || status=$?
  [ "$status" -ne 0 ]
  [ -s ended ]
  # As make ends at Ctrl-C, which is ignored where the tests run in the background.
  printf '#!/bin/sh\nkill -INT $$\n' >bin/gmake
  PATH=$PWD/bin:$PATH run perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' "$installed" make x
  [ "$status" -eq 130 ]
  [ -z "$(find /tmp -maxdepth 1 -name 'pixelmill.*' -newer mark -user "$(id -un)")" ]
}

# score: samples against the sprites that a model was trained on.

load common
load pixels

# data: 240 sprites of the built-in set in data.npy, and 60 others in new.npy.
data() {
  draw-sprites -n 300 -o all.npy
  tensor slice all.npy 0:240 -o data.npy
  tensor slice all.npy 240:300 -o new.npy
}

# field MEASURE COLUMN: of the last `expect` of --tsv.
field() { awk -F '\t' -v name="$1" -v column="$2" '$1 == name { print $column }' <<<"$output"; }

# within VALUE LOW HIGH
within() {
  awk -v x="$1" -v low="$2" -v high="$3" 'BEGIN { exit !(x != "" && x + 0 >= low && x + 0 <= high) }' ||
    { echo "$1 is not in $2 to $3" >&2; return 1; }
}

@test "score: what every tool does" {
  usage_rules score
  expect 2 score a.npy
  says '--data'
  expect 2 score --data a.npy b.npy c.npy
  expect 2 score --data -
  says 'standard input'
  expect 2 score --data a.npy --palette -
  expect 2 score --data a.npy b.npy --tsv --json
  says 'exclude each other'
  expect 2 score --data a.npy b.npy --keep-novel --nearest 3
  expect 2 score --data a.npy b.npy --keep-novel --keep-best 3
  expect 2 score --data a.npy b.npy --keep-best 3 --tsv
  says 'exclude each other'
  expect 2 score --data a.npy b.npy --keep-best 3 --bits bits.npy
  expect 2 score --data a.npy b.npy --keep-best -1
  expect 2 score --data a.npy b.npy --keep-best 3 --labels l.npy
  says '--sample-labels is missing'
  expect 2 score --data a.npy b.npy --tilemaps --nearest 3
  expect 2 score --data a.npy b.npy --held-out 1
  expect 2 score --data a.npy b.npy --nearest many
  expect 2 score --data a.npy b.npy --nearest 3 --tsv
  expect 2 score --data a.npy b.npy --picture near.png
  says '--nearest N is missing'
  expect 2 score --data a.npy b.npy --nearest 3 --picture near.png --keep-novel
  expect 2 score --data a.npy b.npy --nearest 3 --plot curves.png
  says '--plot comes beside measures'
  expect 2 score --data a.npy b.npy --keep-novel --terminal
  says '--terminal comes beside measures'
  expect 2 score --data a.npy b.npy --keep-best 3 --sixel
  says '--sixel comes beside measures'
  expect 2 score --data a.npy b.npy --terminal --sixel
  says 'exclude each other'
  expect 2 score --data a.npy b.npy --terminal --tsv
  says '--terminal draws below the table for people, and --tsv prints another'
  expect 2 score --data a.npy b.npy --sixel --json
  expect 2 score --data a.npy b.npy --plot curves.jpg
  says 'curves.jpg'
  expect 2 score --data a.npy b.npy --plot -
  says 'cannot both go to standard output'
  expect 2 score --data a.npy b.npy --bits bits.npy --nearest 3
  says '--bits adds measures'
  expect 2 score --data a.npy b.npy --bits bits.npy --keep-novel
  expect 2 score --data a.npy --bits - -
  says 'standard input'
  expect 2 score --data a.npy b.npy --nearest 3 --picture -
  says 'cannot both go to standard output'
  expect 2 score --data a.npy b.npy --nearest 3 --picture same -o same
  expect 2 score --data a.npy b.npy --nearest 2 --picture ./zz -o zz
  says '--picture and --output cannot both go to zz'
}

@test "score: bad files" {
  data
  bad_file_rules score --data data.npy -o "$T/out"
  bad_file_rules score new.npy -o "$T/out" --data
  bad_file_rules score new.npy --data data.npy -o "$T/out" --palette
  printf '\0\0\200\077\0\0\300\177\0\0\0\0' | npy nan.npy '<f4' '(1, 1, 1, 3)'
  expect 3 score --data data.npy -o out nan.npy
  says 'nan.npy: value 1 is not a finite number'
  small small.npy
  expect 3 score --allow-few --data data.npy -o out small.npy
  says 'small.npy: holds sprites of 2 x 2 pixels with 3 channels, expected 16 x 16 with 3 as in data.npy'
  draw-sprites -n 20 --keep-alpha -o clear.npy
  expect 3 score --allow-few --data data.npy -o out clear.npy
  says '16 x 16 pixels with 4 channels, expected 16 x 16 with 3'
  npy none.npy '|u1' '(0, 16, 16, 3)' </dev/null
  expect 3 score --allow-few --data data.npy -o out none.npy
  says 'none.npy: holds no sprites'
  expect 3 score --allow-few --data none.npy -o out new.npy
  says 'none.npy: holds no sprites'
  expect 3 score --allow-few --tilemaps --data data.npy -o out new.npy
  says 'expected tilemaps'
  head -c 5000 data.npy >cut.npy
  expect 3 score --data data.npy -o out cut.npy
  [ ! -e out ]
}

@test "score --model: what it held out and its palette, and its own sprites alone" {
  data
  cat >tiny.yaml <<'EOF'
name: tiny
method: vae
data: {held_out: 0.25}
training: {steps: 1, batch: 4}
model: {latent: 2}
output: {grid_every: 0}
EOF
  extract-palette data.npy -o palette.gpl
  echo '1 2 3' >>palette.gpl
  train-vae -q -c tiny.yaml --data data.npy --palette palette.gpl -o with
  score --allow-few --data data.npy --model with/model.safetensors --json new.npy -o by-model.json
  score --allow-few --data data.npy --palette palette.gpl --held-out 0.25 --json new.npy -o by-options.json
  same by-model.json by-options.json
  score --allow-few --data data.npy --held-out 0.25 --json new.npy -o without.json
  differ by-model.json without.json
  # A palette that is given goes before the model's.
  extract-palette -k 4 data.npy -o four.gpl
  score --allow-few --data data.npy --model with/model.safetensors --palette four.gpl --json new.npy -o four.json
  score --allow-few --data data.npy --palette four.gpl --held-out 0.25 --json new.npy -o four-by-options.json
  same four.json four-by-options.json
  expect 3 score --allow-few --data all.npy --model with/model.safetensors -o out new.npy
  says 'all.npy: these are not the sprites that with/model.safetensors was trained on'
  bad_file_rules score --allow-few new.npy --data data.npy -o "$T/out" --model
  expect 2 score --data data.npy --model - -
  says 'standard input'
  [ ! -e out ]
}

@test "score: too few sprites" {
  data
  expect 3 score --data data.npy -o out new.npy
  says 'new.npy: holds 60 sprites, expected at least 1000 (--allow-few takes fewer'
  tensor slice new.npy 0:9 -o nine.npy
  expect 3 score --allow-few --data data.npy -o out nine.npy
  says 'nine.npy: holds 9 sprites, expected at least 10'
  tensor slice data.npy 0:9 -o few.npy
  expect 3 score --allow-few --held-out 0 --data few.npy -o out new.npy
  says 'few.npy: has 9 training sprites, expected at least 10'
  tensor slice data.npy 0:49 -o few.npy
  for _ in {1..17}; do cat new.npy; done >many.npy
  expect 3 score --held-out 0 --data few.npy -o out many.npy
  says 'few.npy: has 49 training sprites, expected at least 50'
  expect 0 score --allow-few --held-out 0 --data few.npy -o /dev/null new.npy
  [ ! -e out ]
  tensor slice data.npy 0:50 -o enough.npy
  tensor slice new.npy 0:10 -o ten.npy
  expect 0 score --allow-few --held-out 0 --data enough.npy --tsv ten.npy
  [ "$(field copies 5)" = 10 ]
  expect 0 score --allow-few --held-out 0.02 --data data.npy --tsv ten.npy
  says 'too few for a baseline'
  [ -z "$(field held-out:copies 2)" ]
}

@test "score: outputs that fail" {
  data
  full_device_rules score --allow-few --data data.npy new.npy
  full_device_rules score --keep-novel --data data.npy new.npy
  full_device_rules score --nearest 3 --data data.npy new.npy
  printf old >out
  PIXELMILL_FAIL_WRITE=1 expect 1 score --allow-few --data data.npy new.npy -o out
  [ "$(cat out)" = old ]
  [ "$(find . -name '.out*' | wc -l)" -eq 0 ]
  PIXELMILL_FAIL_ALLOCATION=20 expect 1 score --allow-few --data data.npy new.npy -o none
  [ ! -e none ]
  cat data.npy new.npy data.npy new.npy >many.npy
  draw-tilemaps -n 60 -o maps.npy
  draw-tilemaps -n 60 -s 2 -o others.npy
  closed_pipe_rules score -q --keep-novel --data maps.npy others.npy
}

@test "score: the same at any thread count" {
  data
  same_at_threads score --allow-few --data data.npy new.npy --json
  same_at_threads score --data data.npy new.npy --nearest 7
  same_at_threads score -q --data data.npy all.npy --keep-novel
}

@test "score: lines of tab-separated values" {
  data
  expect 0 score --allow-few --data data.npy --tsv new.npy
  says 'held-out sprites are too few for the two-sample test'
  [ "$(head -1 <<<"$output" | tr '\t' ' ')" = 'measure value low high n better about' ]
  awk -F '\t' 'NF != 7 { exit 1 }' <<<"$output"
  awk -F '\t' 'NR > 1 && (!($2 >= $3 && $2 <= $4) || $6 !~ /^(lower|higher|-)$/) { print; exit 1 }' <<<"$output"
  names='context-bits palette-off palette-distance histogram-js pattern-js precision recall density coverage kid-features
    precision-pixels recall-pixels density-pixels coverage-pixels kid-pixels copies nearest-distance nearest-ratio'
  # shellcheck disable=SC2086
  [ "$(sed 1d <<<"$output" | cut -f 1 | grep -v : | xargs)" = "$(xargs <<<$names)" ]
  # shellcheck disable=SC2086
  [ "$(sed 1d <<<"$output" | cut -f 1 | sed -n 's/^held-out://p' | xargs)" = "$(xargs <<<$names)" ]
  [ "$(field copies 5)" = 60 ]
  held=$(field held-out:copies 5)
  within "$held" 10 40
  # The trainers hold out the same.
  expect 0 train-vae -c "$REPO/configs/vae-mse.yaml" --set data.held_out=0.1 --data data.npy --dry-run -o run
  prints "$held held out"
  score --allow-few --data data.npy --tsv -o file.tsv - <new.npy
  same file.tsv <(score --allow-few --data data.npy --tsv new.npy)
  score --allow-few --data data.npy --tsv -s 2 new.npy >other.tsv
  differ file.tsv other.tsv
  same <(cut -f 1,2 file.tsv) <(cut -f 1,2 other.tsv)
  expect 0 score --allow-few --held-out 0 --data data.npy --tsv new.npy
  [ "$(grep -c held-out: <<<"$output")" -eq 0 ]
}

@test "score: a table, and an object" {
  data
  expect 0 score --allow-few --data data.npy new.npy
  same <(echo "$output") <(score --text --allow-few --data data.npy new.npy)
  prints '60 samples against '
  prints 'palette-off            0.0 %'
  prints 'Copies: '
  prints ' of 60 samples ('
  prints ' look like it ('
  expect 0 score --allow-few --data data.npy --json new.npy
  prints '"samples": 60,'
  prints "\"samples\": \"$(content new.npy)\", \"data\": \"$(content data.npy)\""
  prints '{"measure": "held-out:copies", "value": '
  [ "$(grep -c '"measure": ' <<<"$output")" -eq 36 ]
  [ "$(tr -cd '{' <<<"$output" | wc -c)" -eq "$(tr -cd '}' <<<"$output" | wc -c)" ]
}

@test "score: the data themselves, and noise" {
  data
  expect 0 score --allow-few --held-out 0 --data data.npy --tsv data.npy
  for one in copies coverage recall coverage-pixels recall-pixels; do [ "$(field $one 2)" = 1 ]; done
  for zero in palette-off nearest-distance nearest-ratio; do [ "$(field $zero 2)" = 0 ]; done
  printf '000000\nffffff\n' >two.hex
  expect 0 score --allow-few --data data.npy --palette two.hex --tsv data.npy
  within "$(field palette-off 2)" 0.05 0.9
  noise=$(awk 'BEGIN { for (x = 1; i < 76800; i++) { x = x * 16807 % 2147483647; printf "\\x%02x", int(x / 65536) % 256 } }')
  # shellcheck disable=SC2059
  printf "$noise" | npy noise.npy '|u1' '(100, 16, 16, 3)'
  expect 0 score --allow-few --data data.npy --tsv noise.npy
  within "$(field palette-off 2)" 0.99 1
  within "$(field copies 2)" 0 0
  within "$(field coverage-pixels 2)" 0 0.05
  within "$(field pattern-js 2)" 0.3 0.6931472
}

@test "score --keep-novel: drops copies, and nothing else" {
  data
  tensor slice data.npy 0:30 -o old.npy
  score -q --held-out 0 --data data.npy --keep-novel new.npy -o fresh.npy
  cat old.npy fresh.npy old.npy >mixed.npy
  fresh=$(tensor info fresh.npy | sed 's/.*\[\([0-9]*\),.*/\1/')
  within "$fresh" 30 60
  expect 0 score --held-out 0 --data data.npy --keep-novel mixed.npy -o kept.npy
  says "60 of $((fresh + 60)) samples are copies and were dropped"
  same kept.npy fresh.npy
  # Floats stay floats; nothing may be left.
  tensor convert --to f32 --colours mixed.npy -o reals.npy
  score -q --held-out 0 --data data.npy --keep-novel reals.npy -o kept.npy
  same kept.npy <(tensor convert --to f32 --colours fresh.npy)
  expect 0 score -q --held-out 0 --data data.npy --keep-novel old.npy -o kept.npy
  says 'old.npy: no sample is left: all are copies of sprites in data.npy'
  expect 0 score -q --held-out 0 --data data.npy --keep-best 5 old.npy -o best.npy
  says 'old.npy: no sample is left: all are copies of sprites in data.npy'
  expect 3 montage best.npy -o best.png
  says 'best.npy: holds no sprites, so there is nothing to show'
  expect 3 bash -c 'set -o pipefail; score -q --held-out 0 --data data.npy --keep-novel old.npy | montage -o new.png'
  says 'montage: standard input: holds no sprites'
  [ ! -e best.png ]
  [ ! -e new.png ]
  expect 0 montage --caption 'none at all' best.npy -o said.png
  expect 0 tensor info kept.npy
  prints 'u8 [0, 16, 16, 3]'
}

@test "score --keep-best: novel, typical, different, of their class" {
  draw-sprites -n 400 -o data.npy --labels labels.npy
  draw-sprites -n 80 -s 2 -o new.npy --labels new-labels.npy
  tensor slice data.npy 0:30 -o old.npy
  noise=$(awk 'BEGIN { for (x = 1; i < 15360; i++) { x = x * 16807 % 2147483647; printf "\\x%02x", int(x / 65536) % 256 } }')
  # shellcheck disable=SC2059
  printf "$noise" | npy noise.npy '|u1' '(20, 16, 16, 3)'
  # Of copies, noise, and new ones twice, the new ones are chosen, once.
  tensor concat old.npy noise.npy new.npy new.npy -o mixed.npy
  expect 0 score --data data.npy --keep-best 20 mixed.npy -o best.npy
  says '20 of 210 samples were kept'
  expect 0 score --data data.npy --keep-best 20 best.npy -o again.npy
  same best.npy again.npy
  expect 0 tensor info best.npy
  prints 'u8 [20, 16, 16, 3]'
  # Neither noise nor one sprite twice: without them the choice is the same (some of the old ones are held out).
  tensor concat old.npy new.npy -o real.npy
  score -q --data data.npy --keep-best 20 real.npy -o of-real.npy
  same best.npy of-real.npy
  # As many as there are, in the order in which they came.
  expect 0 score --held-out 0 --data data.npy --keep-best 1000 old.npy -o none.npy
  says '0 of 30 samples were kept; 30 are copies'
  says "used the samples' own mean instead"
  expect 0 score -q --data data.npy --keep-best 1000 new.npy -o all.npy
  score -q --data data.npy --keep-novel new.npy -o novel.npy
  within "$(tensor info all.npy | sed 's/.*\[\([0-9]*\),.*/\1/')" 50 "$(tensor info novel.npy | sed 's/.*\[\([0-9]*\),.*/\1/')"
  # With classes: all are theirs, and under each other's labels hardly any.
  expect 0 score --data data.npy --labels labels.npy --sample-labels new-labels.npy --keep-best 1000 new.npy -o own.npy
  tensor slice new-labels.npy 1:80 -o rest.npy
  tensor slice new-labels.npy 0:1 -o first.npy
  tensor concat rest.npy first.npy -o moved.npy
  expect 0 score --data data.npy --labels labels.npy --sample-labels moved.npy --keep-best 1000 new.npy -o other.npy
  says 'do not look like their class'
  within "$(tensor info own.npy | sed 's/.*\[\([0-9]*\),.*/\1/')" 40 80
  within "$(tensor info other.npy | sed 's/.*\[\([0-9]*\),.*/\1/')" 0 15
  same_at_threads score -q --data data.npy new.npy --keep-best 9
  full_device_rules score --data data.npy --keep-best 3 new.npy
}

@test "score --nearest: a picture" {
  data
  tensor slice data.npy 0:2 -o old.npy
  cat new.npy old.npy >samples.npy
  expect 0 score --held-out 0 --data data.npy --nearest 5 samples.npy -o near.png
  [ -z "$stderr" ]
  [ "$(content near.png)" = 1ca6bfac87d31879f6187e5a0cae46ac6de6db63c33ec9ead9151e151971eea9 ]
  # As many as there are.
  score --held-out 0 --data data.npy --nearest 100 old.npy -o all.png
  score --held-out 0 --data data.npy --nearest 2 old.npy -o two.png
  same <(tensor print all.png) <(tensor print two.png)
  score --held-out 0 --data data.npy --nearest 1 old.npy -o one.png
  differ one.png two.png
}

@test "score --picture: the measures and the picture, as each by itself" {
  data
  expect 0 score --allow-few --data data.npy --tsv new.npy -o both.tsv --nearest 5 --picture both.png
  same both.tsv <(score --allow-few --data data.npy --tsv new.npy)
  same both.png <(score --data data.npy --nearest 5 new.npy)
  same both.png <(score --allow-few --data data.npy --json new.npy -o both.json --nearest 5 --picture -)
  same both.json <(score --allow-few --data data.npy --json new.npy)
  # Where the picture cannot be written, or the numbers are refused, there is neither.
  PIXELMILL_FAIL_WRITE=1 expect 1 score --allow-few --data data.npy new.npy -o no.txt --nearest 5 --picture no.png
  expect 3 score --data data.npy new.npy -o no.txt --nearest 5 --picture no.png
  [ ! -e no.txt ]
  [ ! -e no.png ]
}

@test "score: curves of the distances, as a picture and below the table" {
  draw-sprites -n 80 -o all.npy
  tensor slice all.npy 0:60 -o data.npy
  tensor slice all.npy 60:80 -o new.npy
  judge=(score -q --allow-few --held-out 0.25 --data data.npy new.npy)
  "${judge[@]}" -o table
  expect 0 "${judge[@]}" -o both --terminal --plot curves.png
  same table <(head -n "$(wc -l <table)" both)
  tail -n +"$(wc -l <table)" both >drawn
  grep -q 'a 20 samples, median 0\.' drawn
  grep -q 'b [0-9]* held-out sprites, median 0\.' drawn
  [ "$(grep -c '^cumulative distribution of nearest-' drawn)" -eq 2 ]
  [ "$(tensor info curves.png | sed 's/.*\[1, \([0-9]*\), \([0-9]*\), .*/\2x\1/')" = 1280x400 ]
  same curves.png <("${judge[@]}" --tsv -o table.tsv --plot -)
  [[ $("${judge[@]}" --sixel) == "$(cat table)"$'\n\n\eP'* ]]
  # The training sprites themselves: all at distance 0. Nothing is held out, so there is no such curve.
  expect 0 score -q --allow-few --held-out 0 --data data.npy data.npy --terminal
  prints '-- 60 samples, median 0'
  prints 'a 60 samples, median 0'
  prints 'b a third: copies are left of it'
  [[ $output != *'held-out sprite'* ]]
  PIXELMILL_FAIL_WRITE=1 expect 1 "${judge[@]}" -o no.txt --plot no.png
  [ ! -e no.txt ]
  [ ! -e no.png ]
}

@test "score: how well copies fit side by side" {
  draw-sprites -q --set terrain -n 300 -o data.npy
  draw-sprites -q --set terrain -n 40 -s 2 -o tiles.npy
  for tile in x y xy; do
    expect 0 score --allow-few --tile $tile --data data.npy --tsv tiles.npy
    prints 'seam-bits'
    prints 'held-out:seam-bits'
  done
  expect 0 score --allow-few --data data.npy --tsv tiles.npy
  [[ $output != *seam-bits* ]]
  expect 2 score --data data.npy tiles.npy --tile z
  expect 2 score --data data.npy tiles.npy --tile xy --nearest 3
  says '--tile adds a measure'
}

@test "score: tilemaps" {
  draw-tilemaps -n 130 -s 1 -o data.npy
  draw-tilemaps -n 20 -s 2 -o maps.npy
  expect 0 score --allow-few --tilemaps --data data.npy --tsv maps.npy
  [ "$(field legal 2)" = 1 ]
  [ "$(field legal-exact 2)" = 1 ]
  [ "$(field flat-tiles 2)" = 1 ]
  [ "$(field smear 2)" = 0 ]
  # One map gets the first tile of another theme: its first four rows of pixels, whatever they were, turn to grass.
  yes 3cdc78 | head -128 | xargs printf '%s ' >grass
  # shellcheck disable=SC2046
  { colours $(cat grass) && tail -c +$((129 + 384)) maps.npy; } | npy spoilt.npy '|u1' '(20, 32, 32, 3)'
  expect 0 score --allow-few --tilemaps --data data.npy --tsv spoilt.npy
  [ "$(field legal 2)" = 0.95 ]
  expect 0 score --allow-few --data data.npy --tsv maps.npy
  [ -z "$(field legal 2)" ]
}

# real_numbers NUMBER...: these as little-endian floats; whole or in halves, from 0 up to 127.5.
real_numbers() {
  local text
  text=$(printf '%s\n' "$@" | awk '{
    if ($1 == 0) { printf "\\0\\0\\0\\0"; next }
    for (e = 127; $1 >= 2; e++) $1 /= 2
    for (; $1 < 1; e--) $1 *= 2
    m = ($1 - 1) * 8388608
    printf "\\x%02x\\x%02x\\x%02x\\x%02x", m % 256, int(m / 256) % 256, int(m / 65536) + e % 2 * 128, int(e / 2)
  }')
  # shellcheck disable=SC2059
  printf "$text"
}

@test "score --bits: what the model needs for held-out and for training sprites" {
  data
  real_numbers $(seq 0 0.5 119.5) | npy bits.npy '<f4' '(240,)'
  expect 0 score --allow-few --data data.npy --tsv new.npy
  plain=$output held=$(field held-out:copies 5) seen='' unseen=''
  expect 0 score --allow-few --data data.npy --bits bits.npy --tsv new.npy
  same <(grep -v '^bits' <<<"$output") <(echo "$plain")
  [ "$(grep -c '^bits' <<<"$output")" -eq 2 ]
  [ "$(field bits 5)" = "$held" ]
  [ "$(field bits-training 5)" = $((240 - held)) ]
  [ "$(field bits 6)" = lower ]
  [ "$(field bits-training 6)" = - ]
  [ "$(field bits 7)" = 'bits per pixel of the model for held-out sprites: exact (autoregressive) or an upper bound' ]
  # Together they are all: 0, 0.5, ... 119.5.
  awk -v h="$held" -v a="$(field bits 2)" -v b="$(field bits-training 2)" \
    'BEGIN { m = (h * a + (240 - h) * b) / 240; exit !(m > 59.749 && m < 59.751) }'
  awk -F '\t' '/^bits/ && !($3 < $2 && $2 < $4) { exit 1 }' <<<"$output"
  same_at_threads score --allow-few --data data.npy --bits bits.npy --json new.npy
  # Of one sprite's hundred bits the mean gets its share, on the side where the sprite is.
  tensor slice data.npy 0:60 -o few.npy
  tensor slice new.npy 0:10 -o ten.npy
  for one in {1..20}; do
    # shellcheck disable=SC2046
    real_numbers $(seq 60 | awk -v one="$one" '{ print NR == one ? 100 : 0 }') | npy one.npy '<f4' '(60,)'
    expect 0 score --allow-few --held-out 0.4 --data few.npy --bits one.npy --tsv ten.npy
    held=$(field bits 5)
    if [ "$(field bits 2)" = 0 ]; then
      seen=$one
      within "$(field bits-training 2)" "$(awk "BEGIN { print 99.9 / (60 - $held) }")" "$(awk "BEGIN { print 100.1 / (60 - $held) }")"
    else
      unseen=$one
      within "$(field bits 2)" "$(awk "BEGIN { print 99.9 / $held }")" "$(awk "BEGIN { print 100.1 / $held }")"
      [ "$(field bits-training 2)" = 0 ]
    fi
    if [ -n "$seen" ] && [ -n "$unseen" ]; then break; fi
  done
  [ -n "$seen" ]
  [ -n "$unseen" ]
}

@test "score --bits: beside the held-out sprites' column, as an object, and where few are held out" {
  data
  real_numbers $(seq 0 0.5 119.5) | npy bits.npy '<f4' '(240,)'
  expect 0 score --allow-few --data data.npy --bits bits.npy new.npy
  # Nothing stands in the other column, and what follows keeps its place.
  at() { grep -b -o "$2" <<<"$(grep "^$1 " <<<"$output")" | head -1 | cut -d : -f 1; }
  [ "$(at copies lower)" = "$(at bits lower)" ]
  [[ $(grep '^bits ' <<<"$output") =~ \ to\ [0-9.]+\ {30,}lower\  ]]
  expect 0 score --allow-few --data data.npy --bits bits.npy --json new.npy
  prints ', "bits": "'
  prints '{"measure": "bits", "value": '
  [ "$(grep -c '"measure": ' <<<"$output")" -eq 38 ]
  expect 0 score --allow-few --data data.npy --bits bits.npy --held-out 0 --tsv new.npy
  [ -z "$(field bits 2)" ]
  [ "$(field bits-training 2)" = 59.75 ]
  [ "$(field bits-training 5)" = 240 ]
  expect 0 score --allow-few --data data.npy --bits bits.npy --held-out 0.02 --tsv new.npy
  [ -z "$(field bits 2)" ]
}

@test "score --bits: bits that fit nothing" {
  data
  bad_file_rules score --allow-few new.npy --data data.npy -o "$T/out" --bits
  real_numbers $(seq 60) | npy few.npy '<f4' '(60,)'
  expect 3 score --allow-few --data data.npy --bits few.npy -o out new.npy
  says 'few.npy: f32 [60]; expected f32 [240]: the bits per pixel of each sprite of data.npy'
  expect 3 score --allow-few --data data.npy --bits data.npy -o out new.npy
  says 'data.npy: u8 [240, 16, 16, 3]; expected f32 [240]'
  real_numbers $(seq 239) >most
  for strange in '\0\0\300\177' '\0\0\200\177' '\0\0\200\277'; do
    # shellcheck disable=SC2059
    { cat most && printf "$strange"; } | npy strange.npy '<f4' '(240,)'
    expect 3 score --allow-few --data data.npy --bits strange.npy -o out new.npy
    says 'strange.npy: '
    says ' bits per pixel of sprite 239; expected a finite number, 0 or more'
  done
  [ ! -e out ]
}

@test "score --labels: are samples of their class?" {
  draw-sprites -n 400 -o data.npy --labels labels.npy
  draw-sprites -n 200 -s 2 -o new.npy --labels new-labels.npy
  expect 0 score --allow-few --data data.npy --labels labels.npy --sample-labels new-labels.npy --tsv new.npy
  real=$(field class-agreement 2)
  within "$real" 0.5 1
  within "$(field held-out:class-agreement 2)" 0.4 1
  awk -F '\t' '$1 ~ /class-agreement/ && !($3 < $2 && $2 < $4 && $6 == "higher") { exit 1 }' <<<"$output"
  # All else stays as it is.
  same <(grep -v class-agreement <<<"$output") <(score -q --allow-few --data data.npy --tsv new.npy)
  # Labels of other sprites agree by chance, about 1 in as many as there are classes.
  tensor slice new-labels.npy 1:200 -o rest.npy
  tensor slice new-labels.npy 0:1 -o first.npy
  tensor concat rest.npy first.npy -o moved-labels.npy
  expect 0 score --allow-few --data data.npy --labels labels.npy --sample-labels moved-labels.npy --tsv new.npy
  within "$(field class-agreement 2)" 0 0.3
  same_at_threads score --allow-few --data data.npy --labels labels.npy --sample-labels new-labels.npy --json new.npy
  grep -q '"labels": "[0-9a-f]\{64\}"},' <(score --allow-few --data data.npy --labels labels.npy --sample-labels new-labels.npy --json new.npy)
  # Measured on sprites of their own: the figure and its number are theirs, all others the samples'.
  tensor slice new.npy 0:120 -o some.npy
  expect 0 score --allow-few --data data.npy --labels labels.npy --by-class new.npy --sample-labels new-labels.npy --tsv some.npy
  [ "$(field class-agreement 2)" = "$real" ]
  [ "$(field class-agreement 5)" -eq 200 ]
  [ "$(field coverage 5)" -eq 120 ]
  same <(grep -v class-agreement <<<"$output") <(score -q --allow-few --data data.npy --tsv some.npy)
  grep -q '"by_class": "[0-9a-f]\{64\}"},' <(score --allow-few --data data.npy --labels labels.npy --by-class new.npy --sample-labels new-labels.npy --json some.npy)
}

@test "score --labels: labels that fit nothing" {
  draw-sprites -n 100 -o data.npy --labels labels.npy
  draw-sprites -n 20 -s 2 -o new.npy --labels new-labels.npy
  expect 2 score --data data.npy --labels labels.npy new.npy
  says '--sample-labels is missing'
  expect 2 score --data data.npy --sample-labels each new.npy
  says '--labels is missing'
  expect 2 score --data data.npy --labels labels.npy --sample-labels each --nearest 3 new.npy
  expect 2 score --data data.npy --labels - --sample-labels each
  bad_file_rules score --allow-few new.npy --data data.npy --sample-labels each -o out --labels
  expect 2 score --data data.npy --by-class new.npy new.npy
  says '--by-class goes with --labels and --sample-labels'
  bad_file_rules score --allow-few new.npy --data data.npy --labels labels.npy --sample-labels each -o out --by-class
  tensor slice new.npy 0:9 -o nine.npy
  expect 3 score --allow-few --data data.npy --labels labels.npy --sample-labels each --by-class nine.npy -o out new.npy
  says 'nine.npy: holds 9 sprites, expected at least 10'
  draw-tilemaps -n 20 -o maps.npy
  expect 3 score --allow-few --data data.npy --labels labels.npy --sample-labels each --by-class maps.npy -o out new.npy
  says 'maps.npy: holds sprites of 32 x 32 pixels'
  expect 3 score --allow-few --data data.npy --labels new-labels.npy --sample-labels each -o out new.npy
  says 'new-labels.npy: i32 [20]; expected i32 [100]: a label for each sprite of data.npy'
  expect 3 score --allow-few --data data.npy --labels labels.npy --sample-labels labels.npy -o out new.npy
  says 'labels.npy: i32 [100]; expected i32 [20]: a label for each sprite of new.npy'
  expect 3 score --allow-few --data data.npy --labels data.npy --sample-labels each -o out new.npy
  says 'data.npy: u8 [100, 16, 16, 3]; expected i32 [100]'
  # 99 twenty times, and once below zero.
  for _ in $(seq 20); do printf '\143\0\0\0'; done | npy strange.npy '<i4' '(20,)'
  expect 3 score --allow-few --data data.npy --labels labels.npy --sample-labels strange.npy -o out new.npy
  says 'strange.npy: label 99 of sprite 0 is none of the data'
  { printf '\377\377\377\377' && head -c 76 /dev/zero; } | npy negative.npy '<i4' '(20,)'
  expect 3 score --allow-few --data data.npy --labels labels.npy --sample-labels negative.npy -o out new.npy
  says 'negative.npy: label -1 of sprite 0; expected 0 to 65535'
  # Of classes 0 and 2 alone a model that draws each in turn draws 1, too.
  for _ in $(seq 50); do printf '\0\0\0\0\2\0\0\0'; done | npy gap.npy '<i4' '(100,)'
  expect 3 score --allow-few --data data.npy --labels gap.npy --sample-labels each -o out new.npy
  says 'label 1 of sprite 1 is none of the data'
  [ ! -e out ]
}

@test "score --model: what is taken from the model cannot be given, too" {
  expect 2 score --data a.npy b.npy --model m.safetensors --held-out 0.1
  says '--held-out is taken from the model, which --model names'
}

@test "score: bits in the context code, and the two-sample test" {
  draw-sprites -n 500 -o data.npy
  draw-sprites -n 60 -s 2 -o fresh.npy
  expect 0 score --allow-few --data data.npy --tsv fresh.npy
  [ -z "$stderr" ]
  bits=$(field held-out:context-bits 2)
  within "$bits" 0.4 0.8
  within "$(field context-bits 2)" "$(awk "BEGIN { print $bits - 0.15 }")" "$(awk "BEGIN { print $bits + 0.15 }")"
  within "$(field two-sample 2)" 0.3 0.7
  [ "$(field two-sample 6)" = lower ]
  [ "$(field two-sample 5)" = 60 ]
  [ -z "$(field held-out:two-sample 2)" ]
  # One sprite again and again is known at once.
  tensor slice fresh.npy 0:1 -o one.npy
  for _ in {1..40}; do cat one.npy; done >same.npy
  expect 0 score --allow-few --data data.npy same.npy
  prints 'two-sample '
  prints 'context-bits '
  expect 0 score --allow-few --data data.npy --tsv same.npy
  within "$(field two-sample 2)" 0.9 1
  expect 0 score --allow-few --held-out 0 --data data.npy --json same.npy
  prints '"measure": "context-bits", "value": '
  [ "$(grep -c two-sample <<<"$output")" -eq 0 ]
  same_at_threads score --allow-few --data data.npy fresh.npy --json
}

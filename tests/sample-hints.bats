# sample with a part of the sprite fixed: pixels, silhouettes, colours, symmetry, variations, tiles.

load common
load pixels
load patch_ar
load diffusion

setup_file() {
  tiny_patch_ar
  HEAD=$SHARED/head/model.safetensors
  export HEAD
  tiny_diffusion_config "$SHARED/head.yaml"
  train-ddpm -q -c "$SHARED/head.yaml" --set pixels=palette --set process.schedule=information --data "$SPRITES" \
    --labels "$LABELS" -o "$SHARED/head"
}

# Each pixel of sprites on a line, as bytes.
pixels_of() { tensor convert -q --colours --to u8 "$1" | tensor print - | awk NF; }

# mask FILE EXPRESSION: i32 [1,16,16], for awk's x and y.
mask() {
  colours "$(awk "BEGIN { for (i = 0; i < 256; i++) { x = i % 16; y = int(i / 16); v = ($2); v += v < 0 ? 4294967296 : 0
    printf \"%02x%02x%02x%02x\", v % 256, int(v / 256) % 256, int(v / 65536) % 256, int(v / 16777216) } }")" |
    npy "$1" '<i4' '(1, 16, 16)'
}

# kept FILE FILE MASK: sprites agree wherever the mask is set.
kept() {
  paste -d' ' <(pixels_of "$1") <(pixels_of "$2") |
    awk 'NR == FNR { set[FNR - 1] = $1; next } set[(FNR - 1) % 256] && ($1 $2 $3) != ($4 $5 $6) { exit 1 }' \
      <(tensor print "$3" | tr ' ' '\n' | awk NF) -
}

# The most frequent colour, as rrggbb; and filled RRGGBB FILE: a sprite of one colour.
background_hex() { pixels_of "$SPRITES" | sort | uniq -c | sort -rn | awk 'NR == 1 { printf "%02x%02x%02x", $2, $3, $4 }'; }
filled() {
  colours "$(awk -v c="$1" 'BEGIN { for (i = 0; i < 256; i++) printf "%s", c }')" | npy "$2" '|u1' '(1, 16, 16, 3)'
}

# refused STATUS TEXT OPTION...: this message, and nothing written.
refused() {
  local status_wanted=$1 text=$2
  shift 2
  expect "$status_wanted" sample "$WITH_CLASSES" -n 2 "$@" -o out
  says "$text"
  [ ! -e out ]
}

@test "sample --from: as many pixels drawn anew as --strength says, and the same ones" {
  tensor slice "$SPRITES" 0:4 -o four.npy
  sample "$WITH_CLASSES" -n 4 --from four.npy --strength 0 -o none.npy
  same <(pixels_of none.npy) <(pixels_of four.npy)
  sample "$WITH_CLASSES" -n 8 --from four.npy --strength 0.5 -o half.npy
  sample "$WITH_CLASSES" -n 8 --from four.npy --strength 1 -o all.npy
  # Half of 2048 pixels are drawn; of these most come out otherwise from so poor a model.
  differing=$(paste -d' ' <(pixels_of half.npy) <(pixels_of four.npy && pixels_of four.npy) |
    awk '($1 $2 $3) != ($4 $5 $6) { n++ } END { print n + 0 }')
  [ "$differing" -gt 300 ]
  [ "$differing" -lt 1124 ]
  differ half.npy all.npy
  # Sprite 1 and sprite 5 are two variations of one.
  differ <(tensor slice half.npy 1:2) <(tensor slice half.npy 5:6)
}

@test "sample --lock: fixed pixels come back as they are, at any number of threads, whatever the number" {
  tensor slice "$SPRITES" 0:2 -o two.npy
  mask face.npy 'y < 6 && x > 3'
  for model in "$WITH_CLASSES" "$MODEL" "$HEAD"; do
    sample "$model" -n 6 --from two.npy --lock face.npy --strength 1 --threads 2 -o six.npy
    sample "$model" -n 6 --from two.npy --lock face.npy --strength 1 --threads 1 -o one.npy
    same six.npy one.npy
    sample "$model" -n 3 --from two.npy --lock face.npy --strength 1 -o three.npy
    same three.npy <(tensor slice six.npy 0:3)
    kept six.npy <(tensor concat two.npy two.npy two.npy) face.npy
    differ <(tensor slice six.npy 0:1) <(tensor slice six.npy 2:3)
  done
  # A picture beside a mask is the same, with --hints.
  tensor slice two.npy 0:1 -o one.npy
  montage -q --scale 1 --gap 0 one.npy -o hero.png
  sample "$WITH_CLASSES" -n 2 --hints hero.png --lock face.npy -o picture.npy
  kept picture.npy <(tensor concat one.npy one.npy) face.npy
  # So is a mask that is a picture: what is not black, or what is opaque.
  expect 0 sample "$WITH_CLASSES" -n 1 --from hero.png --lock hero.png --strength 1 -o hero.npy
}

@test "sample --silhouette, --palette-only, --symmetric: exact" {
  mask disc.npy '(x - 7.5)^2 + (y - 7.5)^2 < 30'
  background=$(pixels_of "$SPRITES" | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2, $3, $4 }')
  for model in "$WITH_CLASSES" "$HEAD"; do
    sample "$model" -n 3 --silhouette disc.npy --symmetric -o disc-drawn.npy
    pixels_of disc-drawn.npy | awk -v background="$background" '
      NR == FNR { set[FNR - 1] = $1; next }
      { at[FNR - 1] = $0 }
      set[(FNR - 1) % 256] != ($0 != background) { exit 1 }
      END { for (i = 0; i < FNR; i++) if (at[i] != at[i - i % 16 + 15 - i % 16]) exit 1 }' \
      <(tensor print disc.npy | tr ' ' '\n' | awk NF) -
    extract-palette -q "$SPRITES" -o all.hex
    head -3 all.hex >some.hex
    sample "$model" -n 3 --palette-only some.hex -o some.npy
    sample "$model" -n 3 --palette-only "$(paste -sd, some.hex)" -o listed.npy
    same some.npy listed.npy
    snap -q --palette some.hex some.npy -o snapped.npy
    same <(pixels_of some.npy) <(pixels_of snapped.npy)
  done
}

@test "sample --hints: numbers fix, forbid and leave" {
  mask codes.npy 'y == 0 ? 3 : y < 4 ? -2 : y < 8 ? -3 : -1'
  extract-palette -q "$SPRITES" -o p.hex
  sample "$MODEL" -n 2 --hints codes.npy -o coded.npy
  pixels_of coded.npy | awk '{ printf "%02x%02x%02x\n", $1, $2, $3 }' |
    awk -v background="$(background_hex)" -v fixed="$(sed -n 4p p.hex)" '{ y = int((NR - 1) / 16) % 16 }
      y == 0 && $0 != fixed || y > 0 && y < 4 && $0 != background || y >= 4 && y < 8 && $0 == background { exit 1 }'
}

@test "sample --tile: drawn again at the edges alone" {
  sample "$MODEL" -n 3 -o free.npy
  for tile in x y xy; do
    sample "$MODEL" -n 3 --tile $tile -o $tile.npy
    mask middle.npy "$([ $tile = y ] || echo 'x > 3 && x < 12')$([ $tile = xy ] && echo ' && ')$([ $tile = x ] || echo 'y > 3 && y < 12')"
    kept free.npy $tile.npy middle.npy
    differ free.npy $tile.npy
  done
  sample "$MODEL" -n 2 --tile x --symmetric -o both.npy
  pixels_of both.npy | awk '{ at[NR - 1] = $0 } END { for (i = 0; i < NR; i++) if (at[i] != at[i - i % 16 + 15 - i % 16]) exit 1 }'
}

@test "sample: the class of what is varied, and of what is fixed alone" {
  tensor slice "$SPRITES" 0:3 -o three.npy
  expect 0 sample "$WITH_CLASSES" -n 3 --from three.npy --save-labels l.npy -o out.npy
  [[ $(tensor info l.npy) = *'i32 [3]'* ]]
  mask face.npy 'y < 6'
  refused 2 'what is fixed decides' --hints "$SPRITES" --lock face.npy --save-labels l.npy
  expect 0 sample "$WITH_CLASSES" -n 2 --hints "$SPRITES" --lock face.npy --class hero --save-labels l.npy -o out.npy
}

@test "sample: hints that cannot be followed" {
  mask face.npy 'y < 6'
  mask none.npy 0
  mask all.npy 1
  mask beyond.npy 'x == 3 && y == 2 ? 16 : -1'
  mask code.npy 'x == 3 && y == 2 ? -5 : -1'
  for file in beyond code; do refused 3 "pixel (3, 2) of hint map 0 is no colour of the model's palette" --hints $file.npy; done
  refused 3 'every pixel of sprite 0 is fixed' --from "$SPRITES" --lock all.npy
  expect 0 sample "$WITH_CLASSES" -n 1 --from "$SPRITES" --lock none.npy -o free.npy
  # A colour of none of the model's: refused where it would be kept, and nowhere else.
  colours ff00ff | npy dot.npy '|u1' '(1, 1, 1, 3)'
  filled "$(background_hex)" strange.npy
  { head -c $((128 + 60)) strange.npy && colours ff00fe && tail -c +$((128 + 64)) strange.npy; } >odd.npy && mv odd.npy strange.npy
  refused 3 "picture 0, row 1, column 4: ff00feff is none of the model's 16 colours; snap the picture first" --from strange.npy
  mask below.npy 'y > 6'
  expect 0 sample "$WITH_CLASSES" -n 1 --hints strange.npy --lock below.npy -o below.npy
  refused 3 'pictures of 1 x 1 pixels; the model draws 16 x 16' --from dot.npy
  refused 3 'pictures of 1 x 1 pixels; the model draws 16 x 16' --silhouette dot.npy
  # What is locked contradicts the silhouette, its mirror image, or nothing.
  mask corner.npy 'x < 2 && y < 2'
  mask shape.npy 'x > 2'
  refused 3 'is none of the model' --palette-only ff00fe
  refused 2 'palette-only' --palette-only purple
  refused 3 'every other colour is banned' --silhouette shape.npy --palette-only "$(background_hex)"
  refused 2 'exclude each other' --hints face.npy --from "$SPRITES"
  refused 2 '--hints with a picture needs --lock' --hints "$SPRITES"
  refused 2 '--lock says which pixels of a picture are kept' --hints face.npy --lock face.npy
  refused 2 'of what, --from SPRITES says' --lock face.npy
  refused 2 '--strength is for --from' --strength 0.5
  refused 2 'strength' --from "$SPRITES" --strength 1.5
  refused 2 'particles' --particles 0
  refused 2 'tile' --tile z
  expect 2 sample "$WITH_CLASSES" --bits "$SPRITES" --symmetric -o out
  says '--symmetric is about drawing new sprites; with --bits it changes nothing'
  tiny=vae/model.safetensors
  train-vae -q -c "$REPO/configs/vae-mse.yaml" --set training.steps=2 --set training.batch=4 --data "$SPRITES" -o vae
  for option in --symmetric '--tile x' '--palette-only 000000'; do
    # shellcheck disable=SC2086
    expect 3 sample $tiny $option -o out
    says 'takes no hints, so nothing of its sprites can be fixed'
  done
}

@test "sample: what is transparent is background to a model without transparency" {
  mask left.npy 'x < 8'
  colours "$(awk 'BEGIN { for (i = 0; i < 256; i++) printf "00000000" }')" | npy clear.npy '|u1' '(1, 16, 16, 4)'
  sample "$MODEL" -n 2 --from clear.npy --lock left.npy --strength 1 -o out.npy
  filled "$(background_hex)" blank.npy
  kept out.npy <(tensor concat blank.npy blank.npy) left.npy
}

@test "sample: a locked pixel beside what a silhouette or an axis says" {
  mask left.npy 'x < 4'
  mask ends.npy 'x < 4 || x > 11'
  extract-palette -q "$SPRITES" -o p.hex
  other=$(grep -v "$(background_hex)" p.hex | head -2)
  colours "$(awk -v two="$(paste -sd' ' <<<"$other")" 'BEGIN { split(two, c, " ")
    for (i = 0; i < 256; i++) printf "%s", c[i % 16 < 8 ? 1 : 2] }')" | npy halves.npy '|u1' '(1, 16, 16, 3)'
  mask inside.npy 'x > 2'
  refused 3 'picture 0, row 0, column 0: outside the silhouette, but fixed to something else than the background' \
    --from halves.npy --lock left.npy --silhouette inside.npy
  refused 3 '--symmetric: picture 0, row 0, column 0: fixed to another colour than its mirror image' \
    --from halves.npy --lock ends.npy --symmetric
  filled "$(background_hex)" blank.npy
  mask wide.npy 1
  refused 3 'inside the silhouette, but fixed to the background' --from blank.npy --lock left.npy --silhouette wide.npy
}

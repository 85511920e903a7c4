# montage: sprites to one picture.

load common
load pixels

# size FILE: WIDTHxHEIGHT of a picture, from its header.
size() { od -An -tu1 -j16 -N8 "$1" | awk '{ print $3 * 256 + $4 "x" $7 * 256 + $8 }'; }

@test "montage: what every tool does" {
  usage_rules montage
  small a.npy
  expect 2 montage --scale 0 a.npy
  expect 2 montage --background red a.npy
  expect 2 montage --caption one --caption two a.npy
  says '2 captions for 1 file'
}

@test "montage: bad files" {
  bad_file_rules montage -o "$T/out"
  draw-tilemaps -n 1 | montage --scale 1 -o good.png
  head -c 200 good.png >bad.png
  expect 3 montage good.png bad.png -o out
  says bad.png
  [ ! -e out ]
}

@test "montage: inputs cut off anywhere are refused" {
  small a.npy
  truncation_rules a.npy montage -o "$T/out"
}

@test "montage: outputs that fail" {
  small a.npy
  full_device_rules montage a.npy
  # Noise does not compress: 3 * 128 * 128 bytes are more than a pipe holds.
  # shellcheck disable=SC2059
  printf "$(awk 'BEGIN { for (x = 1; n < 49152; n++) { x = x * 16807 % 2147483647; printf "\\x%02x", int(x / 8192) % 256 } }')" |
    npy noise.npy '|u1' '(1, 128, 128, 3)'
  closed_pipe_rules montage --scale 8 noise.npy
}

@test "montage: the grid, pixel by pixel" {
  small a.npy
  expect 0 montage --scale 1 --gap 1 --columns 2 --background 112233 a.npy -o grid.png
  [ -z "$output$stderr" ]
  tensor print grid.png | sed '/^$/d' >pixels
  for row in '. . . . . . .' '. k r . b b .' '. g k . r k .' '. . . . . . .'; do
    for letter in $row; do
      case $letter in
        .) echo 17 34 51 ;;
        k) echo 0 0 0 ;;
        r) echo 255 0 0 ;;
        g) echo 0 255 0 ;;
        b) echo 0 0 255 ;;
      esac
    done
  done >expected
  same pixels expected
}

@test "montage: scale, columns and count" {
  draw-tilemaps -n 20 -o maps.npy
  montage maps.npy -o grid.png
  [ "$(size grid.png)" = $((8 + 8 * 264))x$((8 + 3 * 264)) ]
  montage --scale 2 --columns 0 --gap 0 maps.npy -o grid.png
  [ "$(size grid.png)" = 1280x64 ]
  montage --scale 2 --columns 3 --gap 2 -n 4 maps.npy -o grid.png
  [ "$(size grid.png)" = $((4 + 3 * 68))x$((4 + 2 * 68)) ]
  tensor slice maps.npy 0:4 | montage --scale 2 --columns 3 --gap 2 -o four.png
  [ "$(content grid.png)" = "$(content four.png)" ]
  # Enlarging is by whole pixels: cut back, nothing is lost.
  montage --scale 3 --columns 5 --gap 0 maps.npy -o large.png
  slice-tiles -q --tile 96 large.png -o tiles.npy
  tensor print tiles.npy | sed '/^$/d' | awk '{ n = NR - 1 } n % 3 == 0 && int(n / 96) % 3 == 0' >thinned
  tensor print maps.npy | sed '/^$/d' >plain
  same thinned plain
}

@test "montage: captions and groups" {
  draw-tilemaps -n 6 -o a.npy
  small b.npy
  montage --scale 1 --columns 3 a.npy b.npy -o plain.png
  [ "$(size plain.png)" = $((1 + 3 * 33))x$((1 + 2 * 33 + 3)) ]
  montage --scale 1 --columns 3 --caption first --caption 'second, with more words than fit one line' a.npy b.npy -o captions.png
  [ "$(size captions.png)" = 146x$((1 + 11 + 2 * 33 + 1 + 5 + 2 * 11 + 3 + 1)) ]
  montage --scale 1 --columns 3 --caption first a.npy b.npy -o one.png
  [ "$(size one.png)" = $((1 + 3 * 33))x$((1 + 11 + 2 * 33 + 3 + 1)) ]
  montage --scale 1 --columns 3 --caption '' --caption x a.npy b.npy -o two.png
  [ "$(size two.png)" = $((1 + 3 * 33))x$((1 + 2 * 33 + 1 + 5 + 11 + 3)) ]
  # The sprites lie below the caption as they do without it.
  montage --scale 1 --gap 0 --columns 3 a.npy -o without.png
  montage --scale 1 --gap 0 --columns 3 --caption x a.npy -o with.png
  tensor print without.png >expected
  same <(tensor print with.png | tail -n "$(wc -l <expected)") expected
}

@test "montage: pictures share a grid unless they have captions" {
  draw-tilemaps -n 3 -o maps.npy
  for i in 0 1 2; do
    tensor slice maps.npy $i:$((i + 1)) | montage --scale 1 --gap 0 -o $i.png
  done
  montage maps.npy -o expected.png
  montage 0.png 1.png 2.png -o grid.png
  [ "$(content grid.png)" = "$(content expected.png)" ]
  montage --scale 1 --gap 0 --caption a --caption b --caption c 0.png 1.png 2.png -o grid.png
  [ "$(size grid.png)" = 32x$((3 * 32 + 3 * 11 + 2 * 5)) ]
  small b.npy
  montage --scale 1 --gap 0 b.npy -o b.png
  montage --scale 1 --gap 0 0.png 1.png b.png -o grid.png
  [ "$(size grid.png)" = 64x34 ]
  montage --scale 1 --gap 0 0.png - 1.png <maps.npy -o grid.png
  [ "$(size grid.png)" = 96x96 ]
}

@test "montage: indexed where the colours allow" {
  colour_type() { od -An -tu1 -j25 -N1 "$1" | tr -d ' '; }
  draw-tilemaps -n 3 | montage -o grid.png
  [ "$(colour_type grid.png)" -eq 3 ]
  for i in $(seq 0 299); do
    printf '%02x%02x00 ' $((i % 256)) $((i / 256))
  done >hex
  # shellcheck disable=SC2046
  colours $(cat hex) | npy many.npy '|u1' '(300, 1, 1, 3)'
  montage --scale 1 many.npy -o grid.png
  [ "$(colour_type grid.png)" -eq 2 ] || [ "$(colour_type grid.png)" -eq 6 ]
}

@test "montage: transparent pixels show the background" {
  colours ff0000ff 00000000 0000ff80 ffffff00 | npy a.npy '|u1' '(1, 2, 2, 4)'
  montage --scale 1 --gap 0 --background 00ff00 a.npy -o grid.png
  [ "$(tensor print grid.png | xargs)" = '255 0 0 0 255 0 0 127 128 0 255 0' ]
}

@test "montage: provenance, and nothing of paths" {
  small a.npy
  mkdir one two
  montage --scale 3 --caption 'a caption' a.npy -o one/grid.png
  cp a.npy two/other-name.npy
  (cd two && montage --scale 3 --caption 'a caption' other-name.npy -o grid.png)
  same one/grid.png two/grid.png
  grep -aq 'pixelmill montage' one/grid.png
  grep -aq 'scale=3' one/grid.png
  grep -aq "$(content a.npy)" one/grid.png
  run grep -ac 'other-name' two/grid.png
  [ "$output" -eq 0 ]
}

@test "montage: too large to be read again" {
  draw-tilemaps -n 2000 -o maps.npy
  expect 3 montage maps.npy -o out.png
  says 'the picture would have 2120 x 66008 pixels'
  [ ! -e out.png ]
  expect 3 montage --scale 256 maps.npy -o out.png
  expect 0 montage --columns 50 --scale 4 maps.npy -o out.png
}

@test "montage: golden" {
  draw-tilemaps -n 12 -o maps.npy
  small b.npy
  montage --scale 4 --columns 6 --caption 'Twelve maps, seed 1: "The quick brown fox" (0123456789)' --caption \
    'jumps over {the} [lazy] dog; <A-Z> & #@!? ~ %$*+=/\^_`|' maps.npy b.npy -o grid.png
  [ "$(content grid.png)" = 03b092c1586b28ec824172e371a706e56fa8600def9f97a30217ad49d25ea9ae ]
}

@test "montage: with --keep-alpha what was cut from a sheet becomes one again" {
  draw-sprites -q --keep-alpha -n 12 -o set.npy
  montage --scale 1 --gap 0 --columns 4 --keep-alpha set.npy -o sheet.png
  slice-tiles -q --tile 16 --keep-alpha sheet.png -o again.npy
  same set.npy again.npy
  # Between sprites and in places without one there is nothing.
  montage --scale 1 --gap 1 --columns 5 --keep-alpha set.npy -o gaps.png
  slice-tiles -q --tile 16 --margin 1 --spacing 1 --keep-alpha gaps.png -o again.npy
  same set.npy again.npy
  montage --scale 1 --gap 0 --columns 4 set.npy -o opaque.png
  differ sheet.png opaque.png
}

@test "montage: standard input cannot be read twice" {
  small a.npy
  expect 2 bash -c 'montage - - <a.npy'
  says 'montage: standard input: is to be read twice (-), and what it holds comes once'
  expect 2 bash -c 'extract-palette - - <a.npy'
  expect 2 bash -c 'check-sprites --labels - <a.npy'
}

# table_of PICTURE.png: its colour table, rrggbb each.
table_of() {
  local at length
  at=$(grep -abo PLTE "$1" | head -n 1 | cut -d: -f1)
  length=$((16#$(od -An -tx1 -j $((at - 4)) -N 4 "$1" | tr -d ' ')))
  od -An -v -tx1 -j $((at + 4)) -N "$length" "$1" | tr -d ' \n' | sed 's/....../& /g'
}

@test "montage: with --palette its order and its unused colours stay" {
  small a.npy
  printf 'ff0000\n123456\n00000000\n000000\n0000ff\n00ff00\n' >p.hex
  expect 0 montage --scale 1 --gap 0 --palette p.hex a.npy -o sheet.png
  [ "$(table_of sheet.png)" = 'ff0000 123456 000000 000000 0000ff 00ff00 ' ]
  [ -z "$stderr" ]
  montage --scale 1 --gap 0 a.npy -o plain.png
  [ "$(content sheet.png)" = "$(content plain.png)" ]
  # The same bytes whatever the palette's file is called.
  mkdir other && cp p.hex other/q.hex
  montage --scale 1 --gap 0 --palette other/q.hex a.npy -o again.png
  same sheet.png again.png
  # Others stand behind.
  expect 0 montage --scale 1 --gap 1 --background 778899 --palette p.hex a.npy -o gaps.png
  [ "$(table_of gaps.png)" = 'ff0000 123456 000000 000000 0000ff 00ff00 778899 ' ]
  says '1 colour of the picture is not in the palette and stands behind its own (the first: 778899)'
  for ((i = 0; i < 253; i++)); do printf '%02x0001\n' "$i"; done >many.hex
  expect 3 montage --scale 1 --gap 0 -p many.hex a.npy -o none.png
  says 'the picture has 4 colours that the palette has not, expected at most 256 with the palette'"'"'s 253'
  expect 3 montage -p a.npy a.npy -o none.png
  [ ! -e none.png ]
}

@test "montage: a folder stands for its pictures" {
  draw-tilemaps -n 3 -o maps.npy
  mkdir pack
  for i in 0 1 2; do
    tensor slice maps.npy $i:$((i + 1)) | montage --scale 1 --gap 0 -o pack/$i.png
  done
  montage --caption maps maps.npy -o expected.png
  expect 0 montage --caption maps pack -o grid.png
  [ "$(content grid.png)" = "$(content expected.png)" ]
  # So it does wherever sprites are read.
  extract-palette -q maps.npy -o expected.hex
  extract-palette -q pack -o out.hex
  same out.hex expected.hex
  printf '000000\nffffff\n' >p.hex
  snap -q -p p.hex maps.npy -o expected.npy
  snap -q -p p.hex pack -o out.npy
  same out.npy expected.npy
  label-tiles -q -k 2 maps.npy -o expected.npy
  label-tiles -q -k 2 pack -o out.npy
  same out.npy expected.npy
  same <(check-sprites pack) <(check-sprites maps.npy)
  # Pictures of another size begin a row of their own; where sprites are one set, all of them are named.
  small b.npy
  montage --scale 1 --gap 0 b.npy -o pack/b.png
  cp pack/b.png pack/c.png
  montage --scale 1 --gap 0 pack -o grid.png
  [ "$(size grid.png)" = 96x34 ]
  expect 3 check-sprites pack
  says 'pack/b.png: holds sprites of 4 x 2 pixels, expected 32 x 32 as in pack/0.png; nor do these fit: pack/c.png'
  mkdir none
  expect 3 montage none
  says 'none: holds no .png files'
}

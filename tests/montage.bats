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
  says '2 captions for 1 files'
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

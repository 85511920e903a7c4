# slice-tiles: what it finds on sheets of every kind.

load common
load pixels

# Six by four pixels in four greys, in eight ways: depths of 1, 2, 8 and 16 bits, with a colour table, with alpha,
# interlaced.
declare -gA pictures=(
  [grey2]=iVBORw0KGgoAAAANSUhEUgAAAAYAAAAEAgAAAADC3wk+AAAAFElEQVR42mOQFmDoaGCwNGBYtQAADWYC53s1NX0AAAAASUVORK5CYII=
  [grey8]=iVBORw0KGgoAAAANSUhEUgAAAAYAAAAECAAAAACIbxGfAAAAHElEQVR42h3BAQ0AAAwCIEpa0pJ+O5BO9LPG9B2I6AtLfJOeigAAAABJRU5ErkJggg==
  [grey16]=iVBORw0KGgoAAAANSUhEUgAAAAYAAAAEEAAAAADY/83cAAAAJUlEQVR42mNgYAgNXbXq/38QzbBqFQMcA8H//6tWAUWBNFAEAQD8RRaVHRtgXwAAAABJRU5ErkJggg==
  [grey16i]=iVBORw0KGgoAAAANSUhEUgAAAAYAAAAEEAAAAAGv+P1KAAAAIUlEQVR42mNgAINVq2BEaOj//6GhDCDi/3+wEAwDCQQAAAJSFpUNj6PgAAAAAElFTkSuQmCC
  [rgb8i]=iVBORw0KGgoAAAANSUhEUgAAAAYAAAAECAIAAAFVYemCAAAAI0lEQVR42mNggIJVq1YhUaGhof///weSDBAKSEKlkEkQhQYAYiYh38fYBHAAAAAASUVORK5CYII=
  [indexed2]=iVBORw0KGgoAAAANSUhEUgAAAAYAAAAEAgMAAADQaqbQAAAADFBMVEUAAABVVVWqqqr////Bf2LRAAAAFElEQVR42mOQFmDoaGCwNGBYtQAADWYC53s1NX0AAAAASUVORK5CYII=
  [greyalpha8]=iVBORw0KGgoAAAANSUhEUgAAAAYAAAAECAQAAAAHDYbIAAAAJUlEQVR42mNg+B/6f9X///9BNMMqIAXDDAxA0VUgUZDsqv8ICABloyMzP+5+2QAAAABJRU5ErkJggg==
  [rgba16i]=iVBORw0KGgoAAAANSUhEUgAAAAYAAAAEEAYAAAGKk6KWAAAALUlEQVR42mNgAIP//xngjFVggCSCKgCkQ8HgPxzA+AzoAjDAgG4EIT5cA7E0AJhic43nCnS4AAAAAElFTkSuQmCC
)

# Three tiles of 2 x 2: one partly transparent, one opaque, one fully transparent.
alpha_sheet=iVBORw0KGgoAAAANSUhEUgAAAAYAAAACCAYAAAB7Xa1eAAAALElEQVR42mP4z8DwHwgbgBSI+Z+Tk5MBDNg5OIHc/w4gQS4Ruf8gMUYmZgYAmh0OKWALmJ0AAAAASUVORK5CYII=

picture() { base64 -d <<<"$1"; }

# A sheet of 3 x 2 tiles of 32 x 32, and with a margin and spacing around its tiles.
plain_sheet() { draw-tilemaps -n 6 | montage --scale 1 --gap 0 --columns 3 -o "$1"; }
spaced_sheet() { draw-tilemaps -n 6 | montage --scale 1 --gap "$2" --columns 3 -o "$1"; }

@test "slice-tiles: what every tool does" {
  usage_rules slice-tiles
  expect 2 slice-tiles
  says 'slice-tiles'
}

@test "slice-tiles: bad files" {
  bad_file_rules slice-tiles --tile 2 -o "$T/out"
  draw-tilemaps -n 1 >tiles.npy
  expect 3 slice-tiles tiles.npy -o out
  says tiles.npy
  [ ! -e out ]
}

@test "slice-tiles: a picture cut off anywhere is refused" {
  picture "${pictures[grey16i]}" >small.png
  expect 0 slice-tiles --tile 1 small.png -o fine
  truncation_rules small.png slice-tiles --tile 1 -o "$T/out"
}

@test "slice-tiles: a picture with any byte of its head changed is refused or read, never worse" {
  picture "${pictures[grey2]}" >small.png
  for i in $(seq 8 40); do
    { head -c "$i" small.png; printf '\xa5'; tail -c +$((i + 2)) small.png; } >changed.png
    run slice-tiles --tile 1 changed.png -o out
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
  done
}

@test "slice-tiles: outputs that fail" {
  plain_sheet sheet.png
  full_device_rules slice-tiles --tile 32 sheet.png
  draw-tilemaps -n 300 | montage --scale 1 --gap 0 --columns 30 -o large.png
  closed_pipe_rules slice-tiles --tile 32 -q large.png
  expect 1 slice-tiles --tile 32 sheet.png -o no/such/folder/out
}

@test "slice-tiles: tiles come out as they were drawn" {
  draw-tilemaps -n 6 -o drawn.npy
  plain_sheet sheet.png
  expect 0 slice-tiles --tile 32 sheet.png -o sliced.npy
  says '6 tiles, 6 kept, '
  [ -z "$output" ]
  same drawn.npy sliced.npy
  slice-tiles --tile 32 -q - <sheet.png >piped.npy
  same drawn.npy piped.npy
  expect 0 slice-tiles -q --tile 32 sheet.png -o sliced.npy
  [ -z "$stderr" ]
}

@test "slice-tiles: margins and spacings" {
  draw-tilemaps -n 6 -o drawn.npy
  for gap in 1 2 5; do
    spaced_sheet sheet.png $gap
    expect 0 slice-tiles --tile 32 --margin $gap --spacing $gap sheet.png -o sliced.npy
    same drawn.npy sliced.npy
  done
  spaced_sheet sheet.png 3
  expect 3 slice-tiles --tile 32 sheet.png -o out
  says 'sheet.png: 108 x 73 pixels do not divide into tiles of 32 x 32 with margin 0 and spacing 0'
  says 'tiles of 32 x 32 would with margin 3 and spacing 3'
  [ ! -e out ]
}

@test "slice-tiles: tiles of 1 pixel, tiles that are not square, the whole sheet" {
  picture "${pictures[grey8]}" >sheet.png
  expect 0 slice-tiles --tile 1 sheet.png -o out.npy
  says '24 tiles, 24 kept, 4 colours'
  run tensor print out.npy
  [ "${lines[3]}" = '255 255 255' ]
  expect 0 slice-tiles --tile 3x2 sheet.png -o out.npy
  run tensor info out.npy
  [[ $output = *'u8 [4, 2, 3, 3]'* ]]
  expect 0 slice-tiles --tile 6x4 sheet.png -o out.npy
  run tensor info out.npy
  [[ $output = *'u8 [1, 4, 6, 3]'* ]]
  same <(tensor print out.npy) <(tensor print sheet.png)
  expect 3 slice-tiles --tile 5 sheet.png
  expect 2 slice-tiles --tile 0 sheet.png
  expect 2 slice-tiles --tile 3x sheet.png
  expect 2 slice-tiles --tile -1 sheet.png
}

@test "slice-tiles: every kind of PNG holds the same tiles" {
  # The greys by their definition: (x*y + x + 2*y) mod 4, 85 apart.
  for y in 0 1 2 3; do
    for x in 0 1 2 3 4 5; do
      v=$(((x * y + x + 2 * y) % 4 * 85))
      printf '%d %d %d\n' $v $v $v
    done
  done >expected
  [ ${#pictures[@]} -eq 8 ]
  for kind in "${!pictures[@]}"; do
    picture "${pictures[$kind]}" >"$kind.png"
    slice-tiles -q --tile 6x4 "$kind.png" -o sliced.npy
    same <(tensor print sliced.npy | sed '/^$/d') expected
  done
}

@test "slice-tiles: transparency" {
  picture "$alpha_sheet" >sheet.png
  expect 0 slice-tiles --tile 2 sheet.png -o out.npy
  says '3 tiles, 1 fully transparent, 2 kept'
  colours ff0000 008000 000000 404040 0000ff 0000ff 0000ff 0a141e | npy expected.npy '|u1' '(2, 2, 2, 3)'
  same out.npy expected.npy
  slice-tiles -q --tile 2 --background 0000ff sheet.png -o out.npy
  colours ff0000 00807f 0000ff 4040ff 0000ff 0000ff 0000ff 0a141e | npy expected.npy '|u1' '(2, 2, 2, 3)'
  same out.npy expected.npy
  slice-tiles -q --tile 2 --keep-alpha sheet.png -o out.npy
  colours ff0000ff 00ff0080 00000000 ffffff40 0000ffff 0000ffff 0000ffff 0a141eff | npy expected.npy '|u1' '(2, 2, 2, 4)'
  same out.npy expected.npy
}

@test "slice-tiles: a key colour" {
  picture "$alpha_sheet" >sheet.png
  expect 0 slice-tiles --tile 2 --keep-alpha --transparent '#0a141e' sheet.png -o out.npy
  run tensor print out.npy
  [ "${lines[7]}" = '0 0 0 0' ]
  expect 0 slice-tiles --tile 1 --transparent 0000FF sheet.png -o out.npy
  says '12 tiles, 8 fully transparent, 1 without an opaque pixel, 3 kept'
  expect 2 slice-tiles --transparent blue sheet.png
}

@test "slice-tiles: density, flat and repeated tiles" {
  # Tiles of 2 x 2 with 0, 1, 2, 2 and 4 bright pixels.
  colours 000000 000000 ffffff 000000 ffffff ffffff ffffff ffffff ffffff ffffff \
    000000 000000 000000 000000 000000 000000 000000 000000 ffffff ffffff | npy sheet.npy '|u1' '(1, 2, 10, 3)'
  montage --scale 1 --gap 0 sheet.npy -o sheet.png
  expect 0 slice-tiles --tile 2 sheet.png -o out.npy
  says '5 tiles, 5 kept, 2 colours'
  says '2 of the kept ones have a single colour'
  expect 0 slice-tiles --tile 2 --density 0.25:0.5 sheet.png -o out.npy
  says '5 tiles, 2 outside the density, 3 kept'
  expect 0 slice-tiles --tile 2 --density 0.25:0.5 --distinct sheet.png -o out.npy
  says '5 tiles, 2 outside the density, 1 repeated, 2 kept'
  expect 0 slice-tiles --tile 2 --drop-flat sheet.png -o out.npy
  says '5 tiles, 2 of a single colour, 3 kept'
  expect 0 slice-tiles --tile 2 --density 1:1 sheet.png -o out.npy
  says '4 outside the density, 1 kept'
  rm out.npy
  expect 3 slice-tiles --tile 2 --density 0.6:0.9 sheet.png -o out.npy
  says 'none is left'
  [ ! -e out.npy ]
  expect 2 slice-tiles --density 0.5:0.2 sheet.png
  expect 2 slice-tiles --density 0:2 sheet.png
}

@test "slice-tiles: several sheets and folders, in the order of their names" {
  mkdir pack
  draw-tilemaps -n 3 -o drawn.npy
  for i in 0 1 2; do
    tensor slice drawn.npy $i:$((i + 1)) | montage --scale 1 --gap 0 -o "pack/tile-$i.PNG"
  done
  : >pack/readme.txt
  : >pack/.hidden.png
  expect 0 slice-tiles --tile 32 pack -o sliced.npy
  says '3 tiles in 3 sheets, 3 kept'
  same drawn.npy sliced.npy
  expect 0 slice-tiles --tile 32 pack/tile-2.PNG pack -o sliced.npy
  { tensor slice drawn.npy 2:3; cat drawn.npy; } | tensor slice - 0:4 -o expected.npy
  same sliced.npy expected.npy
  mkdir none
  expect 3 slice-tiles --tile 32 pack none
  says 'none: holds no .png files'
  picture "$alpha_sheet" >pack/zz.png
  expect 3 slice-tiles --tile 32 pack
  says 'pack/zz.png: 6 x 2 pixels do not divide'
}

# rows_of SHEET.png N OUT.png: its first N rows.
rows_of() {
  tensor slice "$1" 0:1 -o whole.npy
  local width
  width=$(tensor info whole.npy | sed -n 's/.*\[1, [0-9]*, \([0-9]*\), 3\].*/\1/p')
  tail -c +129 whole.npy | head -c $(($2 * width * 3)) | npy rows.npy '|u1' "(1, $2, $width, 3)"
  montage --scale 1 --gap 0 rows.npy -o "$3"
}

@test "slice-tiles: sheets with a rest" {
  plain_sheet sheet.png
  rows_of sheet.png 40 short.png
  expect 3 slice-tiles --tile 32 short.png -o out.npy
  says 'short.png: 96 x 40 pixels do not divide into tiles of 32 x 32 with margin 0 and spacing 0'
  says '3 x 1 whole tiles, and 8 pixels left over below'
  says '--rest drop leaves these out'
  [ ! -e out.npy ]
  # What it says helps, and is said.
  expect 0 slice-tiles --tile 32 --rest drop short.png -o out.npy
  says 'short.png: 96 x 40 pixels: 3 x 1 whole tiles, and 8 pixels left over below; these are left out'
  says '3 tiles, 3 kept'
  slice-tiles -q --tile 32 sheet.png | tensor slice - 0:3 -o expected.npy
  same out.npy expected.npy
  expect 0 slice-tiles --tile 32 --rest drop sheet.png -o out.npy
  [[ $stderr != *'left out'* ]]
  # A rest is no reason to overlook gaps.
  draw-tilemaps -n 18 | montage --scale 1 --gap 1 --columns 6 -o spaced.png
  expect 0 slice-tiles --tile 32 --rest drop spaced.png -o out2.npy
  says 'spaced.png: by its gaps, tiles of 32 x 32 lie with margin 1 and spacing 1'
  rm out2.npy
  expect 3 slice-tiles --tile 32 --rest skip short.png -o out2.npy
  says 'none is left'
  expect 2 slice-tiles --tile 32 --rest keep sheet.png
}

@test "slice-tiles: advice on gaps comes from the pixels, and helps" {
  draw-tilemaps -n 6 -o drawn.npy
  for gap in 1 2 5; do
    spaced_sheet sheet.png $gap
    expect 3 slice-tiles --tile 32 sheet.png -o out
    says "tiles of 32 x 32 would with margin $gap and spacing $gap"
  done
  # 32 + 32 + 32 + 8 would divide with margin 4, too, but there is no such gap.
  draw-tilemaps -n 8 | montage --scale 1 --gap 0 --columns 4 -o sheet.png
  expect 3 slice-tiles --tile 30 sheet.png -o out
  says '4 x 2 whole tiles, and 8 pixels left over at the right and 4 below'
  [[ $stderr != *'margin 4'* ]]
  # A rest where there are gaps.
  spaced_sheet sheet.png 2
  rows_of sheet.png 60 short.png
  expect 3 slice-tiles --tile 32 short.png -o out
  says 'its gaps are those of margin 2 and spacing 2: 3 x 1 whole tiles, and 24 pixels left over below, which --rest drop'
  expect 0 slice-tiles -q --tile 32 --margin 2 --spacing 2 --rest drop short.png -o out.npy
  tensor slice drawn.npy 0:3 -o expected.npy
  same out.npy expected.npy
  # A sheet that divides by chance: 15 tiles of 16 with gaps of 1 are 256 pixels.
  draw-sprites -q -n 225 -o set.npy
  montage --scale 1 --gap 1 --columns 15 set.npy -o sheet.png
  expect 0 slice-tiles --tile 16 sheet.png -o out.npy
  says 'sheet.png: by its gaps, tiles of 16 x 16 lie with margin 1 and spacing 1'
  expect 0 slice-tiles --tile 16 --margin 1 --spacing 1 sheet.png -o out.npy
  [[ $stderr != *gaps* ]]
  same out.npy set.npy
  montage --scale 1 --gap 0 --columns 15 set.npy -o sheet.png
  expect 0 slice-tiles --tile 16 sheet.png -o out.npy
  [[ $stderr != *gaps* ]]
  # Margins and spacings that differ in x and y.
  colours ff0000 00ff00 0000ff 111111 111111 111111 ffff00 00ffff ff00ff | npy a.npy '|u1' '(1, 3, 3, 3)'
  montage --scale 1 --gap 0 a.npy -o a.png
  expect 0 slice-tiles --tile 1 --spacing 0x1 a.png -o out.npy
  colours ff0000 00ff00 0000ff ffff00 00ffff ff00ff | npy expected.npy '|u1' '(6, 1, 1, 3)'
  same out.npy expected.npy
  expect 2 slice-tiles --tile 1 --spacing 0x-1 a.png
}

@test "slice-tiles: a folder with pictures of other sizes" {
  mkdir pack
  draw-tilemaps -n 3 -o drawn.npy
  for i in 0 1 2; do tensor slice drawn.npy $i:$((i + 1)) | montage --scale 1 --gap 0 -o "pack/$i.png"; done
  small b.npy
  montage --scale 1 --gap 0 b.npy -o pack/bubble.png
  expect 3 slice-tiles --tile 32 pack
  says 'pack/bubble.png: 4 x 2 pixels do not divide'
  says '--rest skip leaves such sheets out'
  cp pack/bubble.png pack/cloud.png
  expect 3 slice-tiles --tile 32 pack
  says '2 of 5 sheets do not divide into tiles of 32 x 32'
  says 'pack/bubble.png (4 x 2), pack/cloud.png (4 x 2)'
  expect 0 slice-tiles --tile 32 --rest skip pack -o out.npy
  says 'pack/bubble.png: 4 x 2 pixels: it is smaller than one tile; the sheet is left out'
  same out.npy drawn.npy
  rm pack/bubble.png pack/cloud.png
  expect 3 slice-tiles --tile 20 pack
  says 'all have that size; --tile 32 takes each whole'
  # What is no PNG is not passed over in silence.
  : >pack/jump.gif
  expect 0 slice-tiles --tile 32 pack -o out.npy
  says 'pack: 1 picture that is no .png is passed over (the first: jump.gif)'
  mkdir gifs
  : >gifs/a.gif
  : >gifs/b.aseprite
  expect 3 slice-tiles --tile 32 gifs
  says 'gifs: holds no .png files, expected a sheet or a folder of pictures: export its 2 other pictures as PNG (the first: a.gif)'
  mkdir -p outer/inner
  mv pack outer/inner
  expect 3 slice-tiles --tile 32 outer
  says 'outer: holds no .png files itself, expected a sheet or a folder of pictures: name the folders in it that hold some: outer/inner/pack'
  cp outer/inner/pack/0.png outer
  expect 0 slice-tiles --tile 32 outer -o out.npy
  says 'outer: the folders in it are passed over; name those whose pictures are wanted, too: outer/inner/pack'
  says '1 tile, 1 kept'
}

@test "slice-tiles: a key colour that matches nothing, or nearly" {
  # Two tiles of 3 x 3: a red middle on fc00f6; and with one pixel of the ground that is fc00f7.
  g=fc00f6
  colours $g $g $g $g $g $g $g ff0000 $g $g ff0000 $g $g $g $g $g $g $g | npy a.npy '|u1' '(1, 3, 6, 3)'
  montage --scale 1 --gap 0 a.npy -o a.png
  expect 0 slice-tiles --tile 3 --transparent ff00ff a.png -o out.npy
  says '--transparent ff00ff matches no pixel; most frequent at the tiles'"'"' edges is fc00f6, of 100 % of their pixels: --transparent fc00f6, or --tolerance 9 for all that is as near'
  # Both that it says help.
  expect 0 slice-tiles --tile 3 --keep-alpha --transparent fc00f6 a.png -o key.npy
  [[ $stderr != *'matches no pixel'* && $stderr != *nearly* ]]
  expect 0 slice-tiles --tile 3 --keep-alpha --transparent ff00ff --tolerance 9 a.png -o near.npy
  same key.npy near.npy
  [ "$(tensor print key.npy | grep -c '^0 0 0 0$')" -eq 16 ]
  expect 0 slice-tiles --tile 3 --transparent ff00ff --tolerance 8 a.png -o out.npy
  says 'matches no pixel'
  # No colour was named, and there is one.
  expect 0 slice-tiles --tile 3 a.png -o out.npy
  says '100 % of the pixels at the tiles'"'"' edges are fc00f6; if that is the ground and no part of the sprites, --transparent fc00f6'
  expect 0 slice-tiles --tile 3 --background fc00f6 a.png -o out.npy
  [[ $stderr != *'edges are'* ]]
  colours $g $g $g $g $g $g fc00f7 ff0000 $g $g ff0000 $g $g $g $g $g $g $g | npy b.npy '|u1' '(1, 3, 6, 3)'
  montage --scale 1 --gap 0 b.npy -o b.png
  expect 0 slice-tiles --tile 3 --transparent fc00f6 b.png -o out.npy
  says '1 pixel is nearly fc00f6 and stays opaque; if that is the ground, too, --tolerance 1 takes it'
  plain_sheet c.png
  slice-tiles -q --tile 32 c.png -o /dev/null
  expect 0 slice-tiles --tile 3 --transparent fc00f6 a.png b.png -o out.npy
  [[ $stderr != *'no pixel of'* ]]
  montage --scale 1 --gap 0 --background 000000 --columns 3 <(colours 123456 | npy /dev/stdout '|u1' '(1, 1, 1, 3)') -o d.png
  montage --scale 3 --gap 0 d.png -o e.png
  expect 0 slice-tiles --tile 3 --transparent fc00f6 a.png e.png -o out.npy
  says '1 of 2 sheets has no pixel of fc00f6 (the first: e.png)'
  # One that is in the sprites, and not the ground.
  expect 0 slice-tiles --tile 3 --transparent ff0000 a.png -o out.npy
  says '100 % of the pixels at the tiles'"'"' edges are fc00f6'
  expect 2 slice-tiles --tile 3 --tolerance 4 a.png
  says '--tolerance is for --transparent'
}

@test "slice-tiles: outlines of the background's colour" {
  # A red pixel in a black outline on nothing.
  n=00000000 k=000000ff
  colours $n $k $n $k ff0000ff $k $n $k $n | npy a.npy '|u1' '(1, 3, 3, 4)'
  montage --scale 1 --gap 0 --keep-alpha a.npy -o a.png
  expect 0 slice-tiles --tile 3 a.png -o out.npy
  says '100 % of the sprites'"'"' outlines have the colour of the background that they are laid over (000000), and vanish'
  says '1 kept, 2 colours'
  for help in --keep-alpha '--background 808080'; do
    # shellcheck disable=SC2086
    expect 0 slice-tiles --tile 3 $help a.png -o out.npy
    [[ $stderr != *outlines* ]]
  done
  expect 0 slice-tiles --tile 3 --keep-alpha a.png -o out.npy
  says '1 tile, 1 kept, 2 colours and the transparent one'
}

@test "slice-tiles: tiles without an opaque pixel are empty" {
  n=00000000
  colours $n 09090901 ff0000ff $n $n $n $n 00ff0080 | npy a.npy '|u1' '(1, 2, 4, 4)'
  montage --scale 1 --gap 0 --keep-alpha a.npy -o a.png
  for alpha in '' --keep-alpha; do
    # shellcheck disable=SC2086
    expect 0 slice-tiles --tile 2 $alpha a.png -o out.npy
    says '2 tiles, 1 without an opaque pixel, 1 kept'
  done
  # So many are left after snapping, too.
  printf 'ff0000\n00ff00\n' >p.hex
  snap -q -p p.hex out.npy -o snapped.npy
  [ "$(tensor print snapped.npy | grep -c '255$')" -eq 2 ]
}

@test "slice-tiles: enlarged pixel art is made small" {
  draw-tilemaps -n 6 -o drawn.npy
  montage --scale 3 --gap 0 --columns 3 drawn.npy -o large.png
  expect 0 slice-tiles --tile 96 --shrink 3 large.png -o out.npy
  same out.npy drawn.npy
  montage --scale 3 --gap 1 --columns 3 drawn.npy -o spaced.png
  expect 0 slice-tiles --tile 96 --margin 3 --spacing 3 --shrink 3 spaced.png -o out.npy
  same out.npy drawn.npy
  draw-sprites -q -n 4 | montage --scale 1 --gap 0 --columns 2 -o plain.png
  rm out.npy
  expect 3 slice-tiles --tile 16 --shrink 2 plain.png -o out.npy
  says 'plain.png: the block of 2 x 2 pixels at '
  says 'is not of one colour'
  [ ! -e out.npy ]
  expect 2 slice-tiles --tile 16 --shrink 3 plain.png
  says "--shrink 3: expected a divisor of the tile's sides, 16 and 16"
}

@test "slice-tiles: pictures of other kinds are named, with a way out" {
  printf 'GIF89a\1\0\1\0' >a.png
  expect 3 slice-tiles a.png -o out.npy
  says 'a.png: is a GIF picture, expected a PNG picture: '
  printf '\x80\0\0\0\xe0\xa5\1\0' >a.aseprite
  expect 3 slice-tiles a.aseprite -o out.npy
  says 'a.aseprite: ends at byte 8 in the middle of its header'
  draw-tilemaps -n 2 -o a.npy
  expect 3 slice-tiles a.npy -o out.npy
  says 'is an .npy array, expected a PNG picture: montage makes a sheet'
  [ ! -e out.npy ]
}

@test "slice-tiles: bytes behind the picture" {
  plain_sheet sheet.png
  slice-tiles -q --tile 32 sheet.png -o expected.npy
  { cat sheet.png && printf '\0\0'; } >more.png
  expect 0 slice-tiles --tile 32 more.png -o out.npy
  says ': 2 bytes behind the end of the PNG picture: passed over'
  same out.npy expected.npy
  expect 0 slice-tiles --tile 32 - -o out.npy <more.png
  mkdir many
  for i in {1..30}; do cp more.png "many/$i.png"; done
  expect 0 slice-tiles --tile 32 many -o many.npy
  [ "$(grep -c 'passed over$' <<<"$stderr")" -eq 16 ]
  says 'such remarks on further pictures are left out'
  rm out.npy
  expect 3 bash -c 'cat more.png | slice-tiles --tile 32 - -o out.npy'
  says 'there are bytes behind the end of the PNG picture'
  [ ! -e out.npy ]
}

@test "slice-tiles: more than 256 colours" {
  # 300 tiles of a colour each.
  for i in $(seq 0 299); do
    printf '%02x%02x00 ' $((i % 256)) $((i / 256))
  done >hex
  # shellcheck disable=SC2046
  colours $(cat hex) | npy many.npy '|u1' '(300, 1, 1, 3)'
  montage --scale 1 --gap 0 --columns 20 many.npy -o sheet.png
  expect 0 slice-tiles --tile 1 sheet.png -o out.npy
  says '300 kept, more than 256 colours'
  same out.npy many.npy
}

@test "slice-tiles: golden" {
  plain_sheet sheet.png
  slice-tiles -q --tile 16x8 --distinct sheet.png -o out.npy
  [ "$(sha out.npy)" = f451dcf02135473d5ca1d0e7915280403e220b42301998a994a450e28d8dd218 ]
}

@test "slice-tiles --frames: tiles side by side are one sprite, whatever lies between them" {
  draw-sprites -q -n 4 --frames 4 -o walk.npy
  montage -q --scale 1 --gap 0 --columns 2 walk.npy -o sheet.png
  slice-tiles -q --tile 16 --frames 4x1 sheet.png -o again.npy
  same again.npy walk.npy
  # With gaps and a margin, and two rows of two.
  slice-tiles -q --tile 16 sheet.png -o tiles.npy
  montage -q --scale 1 --gap 3 --columns 4 tiles.npy -o gaps.png
  slice-tiles -q --tile 16 --spacing 3 --margin 3 --frames 4x1 gaps.png -o again.npy
  same again.npy walk.npy
  slice-tiles -q --tile 16 --spacing 3 --margin 3 --frames 2x2 gaps.png -o square.npy
  [[ $(tensor info square.npy) = *'u8 [4, 32, 32, 3]'* ]]
  slice-tiles -q --tile 16 <(montage -q --scale 1 --gap 0 --columns 1 square.npy) -o parts.npy
  same <(tensor slice parts.npy 0:2) <(tensor slice tiles.npy 0:2)
  same <(tensor slice parts.npy 2:4) <(tensor slice tiles.npy 4:6)
  expect 3 slice-tiles --tile 16 --frames 3x1 sheet.png -o out
  says 'sheet.png: its 8 x 2 tiles do not divide into sprites of 3 x 1 frames'
  expect 2 slice-tiles --tile 16 --frames 0x1 sheet.png -o out
  [ ! -e out ]
}

# export-sprites: files that editors and engines open, read back by other programs where they are at hand.

load common
load pixels

# alpha FILE: two sprites of 2 x 2: red, nothing / blue, red; nothing, red / red, red.
alpha() {
  colours ff0000ff 00000000 0000ffff ff0000ff 00000000 ff0000ff ff0000ff ff0000ff | npy "$1" '|u1' '(2, 2, 2, 4)'
}

# chunk FILE NAME: the content of the first chunk of that name of a PNG, in hexadecimal.
chunk() {
  local at length
  at=$(grep -abo "$2" "$1" | head -n 1 | cut -d: -f1)
  [ -n "$at" ] || return 0
  length=$((16#$(od -An -tx1 -j $((at - 4)) -N 4 "$1" | tr -d ' ')))
  od -An -v -tx1 -j $((at + 4)) -N "$length" "$1" | tr -d ' \n'
}

# colour_type FILE: 2 RGB, 3 indexed, 6 RGBA.
colour_type() { od -An -tu1 -j25 -N1 "$1" | tr -d ' '; }

# with_pillow: skips the test where there is none.
with_pillow() { python3 -c 'import numpy, PIL' 2>/dev/null || skip 'no python3 with numpy and Pillow'; }

# exported PICTURE SPRITES SCALE [FORMAT [KEY=VALUE]...]: Pillow reads exactly the sprites.
exported() { python3 "$REPO/tests/exported.py" "$@"; }

@test "export-sprites: what every tool does" {
  usage_rules export-sprites
  small a.npy
  expect 2 export-sprites --scale 0 a.npy
  expect 2 export-sprites --transparent red a.npy -o x.png
  expect 2 export-sprites --spacing -1 a.npy -o x.png
  expect 2 export-sprites --delay 0 a.npy -o x.gif
  [ ! -e x.png ]
  npy none.npy '|u1' '(0, 4, 4, 3)' </dev/null
  for ending in png gif apng; do
    expect 3 export-sprites none.npy -o x.$ending
    says 'none.npy: holds no sprites'
  done
}

@test "export-sprites: bad files, and inputs that are cut off" {
  bad_file_rules export-sprites -o "$T/out"
  small a.npy
  truncation_rules a.npy export-sprites -o "$T/out"
  expect 3 export-sprites --palette a.npy a.npy -o out
  expect 3 export-sprites --each none --labels a.npy a.npy
  [ ! -e none ]
}

@test "export-sprites: outputs that fail" {
  small a.npy
  full_device_rules export-sprites a.npy
  mkdir folder.gif
  expect 1 export-sprites a.npy -o folder.gif
  # What was there stays where a new one cannot be made.
  printf old >sheet.png
  expect 3 export-sprites none.npy -o sheet.png
  [ "$(cat sheet.png)" = old ]
}

@test "export-sprites: the sheet, pixel by pixel" {
  alpha a.npy
  # sheet_is ROW...: letters for the pixels of sheet.png.
  sheet_is() {
    local row letter
    for row in "$@"; do
      for letter in $row; do
        case $letter in
          .) echo 0 0 0 0 ;;
          r) echo 255 0 0 255 ;;
          b) echo 0 0 255 255 ;;
        esac
      done
    done >expected
    same <(tensor print sheet.png | sed '/^$/d') expected
  }
  export-sprites --columns 2 a.npy -o sheet.png
  sheet_is 'r . . r' 'b r r r'
  export-sprites --columns 1 --spacing 1 a.npy -o sheet.png
  sheet_is 'r .' 'b r' '. .' '. r' 'r r'
  export-sprites --columns 2 --spacing 1 --margin 1 a.npy -o sheet.png
  sheet_is '. . . . . . .' '. r . . . r .' '. b r . r r .' '. . . . . . .'
  export-sprites --columns 2 --extrude 1 a.npy -o sheet.png
  sheet_is 'r r . . . . r r' 'r r . . . . r r' 'b b r r r r r r' 'b b r r r r r r'
  export-sprites --columns 2 --scale 2 --extrude 1 --spacing 1 --margin 1 <(tensor slice a.npy 0:1) -o sheet.png
  sheet_is '. . . . . . . .' '. r r r . . . .' '. r r r . . . .' '. r r r . . . .' '. b b b r r r .' '. b b b r r r .' \
    '. b b b r r r .' '. . . . . . . .'
  # Five in two columns: the last cell is empty. On its own a sheet is about square.
  tensor concat a.npy a.npy <(tensor slice a.npy 0:1) -o five.npy
  export-sprites --columns 2 five.npy -o sheet.png
  sheet_is 'r . . r' 'b r r r' 'r . . r' 'b r r r' 'r . . .' 'b r . .'
  export-sprites five.npy -o sheet.png
  sheet_is 'r . . r r .' 'b r r r b r' '. r r . . .' 'r r b r . .'
  same <(export-sprites five.npy) sheet.png
  same <(export-sprites <five.npy) sheet.png
}

@test "export-sprites: with --palette its order and its unused colours stay" {
  alpha a.npy
  printf '123456\n0000ff\n00000000\nff0000\nabcdef\n' >p.hex
  expect 0 export-sprites -p p.hex --columns 2 --spacing 1 a.npy -o sheet.png
  [ -z "$stderr" ]
  [ "$(chunk sheet.png PLTE)" = 1234560000ff000000ff0000abcdef ]
  [ "$(chunk sheet.png tRNS)" = ffff00 ]
  export-sprites --columns 2 --spacing 1 a.npy -o plain.png
  [ "$(colour_type plain.png)" -eq 6 ]
  [ "$(content sheet.png)" = "$(content plain.png)" ]
  # Without a transparent entry one stands behind, where it is needed.
  printf '123456\n0000ff\nff0000\n' >p.hex
  expect 0 export-sprites -p p.hex a.npy -o sheet.png
  says 'the palette has no transparent colour: one stands behind its 3'
  [ "$(chunk sheet.png PLTE)" = 1234560000ffff0000000000 ]
  [ "$(chunk sheet.png tRNS)" = ffffff00 ]
  small b.npy
  printf '000000\n0000ff\nff0000\n00ff00\n' >four.hex
  expect 0 export-sprites -p four.hex b.npy -o sheet.png
  [ -z "$stderr$(chunk sheet.png tRNS)" ]
  expect 0 export-sprites -p four.hex --margin 1 b.npy -o sheet.png
  says 'one stands behind its 4'
  # 256 colours leave no room for it.
  for ((i = 0; i < 254; i++)); do printf '%02x0001\n' "$i"; done >many.hex
  printf 'ff0000\n0000ff\n' >>many.hex
  expect 3 export-sprites -p many.hex a.npy -o none.png
  says 'a.npy: some pixels are transparent, and the palette has 256 colours and no transparent one'
  expect 0 export-sprites -p many.hex --transparent 050001 a.npy -o sheet.png
  [ "$(content sheet.png)" = "$(content <(export-sprites a.npy))" ]
  expect 0 export-sprites -p p.hex --rgba a.npy -o sheet.png
  [ "$(colour_type sheet.png)" -eq 6 ]
  same <(tensor print sheet.png) <(export-sprites a.npy | tensor print -)
}

@test "export-sprites: colours outside the palette are named, with their sprite and place" {
  alpha a.npy
  printf '000000\n0000ff\n' >p.hex
  for name in x.png x.gif x.apng; do
    expect 3 export-sprites -p p.hex a.npy -o $name
    says 'a.npy: sprite 0, x 0, y 0: the colour ff0000 is not in the palette of 2, and in all 5 pixels are not: snap --palette'
    [ ! -e $name ]
  done
  printf 'ff0000\n' >p.hex
  expect 3 export-sprites -p p.hex --rgba a.npy -o x.png
  says 'a.npy: sprite 0, x 0, y 1: the colour 0000ff is not in the palette of 1, and this pixel alone is not'
  colours 010203ff 01020380 | npy half.npy '|u1' '(1, 1, 2, 4)'
  printf '010203\n' >p.hex
  expect 3 export-sprites -p p.hex half.npy -o x.png
  says 'half.npy: sprite 0, x 1, y 0: the colour 01020380 is not in the palette'
  [ ! -e x.png ]
}

@test "export-sprites: --transparent makes a colour so" {
  small a.npy
  printf '0000ff\n000000\nff0000\n00ff00\n' >p.hex
  export-sprites -p p.hex --transparent ff0000 a.npy -o sheet.png
  [ "$(chunk sheet.png PLTE)" = 0000ff000000ff000000ff00 ]
  [ "$(chunk sheet.png tRNS)" = ffff00 ]
  export-sprites --transparent '#f00' a.npy -o plain.png
  [ "$(content sheet.png)" = "$(content plain.png)" ]
  [ "$(tensor print plain.png | sed '/^$/d' | grep -c '^0 0 0 0$')" -eq 2 ]
  expect 0 export-sprites --transparent 123456 a.npy -o plain.png
  says '--transparent 123456 matches no pixel'
  expect 3 export-sprites -p p.hex --transparent 123456 a.npy -o x.png
  says '--transparent 123456 is not in the palette'
  printf '00000000\n' >>p.hex
  expect 3 export-sprites -p p.hex --transparent ff0000 a.npy -o x.png
  says 'the palette has a transparent colour already'
  [ ! -e x.png ]
}

@test "export-sprites: what lies beside the sheet tells where the tiles are" {
  draw-sprites -q -n 23 --keep-alpha -o set.npy
  expect 0 export-sprites --columns 5 --scale 2 --spacing 1 --margin 4 --extrude 2 set.npy -o sheet.png \
    --aseprite sheet.json --tiled sheet.tsx --godot sheet.tres --delay 80
  # 32 + 1 + 2 * 2 from tile to tile, and 4 + 2 before the first: so the sprites come back.
  slice-tiles -q --tile 32 --spacing 5 --margin 6 --shrink 2 --keep-alpha sheet.png -o again.npy
  same set.npy again.npy
  printf '%s\n' '<?xml version="1.0" encoding="UTF-8"?>' \
    '<tileset version="1.10" name="sheet" tilewidth="32" tileheight="32" spacing="5" margin="6" tilecount="25" columns="5">' \
    ' <image source="sheet.png" width="192" height="192"/>' '</tileset>' >expected
  same sheet.tsx expected
  {
    printf '%s\n' '[gd_resource type="TileSet" load_steps=3 format=3]' '' \
      '[ext_resource type="Texture2D" path="sheet.png" id="1"]' '' \
      '[sub_resource type="TileSetAtlasSource" id="TileSetAtlasSource_1"]' 'texture = ExtResource("1")' \
      'margins = Vector2i(6, 6)' 'separation = Vector2i(5, 5)' 'texture_region_size = Vector2i(32, 32)'
    for ((i = 0; i < 23; i++)); do echo "$((i % 5)):$((i / 5))/0 = 0"; done
    printf '%s\n' '' '[resource]' 'tile_size = Vector2i(32, 32)' 'sources/0 = SubResource("TileSetAtlasSource_1")'
  } >expected
  same sheet.tres expected
  grep -q '"frame": { "x": 43, "y": 6, "w": 32, "h": 32 }' sheet.json
  command -v jq >/dev/null || skip 'no jq'
  for ((i = 0; i < 23; i++)); do
    printf '%03d.png %d %d 32 32 0 0 32 32 32 32 80\n' $i $((6 + i % 5 * 37)) $((6 + i / 5 * 37))
  done >expected
  jq -r '.frames[] | [.filename, .frame.x, .frame.y, .frame.w, .frame.h, .spriteSourceSize.x, .spriteSourceSize.y,
    .spriteSourceSize.w, .spriteSourceSize.h, .sourceSize.w, .sourceSize.h, .duration] | join(" ")' sheet.json >found
  same found expected
  [ "$(jq -c '.meta | del(.version)' sheet.json)" = \
    '{"app":"pixelmill","image":"sheet.png","format":"RGBA8888","size":{"w":192,"h":192},"scale":"1"}' ]
}

# map_of TILESET COLUMNS ROWS: a Tiled map that shows every tile of a tileset, as the sheet has them.
map_of() {
  printf '<map version="1.8" orientation="orthogonal" renderorder="right-down" width="%d" height="%d" tilewidth="%d" tileheight="%d" infinite="0">\n' \
    "$2" "$3" 16 16
  printf '<tileset firstgid="1" source="%s"/><layer id="1" name="all" width="%d" height="%d"><data encoding="csv">' "$1" "$2" "$3"
  seq 1 $(($2 * $3)) | paste -sd,
  echo '</data></layer></map>'
}

@test "export-sprites: Tiled itself draws every tile, and knows its class" {
  command -v tiled >/dev/null && command -v tmxrasterizer >/dev/null || skip 'no tiled'
  export QT_QPA_PLATFORM=offscreen
  draw-sprites -q --set terrain -n 30 --labels labels.npy --names names.txt -o set.npy
  export-sprites --columns 6 --spacing 1 --margin 2 --extrude 1 --labels labels.npy --names names.txt set.npy -o sheet.png \
    --tiled sheet.tsx
  map_of sheet.tsx 6 5 >all.tmx
  tmxrasterizer all.tmx drawn.png
  slice-tiles -q --tile 16 drawn.png -o drawn.npy
  same set.npy drawn.npy
  tiled --export-tileset json sheet.tsx sheet.json
  grep -o '"type":"[a-z]*"' sheet.json | head -n 10 | cut -d'"' -f4 | diff names.txt -
}

@test "export-sprites: a parser of Godot's files reads the tileset" {
  python3 -c 'import godot_parser' 2>/dev/null || skip 'no python3 with godot_parser'
  draw-sprites -q -n 30 --labels labels.npy --names names.txt -o set.npy
  export-sprites --columns 6 --spacing 1 --margin 2 --extrude 1 --labels labels.npy --names names.txt set.npy -o sheet.png \
    --godot sheet.tres
  python3 -c 'import godot_parser
resource = godot_parser.load("sheet.tres")
atlas = resource.find_section("sub_resource")
print(resource.find_section("ext_resource").path, atlas["margins"], atlas["separation"], atlas["texture_region_size"])
for i in range(30):
    print(atlas[f"{i % 6}:{i // 6}/0/custom_data_0"])' >read
  { echo 'sheet.png Vector2i( 3, 3 ) Vector2i( 3, 3 ) Vector2i( 16, 16 )' && cat names.txt names.txt; } >expected
  same read expected
}

@test "export-sprites: classes are tags, types and data, and their names are quoted" {
  small a.npy
  tensor concat a.npy a.npy -o four.npy
  printf '\0\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0' | npy labels.npy '<i4' '(4,)'
  printf '%s\n' 'a "b" \ <c> & d' 'sw/ord é' >names.txt
  expect 0 export-sprites --columns 2 --labels labels.npy --names names.txt four.npy -o s.png --aseprite s.json --tiled s.tsx \
    --godot s.tres --each all
  grep -qF '0:0/0/custom_data_0 = "a \"b\" \\ <c> & d"' s.tres
  grep -qF '1:0/0/custom_data_0 = "sw/ord é"' s.tres
  grep -qx 'custom_data_layer_0/name = "class"' s.tres
  grep -qF ' <tile id="0" type="a &#34;b&#34; \ &#60;c&#62; &#38; d"/>' s.tsx
  [ "$(ls all)" = "$(printf '%s\n' 'a _b_ _ _c_ & d-000.png' 'a _b_ _ _c_ & d-003.png' 'sw_ord é-001.png' 'sw_ord é-002.png')" ]
  if command -v xmllint >/dev/null; then
    [ "$(xmllint --xpath 'string(/tileset/tile[@id=3]/@type)' s.tsx)" = 'a "b" \ <c> & d' ]
    [ "$(xmllint --xpath 'string(/tileset/tile[@id=2]/@type)' s.tsx)" = 'sw/ord é' ]
    [ "$(xmllint --xpath 'count(/tileset/tile)' s.tsx)" = 4 ]
  fi
  if command -v jq >/dev/null; then
    # A tag for each run.
    [ "$(jq -c '[.meta.frameTags[] | [.name, .from, .to]]' s.json)" = \
      '[["a \"b\" \\ <c> & d",0,0],["sw/ord é",1,2],["a \"b\" \\ <c> & d",3,3]]' ]
    [ "$(jq -r '.frames[1].filename' s.json)" = 'sw_ord é-001.png' ]
  fi
  # Without names classes are called by their numbers.
  export-sprites --labels labels.npy four.npy -o s.png --tiled s.tsx
  grep -qF '<tile id="1" type="class-1"/>' s.tsx
  expect 3 export-sprites --labels labels.npy a.npy -o s.png --tiled s.tsx
  says 'expected i32 [2]: a label for each sprite of a.npy'
}

@test "export-sprites: each sprite as a file of its own" {
  alpha a.npy
  expect 0 export-sprites --each out/new a.npy
  [ -z "$output" ]
  [ "$(ls out/new)" = $'000.png\n001.png' ]
  [ "$(tensor print out/new/001.png | sed '/^$/d' | xargs)" = '0 0 0 0 255 0 0 255 255 0 0 255 255 0 0 255' ]
  printf '0000ff\nff0000\n00000000\n' >p.hex
  export-sprites -q -p p.hex --scale 3 --each out/new a.npy -o sheet.png
  [ "$(chunk out/new/001.png PLTE)" = 0000ffff0000000000 ]
  [[ $(tensor info out/new/001.png) == *'[1, 6, 6, 4]'* ]]
  extract-palette -q out/new -o found.hex
  extract-palette -q a.npy -o expected.hex
  same found.hex expected.hex
  # Files that were there stay.
  touch out/new/mine.txt
  export-sprites --each out/new a.npy
  [ -e out/new/mine.txt ]
}

@test "export-sprites: GIF and APNG hold the sprites as frames" {
  with_pillow
  draw-sprites -q -n 20 --keep-alpha -o set.npy
  extract-palette -q set.npy -o p.gpl
  export-sprites --scale 3 --delay 40 set.npy -o a.gif
  exported a.gif set.npy 3 GIF frames=20 duration=40 loop=0
  export-sprites --scale 3 --delay 45 set.npy -o a.apng
  exported a.apng set.npy 3 PNG frames=20 duration=45.0 loop=0
  for ending in gif apng; do
    export-sprites --plays 1 set.npy -o b.$ending
    exported b.$ending set.npy 1
    export-sprites -p p.gpl --plays 3 set.npy -o c.$ending
    exported c.$ending set.npy 1
  done
  exported b.gif set.npy 1 GIF loop=None
  exported b.apng set.npy 1 PNG loop=1
  exported c.gif set.npy 1 GIF loop=2
  exported c.apng set.npy 1 PNG loop=3
  [ "$(colour_type c.apng)" -eq 3 ]
  export-sprites -p p.gpl set.npy -o sheet.png
  [ "$(chunk c.apng PLTE)" = "$(chunk sheet.png PLTE)" ]
  # The palette's order in a GIF, too: the table stands behind its 13 bytes.
  [ "$(od -An -v -tx1 -j13 -N48 c.gif | tr -d ' \n')" = "$(chunk c.apng PLTE)" ]
}

@test "export-sprites: hard animations" {
  with_pillow
  # 256 colours at random, so that codes run out; one colour, so that strings are long; 1 x 1; odd sizes; half alpha.
  python3 - <<'PY'
import numpy
g = numpy.random.default_rng(1)
colours = numpy.stack([numpy.arange(257) % 256, numpy.arange(257) // 256, 7 * numpy.ones(257)], -1).astype("u1")
numpy.save("noise.npy", colours[g.integers(0, 256, (3, 150, 171))])
numpy.save("flat.npy", numpy.zeros((1, 300, 301, 3), "u1"))
numpy.save("one.npy", colours[:1].reshape(1, 1, 1, 3))
numpy.save("two.npy", colours[g.integers(0, 2, (2, 9, 5))])
numpy.save("dots.npy", colours[:256].reshape(256, 1, 1, 3))
numpy.save("odd.npy", colours[g.integers(0, 5, (7, 5, 3))])
numpy.save("many.npy", colours.reshape(257, 1, 1, 3))
numpy.save("half.npy", g.integers(0, 256, (2, 3, 4, 4)).astype("u1"))
clear = numpy.zeros((256, 1, 1, 4), "u1")
clear[:255, 0, 0, :3], clear[:255, ..., 3] = colours[:255], 255
numpy.save("clear.npy", clear)
PY
  for set in noise flat one two dots odd clear; do
    export-sprites $set.npy -o a.gif
    exported a.gif $set.npy 1 GIF
  done
  for set in noise flat one two dots odd clear many half; do
    export-sprites $set.npy -o a.apng
    exported a.apng $set.npy 1 PNG
  done
  expect 3 export-sprites many.npy -o b.gif
  says 'many.npy: the sprites have more than 256 colours, and a GIF has at most as many: write it as .apng, or bring them'
  expect 3 export-sprites half.npy -o b.gif
  says 'is half transparent, and a GIF knows none: write it as .apng, or snap --palette'
  [ ! -e b.gif ]
  export-sprites half.npy -o sheet.png --columns 1
  [ "$(tensor print sheet.png | wc -l)" -ge 24 ]
  # A key colour takes the transparent one's place where there is one already.
  export-sprites --transparent 000007 clear.npy -o b.gif
  python3 -c 'import numpy; a = numpy.load("clear.npy"); a[0] = 0; numpy.save("keyed.npy", a)'
  exported b.gif keyed.npy 1
}

@test "export-sprites: a plain PNG reader sees the first frame of an APNG" {
  alpha a.npy
  export-sprites a.npy -o a.apng
  expect 0 tensor print a.apng
  [ "$(sed '/^$/d' <<<"$output" | xargs)" = '255 0 0 255 0 0 0 0 0 0 255 255 255 0 0 255' ]
  says 'a.apng: is an animation (APNG) of 2 frames, of which the first is read'
}

@test "export-sprites: golden, and the same bytes wherever they are written" {
  small a.npy
  mkdir one two
  cp a.npy two/b.npy
  printf 'ff0000\n00ff00\n0000ff\n000000\n' >p.hex
  cp p.hex two/q.hex
  for ending in png gif apng; do
    export-sprites -q -p p.hex --scale 2 a.npy -o one/s.$ending
    (cd two && export-sprites -q -p q.hex --scale 2 - -o s.$ending <b.npy)
    same one/s.$ending two/s.$ending
    grep -aq 'pixelmill export-sprites' one/s.$ending
    grep -aq 'scale=2' one/s.$ending
    grep -aq "$(content a.npy)" one/s.$ending
    run grep -ac 'a\.npy\|b\.npy\|hex' one/s.$ending
    [ "$output" -eq 0 ]
  done
  colours 000000 ff0000 | npy tiny.npy '|u1' '(2, 1, 1, 3)'
  export-sprites tiny.npy -o tiny.gif
  # Header, table, Netscape's extension; then comments; and of the last frame a control, a place, and codes 4 1 5.
  [ "$(head -c 19 tiny.gif | od -An -v -tx1 | tr -d ' \n')" = 47494638396101000100800000000000ff0000 ]
  [ "$(tail -c 24 tiny.gif | od -An -v -tx1 | tr -d ' \n')" = 21f904040a0000002c00000000010001000002024c01003b ]
}

@test "export-sprites: names that promise something else, and two outputs in one place" {
  small a.npy
  for name in x.jpg x.npy x.tsx x.aseprite x.txt; do
    expect 2 export-sprites a.npy -o $name
    says 'what goes there is a sheet, expected .png, or an animation, expected .gif or .apng'
  done
  expect 2 export-sprites a.npy -o x.png --aseprite x.tsx
  expect 2 export-sprites a.npy -o x.png --tiled x.json
  expect 2 export-sprites a.npy -o x.png --godot x.png
  expect 2 export-sprites a.npy -o x.png --each x.png
  says 'is the name of a PNG picture'
  expect 2 montage a.npy -o x.apng
  expect 2 export-sprites a.npy -o x --tiled ./x
  says '--tiled and --output cannot both go to x'
  expect 2 export-sprites a.npy --each . -o 001.png
  says '001.png is one of the files of --each, too'
  mkdir other
  expect 2 export-sprites a.npy -o x.png --tiled other/x.tsx
  says '--tiled other/x.tsx: lies in another folder than the sheet x.png, which it names, expected the same'
  expect 0 export-sprites a.npy -o other/x.png --tiled "$T/other/x.tsx"
  for where in '' '-o x.gif' '-o -'; do
    # shellcheck disable=SC2086
    expect 2 export-sprites a.npy $where --godot x.tres
    says '--godot describes a sheet, expected -o FILE.png with it'
  done
  [ -z "$(ls x* 2>/dev/null)" ]
}

@test "export-sprites: options where they do nothing are refused" {
  small a.npy
  expect 2 export-sprites a.npy -o x.gif --columns 2
  says '--columns is for a sheet'
  expect 2 export-sprites a.npy --each x --spacing 2
  expect 2 export-sprites a.npy -o x.png --plays 2
  says '--plays is for an animation'
  expect 2 export-sprites a.npy -o x.png --delay 20
  expect 2 export-sprites a.npy -o x.gif --rgba
  expect 2 export-sprites a.npy -o x.gif --delay 25
  says '--delay 25: a GIF counts in steps of 10 milliseconds, expected 20 or 30'
  expect 2 export-sprites a.npy -o x.png --labels l.npy
  says '--labels is for --each, --aseprite, --tiled and --godot'
  expect 2 export-sprites a.npy -o x.png --tiled x.tsx --names n.txt
  # Tiled would see a third column and row.
  expect 2 export-sprites a.npy -o x.png --margin 2 --tiled x.tsx
  says 'Tiled would take a margin of 2 for more tiles of 2 x 2'
  [ -z "$(ls x* 2>/dev/null)" ]
}

@test "export-sprites: many sprites, and sheets that are too large" {
  draw-sprites -q -n 10000 -o many.npy
  export-sprites many.npy -o sheet.png --tiled sheet.tsx
  slice-tiles -q --tile 16 sheet.png -o again.npy
  same many.npy again.npy
  grep -q 'tilecount="10000" columns="100"' sheet.tsx
  expect 3 export-sprites --scale 16 many.npy -o x.png
  says 'the sheet would have 25600 x 25600 pixels, expected at most 16384 a side'
  expect 3 export-sprites --scale 16 many.npy -o x.gif
  says 'there would be 10000 pictures of 256 x 256 pixels'
  [ -z "$(ls x* 2>/dev/null)" ]
}

@test "export-sprites --frames: tiles of their own, tagged by sprite" {
  draw-sprites -q -n 6 --frames 4 --labels l.npy --names names.txt -o walk.npy
  expect 0 export-sprites --frames 4x1 walk.npy -o sheet.png --aseprite sheet.json
  slice-tiles -q --tile 16 --frames 4x1 sheet.png -o again.npy
  same again.npy walk.npy
  [ "$(grep -c '"filename"' sheet.json)" -eq 24 ]
  grep -q '"filename": "002-3.png"' sheet.json
  grep -q '{ "name": "002", "from": 8, "to": 11, "direction": "forward" }' sheet.json
  export-sprites --frames 4x1 --labels l.npy --names names.txt walk.npy --each folder -o other.png --aseprite other.json
  [ "$(find folder -type f | wc -l)" -eq 24 ]
  [ -e folder/creature-000-0.png ]
  grep -q '{ "name": "creature-000", "from": 0, "to": 3' other.json
  tensor slice walk.npy 0:1 -o one.npy
  export-sprites --frames 4x1 one.npy -o walk.gif
  export-sprites --frames 4x1 one.npy -o walk.apng
  slice-tiles -q --tile 16 walk.apng -o first.npy
  same first.npy <(slice-tiles -q --tile 16 <(montage -q --scale 1 --gap 0 one.npy) | tensor slice - 0:1)
  expect 3 export-sprites --frames 3x1 walk.npy -o out.png
  says 'sprites of 64 x 16 pixels do not divide into 3 x 1 frames'
  [ ! -e out.png ]
}

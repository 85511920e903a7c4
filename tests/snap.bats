# snap: sprites to a palette, and how far they were.

load common
load pixels

palette() { printf '000000\nff0000\n0000ff\n' >p.hex; }

@test "snap: what every tool does" {
  usage_rules snap
  small a.npy
  expect 2 snap a.npy
  says '--palette'
  expect 2 snap --palette - -
  palette
  expect 2 snap -p p.hex a.npy a.npy
}

@test "snap: bad files" {
  palette
  bad_file_rules snap -p p.hex -o "$T/out"
  small a.npy
  bad_file_rules snap a.npy -o "$T/out" -p
  colours ff0000 00ff00 | npy two.npy '|u1' '(1, 1, 3, 2)'
  expect 3 snap -p p.hex two.npy
  says 'two.npy: holds u8 [1, 1, 3, 2], expected sprites'
  printf '\0\0\200\077\0\0\300\177\0\0\0\0' | npy nan.npy '<f4' '(1, 1, 1, 3)'
  expect 3 snap -p p.hex nan.npy
  says 'nan.npy: value 1 is not a finite number'
  printf '\0\0\0\0\0\0\0\0\0\0\0\0' | npy whole.npy '<i4' '(1, 1, 1, 3)'
  expect 3 snap -p p.hex whole.npy
}

@test "snap: inputs cut off anywhere are refused" {
  small a.npy
  palette
  truncation_rules a.npy snap -p p.hex -o "$T/out"
}

@test "snap: outputs that fail" {
  palette
  small a.npy
  full_device_rules snap -p p.hex a.npy
  draw-tilemaps -n 200 -o maps.npy
  closed_pipe_rules snap -q -p p.hex maps.npy
}

@test "snap: the nearest colours and the report" {
  palette
  small a.npy
  expect 0 snap -p p.hex a.npy -o out.npy
  says '8 pixels: 12.50 % off the palette, mean distance 31.875, largest 255.000'
  colours 000000 ff0000 000000 000000 0000ff 0000ff ff0000 000000 | npy expected.npy '|u1' '(2, 2, 2, 3)'
  same out.npy expected.npy
  expect 0 snap -p p.hex out.npy -o again.npy
  says '8 pixels: 0.00 % off the palette, mean distance 0.000, largest 0.000'
  same out.npy again.npy
  expect 0 snap -q -p p.hex -o piped.npy <a.npy
  [ -z "$stderr" ]
  same piped.npy expected.npy
}

@test "snap: floats are judged before they are rounded" {
  palette
  # 0.0019 and 0.002 of red: 0.4845 and 0.51 of 255.
  printf '\x1e\x0c\xf9\x3a\0\0\0\0\0\0\0\0\x6f\x12\x03\x3b\0\0\0\0\0\0\0\0' | npy f.npy '<f4' '(1, 1, 2, 3)'
  expect 0 snap -p p.hex f.npy -o out.npy
  says '2 pixels: 50.00 % off the palette'
  says 'largest 0.510'
}

@test "snap: every palette format, pictures, transparency" {
  small a.npy
  colours 000000ff ff0000ff 00ff0000 ffffff60 0000f0c0 101010ff 00000080 0000007f | npy alpha.npy '|u1' '(1, 2, 4, 4)'
  extract-palette -q a.npy -o p.hex
  extract-palette -q a.npy -o p.gpl
  extract-palette -q a.npy -o p.pal
  extract-palette -q a.npy -o p.png
  colours 000000ff ff0000ff 00000000 00000000 0000ffff 000000ff 000000ff 00000000 | npy expected.npy '|u1' '(1, 2, 4, 4)'
  for palette in p.hex p.gpl p.pal p.png; do
    snap -q -p $palette alpha.npy -o out.npy
    same out.npy expected.npy
  done
  montage --scale 1 --gap 0 --columns 2 a.npy -o a.png
  snap -q -p p.gpl a.png -o out.npy
  same <(tensor print out.npy) <(tensor print a.png)
}

@test "snap: the same at any thread count" {
  palette
  draw-tilemaps -n 50 | tensor convert --to f32 --colours - -o maps.npy
  same_at_threads snap -q -p p.hex maps.npy
}

@test "snap: golden" {
  draw-tilemaps -n 30 -o maps.npy
  printf '1e1e1e\nd2d2d2\n0000ff\n' >p.hex
  snap -q -p p.hex maps.npy -o out.npy
  [ "$(sha out.npy)" = 0e7cc3298d9be29307d5d3821c69a414c58f62284c0728c1c1c41a33b3813689 ]
}

@test "snap: no sprites at all" {
  palette
  npy none.npy '|u1' '(0, 4, 4, 3)' </dev/null
  expect 0 snap -p p.hex none.npy -o out.npy
  says '0 pixels: 0.00 %'
  same out.npy none.npy
}

@test "snap: paint.net's palettes are aarrggbb" {
  printf '%s\r\n' ';paint.net Palette File' ';Colors: 4' FF000000 FFFF00FF FF00FFFF FFFFFFFF >cga.txt
  colours 000000 ff00ff 00ffff ffffff | npy cga.npy '|u1' '(1, 2, 2, 3)'
  expect 0 snap -p cga.txt cga.npy -o out.npy
  same out.npy cga.npy
  sed -i 1,2d cga.txt
  rm out.npy
  expect 3 snap -p cga.txt cga.npy -o out.npy
  says 'cga.txt:1: these colours look like aarrggbb, as paint.net writes them'
  [ ! -e out.npy ]
  # What it says helps.
  { echo ';paint.net Palette File' && cat cga.txt; } >said.txt
  expect 0 snap -q -p said.txt cga.npy -o out.npy
  same out.npy cga.npy
}

@test "snap: pictures of other kinds are named" {
  palette
  printf '\xff\xd8\xff\xe0\0\20JFIF\0' >jpeg.png
  expect 3 snap -p p.hex jpeg.png
  says 'jpeg.png: is a JPEG picture, expected a NumPy array (.npy), a PNG picture or an Aseprite file: export the original as PNG'
  printf '\x80\0\0\0\xe0\xa5\1\0' >a.ase
  small a.npy
  expect 3 snap -p a.ase a.npy
  says 'a.ase: ends at byte 8 in the middle of its header'
}

# recolour: ramps by lightness, single colours, whole palettes.

load common
load pixels

@test "recolour: what every tool does" {
  usage_rules recolour
  small a.npy
  expect 2 recolour a.npy
  says '--to COLOURS or --map OLD=NEW is missing'
  expect 2 recolour --from ff0000 a.npy
  says '--from needs --to'
  expect 2 recolour --to ff0000 --map 000000=ffffff a.npy
  says 'exclude each other'
  for map in 000000 000000=1 =ffffff 000000= 000000=ffffff,00ff00; do expect 2 recolour --map $map a.npy -o out; done
  expect 2 recolour --map 000000=ffffff --map 000000=ff0000 a.npy
  says "'000000' is replaced twice"
  expect 2 recolour --to red a.npy
  expect 2 recolour --to transparent a.npy
  says 'need an opaque colour each'
  [ ! -e out ]
}

@test "recolour: bad files" {
  bad_file_rules recolour --to 000000,ffffff -o "$T/out"
  small a.npy
  bad_file_rules recolour a.npy -o "$T/out" --to
}

@test "recolour: inputs cut off anywhere are refused" {
  small a.npy
  truncation_rules a.npy recolour --to 000000,ffffff -o "$T/out"
}

@test "recolour: the darkest becomes the darkest, the lightest the lightest, whatever the order they are named in" {
  # black, blue, red, green from dark to light by L*
  small a.npy
  colours 101010 c0c0c0 f0f0f0 101010 404040 404040 c0c0c0 101010 | npy want.npy '|u1' '(2, 2, 2, 3)'
  expect 0 recolour --to f0f0f0,101010,c0c0c0,404040 a.npy -o out.npy
  says '8 pixels of 8 in another colour'
  same out.npy want.npy
  printf '404040\n101010\nf0f0f0\nc0c0c0\n' >four.hex
  recolour -q --to four.hex a.npy -o out.npy
  same out.npy want.npy
  # Two colours for four: the darker two and the lighter two. Six: spread, ends included.
  colours 000000 ffffff ffffff 000000 000000 000000 ffffff 000000 | npy want.npy '|u1' '(2, 2, 2, 3)'
  recolour -q --to 000000,ffffff a.npy -o out.npy
  same out.npy want.npy
  colours 000000 999999 ffffff 000000 333333 333333 999999 000000 | npy want.npy '|u1' '(2, 2, 2, 3)'
  recolour -q --to 000000,333333,666666,999999,cccccc,ffffff a.npy -o out.npy
  tensor print out.npy >got
  [ "$(sort -u got | awk NF | wc -l)" -eq 4 ]
  grep -q '^0 0 0$' got
  grep -q '^255 255 255$' got
}

@test "recolour: other colours and transparent pixels stay" {
  small a.npy
  colours 000000 111111 00ff00 000000 0000ff 0000ff 111111 000000 | npy want.npy '|u1' '(2, 2, 2, 3)'
  recolour -q --from ff0000 --to 111111 a.npy -o out.npy
  same out.npy want.npy
  recolour -q --map ff0000=111111 a.npy -o out.npy
  same out.npy want.npy
  # A swap is one step, not two.
  colours 000000 0000ff 00ff00 000000 ff0000 ff0000 0000ff 000000 | npy want.npy '|u1' '(2, 2, 2, 3)'
  recolour -q --map ff0000=0000ff --map 0000ff=ff0000 a.npy -o out.npy
  same out.npy want.npy
  colours 00000000 ff0000ff ff0000ff 00000000 | npy clear.npy '|u1' '(1, 2, 2, 4)'
  colours 00000000 123456ff 123456ff 00000000 | npy want.npy '|u1' '(1, 2, 2, 4)'
  recolour -q --to 123456 clear.npy -o out.npy
  same out.npy want.npy
  # Transparency can be asked for, and then there is an alpha channel.
  colours 00000000 ff0000ff 00ff00ff 00000000 0000ffff 0000ffff ff0000ff 00000000 | npy want.npy '|u1' '(2, 2, 2, 4)'
  recolour -q --map 000000=transparent a.npy -o out.npy
  same out.npy want.npy
}

@test "recolour: there and back is where it was" {
  draw-sprites -q -n 40 -o sprites.npy
  extract-palette -q sprites.npy -o p.hex
  awk '{ printf "%02x%02x%02x\n", NR * 9, NR * 9, NR * 9 }' p.hex >grey.hex
  recolour -q --from p.hex --to grey.hex sprites.npy -o grey.npy
  differ grey.npy sprites.npy
  recolour -q --from grey.hex --to p.hex grey.npy -o back.npy
  same back.npy sprites.npy
  expect 0 recolour --map 010203=040506 sprites.npy -o same.npy
  says '0 pixels of 10240 in another colour'
  same same.npy sprites.npy
}

@test "recolour: more colours than a ramp holds" {
  colours "$(awk 'BEGIN { for (i = 0; i < 289; i++) printf "%02x%02x00", i % 17, int(i / 17) }')" | npy many.npy '|u1' '(1, 17, 17, 3)'
  expect 3 recolour --to 000000 many.npy -o out
  says 'more than 256 colours: too many for a ramp'
  expect 0 recolour --from 000000,100000 --to 0000ff,00ffff many.npy -o out.npy
  says '2 pixels of 289 in another colour'
}

# extract-palette: exact where it can be, k-means where it must.

load common
load pixels

@test "extract-palette: what every tool does" {
  usage_rules extract-palette
  expect 2 extract-palette -k 257
  expect 2 extract-palette -k -1
  small a.npy
  expect 2 extract-palette a.npy -o palette.txt
  says '.gpl'
  [ ! -e palette.txt ]
}

@test "extract-palette: bad files" {
  bad_file_rules extract-palette -o "$T/out.gpl"
  [ ! -e out.gpl ]
  colours ff0000 | npy short.npy '|u1' '(1, 1, 2, 3)'
  expect 3 extract-palette short.npy
  colours ff0000 | npy flat.npy '|u1' '(1, 3)'
  expect 3 extract-palette flat.npy
  says flat.npy
  npy none.npy '|u1' '(0, 4, 4, 3)' </dev/null
  expect 3 extract-palette none.npy
  says 'none.npy: holds no pixels'
  small a.npy
  colours ff0000 | npy other.npy '|u1' '(1, 1, 1, 3)'
  expect 3 extract-palette a.npy other.npy
  says other.npy
}

@test "extract-palette: an input cut off anywhere is refused" {
  small a.npy
  truncation_rules a.npy extract-palette -o "$T/out.gpl"
  [ ! -e out.gpl ]
}

@test "extract-palette: outputs that fail" {
  small a.npy
  [ -c /dev/full ] || skip 'no /dev/full here'
  ln -s /dev/full full.gpl
  expect 1 extract-palette a.npy -o full.gpl
  run bash -c 'extract-palette a.npy >/dev/full'
  [ "$status" -eq 1 ]
  [ -c /dev/full ]
}

@test "extract-palette: exact, sorted by luminance, in every format" {
  small a.npy
  expect 0 extract-palette a.npy -o p.hex
  says '4 colours, exact'
  printf '000000\n0000ff\nff0000\n00ff00\n' >expected
  same p.hex expected
  expect 0 extract-palette -q a.npy -o p.pal
  [ -z "$stderr" ]
  printf 'JASC-PAL\r\n0100\r\n4\r\n0 0 0\r\n0 0 255\r\n255 0 0\r\n0 255 0\r\n' | tr -d '\r' >expected
  same <(tr -d '\r' <p.pal) expected
  extract-palette a.npy -o p.gpl
  grep -v '^#' p.gpl | awk 'NF >= 3 && $1 ~ /^[0-9]+$/ { print $1, $2, $3 }' >numbers
  printf '0 0 0\n0 0 255\n255 0 0\n0 255 0\n' >expected
  same numbers expected
  extract-palette a.npy -o p.png
  [ "$(tensor print p.png | sed '/^$/d' | xargs)" = '0 0 0 0 0 255 255 0 0 0 255 0' ]
  same p.gpl <(extract-palette -q a.npy)
  same p.gpl <(extract-palette -q - <a.npy)
  same p.gpl <(extract-palette -q <a.npy)
  for k in 4 5 256; do
    extract-palette -q -k $k a.npy -o again.hex
    same again.hex p.hex
  done
}

@test "extract-palette: provenance without paths" {
  small a.npy
  extract-palette -q -k 2 -s 9 a.npy -o p.gpl
  grep -q "^# .*extract-palette .*--colours 2 --seed 9, sprites $(content a.npy)\$" p.gpl
  run grep -c 'a.npy' p.gpl
  [ "$output" -eq 0 ]
}

@test "extract-palette: transparency is one entry, the first" {
  colours 00ff00ff 12345600 00ff007f 0000ff80 | npy a.npy '|u1' '(1, 1, 4, 4)'
  expect 0 extract-palette a.npy -o p.hex
  says '3 colours, exact'
  printf '00000000\n0000ff\n00ff00\n' >expected
  # Opaque entries may be written with or without their alpha.
  same <(sed 's/^\(......\)ff$/\1/' p.hex) expected
  extract-palette -q a.npy -o p.gpl
  montage --scale 1 a.npy -o /dev/null
  snap -q -p p.gpl a.npy -o snapped.npy
  [ "$(tensor print snapped.npy | xargs)" = '0 255 0 255 0 0 0 0 0 0 0 0 0 0 255 255' ]
}

@test "extract-palette: fewer colours on request" {
  small a.npy
  expect 0 extract-palette -k 2 a.npy -o p.hex
  says '2 colours by k-means from 4'
  [ "$(wc -l <p.hex)" -eq 2 ]
  for seed in 1 2 3; do
    extract-palette -q -k 2 -s $seed a.npy -o one.hex
    extract-palette -q -k 2 -s $seed -t 2 a.npy -o two.hex
    same one.hex two.hex
  done
  # One colour is the mean: (0*3 + 255*2)/8 red, 255/8 green, 2*255/8 blue.
  extract-palette -q -k 1 a.npy -o p.hex
  [ "$(cat p.hex)" = '402040' ]
}

@test "extract-palette: more than 256 colours" {
  # shellcheck disable=SC2017  # steps are meant
  for i in $(seq 0 399); do
    printf '%02x%02x%02x ' $((i % 20 * 12)) $((i / 20 * 12)) $((i % 7 * 30))
  done >hex
  # shellcheck disable=SC2046
  colours $(cat hex) | npy many.npy '|u1' '(1, 20, 20, 3)'
  expect 0 extract-palette many.npy -o p.hex
  says 'by k-means from 400'
  [ "$(wc -l <p.hex)" -le 256 ]
  [ "$(sort -u p.hex | wc -l)" -ge 250 ]
  expect 0 extract-palette -k 8 many.npy -o p.hex
  says '8 colours by k-means from 400'
  extract-palette -q -k 8 -s 1 -t 3 many.npy -o again.hex
  same p.hex again.hex
  [ "$(sha p.hex)" = 654f888a9285966eb8f45847289d574775067b3f3679153ba62effffc2fd3243 ]
}

@test "extract-palette: pictures and floats" {
  small a.npy
  montage --scale 3 --gap 0 a.npy -o a.png
  extract-palette -q a.npy -o expected.hex
  extract-palette -q a.png -o png.hex
  same png.hex expected.hex
  cp a.png misnamed.npy
  same expected.hex <(extract-palette -q misnamed.npy -o out.hex && cat out.hex)
  extract-palette -q -o piped.hex <a.png
  same piped.hex expected.hex
  tensor convert --to f32 --colours a.npy -o f.npy
  extract-palette -q f.npy -o f.hex
  same f.hex expected.hex
  extract-palette -q a.npy a.npy f.npy -o three.hex
  same three.hex expected.hex
}

@test "extract-palette: the transparent colour is counted where there is one more than a palette holds" {
  for ((i = 0; i < 256; i++)); do colours "$(printf '%02x0000ff' "$i")"; done >opaque
  { cat opaque && colours 00000000; } | npy over.npy '|u1' '(257, 1, 1, 4)'
  expect 0 extract-palette over.npy -o over.gpl
  says '256 colours by k-means from 257, the transparent one among them'
  { head -c $((255 * 4)) opaque && colours 00000000; } | npy full.npy '|u1' '(256, 1, 1, 4)'
  expect 0 extract-palette full.npy -o full.gpl
  says '256 colours, exact'
}

# draw-tilemaps: each map a pure function of the seed and its number.

load common
load pixels

@test "draw-tilemaps: what every tool does" {
  usage_rules draw-tilemaps
  expect 2 draw-tilemaps something
  expect 2 draw-tilemaps -n 0
  expect 2 draw-tilemaps -n 1e12
  says '--count'
  expect 2 draw-tilemaps -n many
  expect 2 draw-tilemaps -s -1
}

@test "draw-tilemaps: outputs that fail" {
  full_device_rules draw-tilemaps -n 3
  closed_pipe_rules draw-tilemaps -n 200
  expect 1 draw-tilemaps -n 3 -o no/such/folder/out
  printf old >out
  PIXELMILL_FAIL_WRITE=1 expect 1 draw-tilemaps -n 3 -o out
  [ "$(cat out)" = old ]
  [ "$(find . -name '.out*' | wc -l)" -eq 0 ]
}

@test "draw-tilemaps: memory that runs out" {
  for n in 1 2 3 4; do
    PIXELMILL_FAIL_ALLOCATION=$n expect 1 draw-tilemaps -n 3 -o out
    [ ! -e out ]
  done
}

@test "draw-tilemaps: a map depends on seed and number alone" {
  draw-tilemaps -n 40 -s 7 -o all.npy
  draw-tilemaps -n 10 -s 7 -o few.npy
  draw-tilemaps -n 10 -s 7 --first 30 -o last.npy
  tensor slice all.npy 0:10 -o first10.npy
  tensor slice all.npy 30:40 -o last10.npy
  same few.npy first10.npy
  same last.npy last10.npy
  draw-tilemaps -n 10 -s 8 -o other.npy
  run cmp few.npy other.npy
  [ "$status" -eq 1 ]
  draw-tilemaps -n 10 -s 18446744073709551615 --first 1e15 -o far.npy
  expect 0 tensor info far.npy
  prints 'u8 [10, 32, 32, 3], 30 to 255'
}

@test "draw-tilemaps: themes on request" {
  draw-tilemaps -n 300 --labels themes.npy -o maps.npy
  expect 0 tensor info themes.npy
  prints 'i32 [300], 0 to 2'
  [ "$(tensor print themes.npy | tr ' ' '\n' | sort -u | xargs)" = '0 1 2' ]
  # Sky is in skylines alone, grass on islands alone.
  # shellcheck disable=SC2207
  themes=($(tensor print themes.npy))
  for i in 0 1 2 3 4 5 6 7 8 9; do
    tensor slice maps.npy "$i:$((i + 1))" -o map.npy
    sky=$(tensor print map.npy | grep -c '^130 200 255$' || true)
    grass=$(tensor print map.npy | grep -c '^60 220 120$' || true)
    case ${themes[i]} in
      0) [ "$sky" -eq 0 ] && [ "$grass" -eq 0 ] ;;
      1) [ "$sky" -eq 0 ] && [ "$grass" -gt 0 ] ;;
      2) [ "$sky" -gt 0 ] && [ "$grass" -eq 0 ] ;;
    esac
  done
  same maps.npy <(draw-tilemaps -n 300)
}

@test "draw-tilemaps: golden" {
  draw-tilemaps -n 100 -s 3 --labels themes.npy -o maps.npy
  [ "$(sha maps.npy)" = 61c8acdabd7725f7b40051c0cd142cec6ce8044326e23498f52fd95419c148e9 ]
  [ "$(sha themes.npy)" = c393ba506934871a3fd71d87a5399282787d475ab74edb75a6dc958544590f35 ]
}

@test "draw-tilemaps --judge: the data set beside itself" {
  draw-tilemaps -n 1000 -s 1 -o maps.npy
  expect 0 draw-tilemaps --judge maps.npy
  prints 'maps.npy   data set'
  prints 'maps                             1000       2000'
  prints 'spread inside a tile             0.00       0.00'
  prints 'tiles of one colour           100.0 %    100.0 %'
  prints 'maps legal as none              0.0 %      0.0 %'
  [ -z "$stderr" ]
  expect 0 draw-tilemaps --judge --tsv -n 1000 -s 1 --caption mine maps.npy
  [ "$(head -1 <<<"$output" | tr '\t' ' ')" = \
    'file maps spread distance flat floor wall water sky accent grass cave island skyline illegal exact' ]
  [ "$(sed -n 2p <<<"$output" | cut -f 2-)" = "$(sed -n 3p <<<"$output" | cut -f 2-)" ]
  [ "$(cut -f 1 <<<"$output" | xargs)" = 'file mine data set' ]
  # Shares add up to all cells, legal and illegal maps to all maps.
  awk -F '\t' 'NR > 1 && ($6+$7+$8+$9+$10+$11 < 0.999999 || $12+$13+$14+$15 != 1 || $16 != 1 || $4 != 0) { exit 1 }' \
    <<<"$output"
  draw-tilemaps --judge -o table.txt - <maps.npy
  same table.txt <(draw-tilemaps --judge <maps.npy)
}

@test "draw-tilemaps --judge: noise, emptiness and other pictures" {
  draw-tilemaps -n 50 -s 1 -o maps.npy
  yes 1e1e1e | head -1024 | xargs printf '%s ' >hex
  # shellcheck disable=SC2046
  colours $(cat hex) | npy empty.npy '|u1' '(1, 32, 32, 3)'
  montage --scale 1 --gap 0 empty.npy -o empty.png
  expect 0 draw-tilemaps --judge --tsv maps.npy empty.npy empty.png
  # An empty map is flat, all floor and legal for no theme.
  [ "$(sed -n 3p <<<"$output" | cut -f 2-12 | tr '\t' ' ')" = '1 0 0 1 1 0 0 0 0 0 0' ]
  [ "$(sed -n 3p <<<"$output" | cut -f 13-16 | tr '\t' ' ')" = '0 0 1 0' ]
  [ "$(sed -n 3p <<<"$output" | cut -f 2-)" = "$(sed -n 4p <<<"$output" | cut -f 2-)" ]
  [ "$(wc -l <<<"$output")" -eq 5 ]
  # The same as bytes and as reals: an empty map and four white ones.
  head -c 12288 /dev/zero | tr '\0' '\377' >white
  tail -c +129 empty.npy | cat - white | npy two.npy '|u1' '(5, 32, 32, 3)'
  tensor convert --to f32 --colours two.npy -o reals.npy
  draw-tilemaps --judge --tsv two.npy | sed -n 2p | cut -f 2- >bytes.tsv
  draw-tilemaps --judge --tsv reals.npy | sed -n 2p | cut -f 2- >reals.tsv
  awk -F '\t' 'NR == FNR { split($0, a); next } { for (i = 1; i <= NF; i++) if ((a[i] - $i) ^ 2 > 1e-8) exit 1 }' \
    bytes.tsv reals.tsv
}

@test "draw-tilemaps --judge: bad input" {
  expect 2 draw-tilemaps --tsv
  says '--judge'
  expect 2 draw-tilemaps --caption x
  draw-tilemaps -n 2 -o maps.npy
  expect 2 draw-tilemaps --judge --labels out maps.npy
  expect 2 draw-tilemaps --judge --caption a --caption b maps.npy
  says '2 captions for 1 file'
  bad_file_rules draw-tilemaps -o "$T/out" --judge
  small other.npy
  expect 3 draw-tilemaps -o out --judge maps.npy other.npy
  says 'other.npy: is an array [2, 2, 2, 3], expected tilemaps: [N, 32, 32, 3]'
  npy none.npy '|u1' '(0, 32, 32, 3)' </dev/null
  expect 3 draw-tilemaps -o out --judge none.npy
  says 'none.npy: holds no maps'
  head -c 4096 maps.npy >cut.npy
  expect 3 draw-tilemaps -o out --judge cut.npy
  [ ! -e out ]
  full_device_rules draw-tilemaps --judge maps.npy
}

@test "draw-tilemaps --judge: a caption stays in its cell" {
  draw-tilemaps -n 4 -o maps.npy
  draw-tilemaps --judge --tsv -n 4 --caption $'a\tb\nc' maps.npy >judged.tsv
  [ "$(wc -l <judged.tsv)" -eq 3 ]
  [ "$(sed -n 2p judged.tsv | cut -f 1,2)" = $'a b c\t4' ]
}

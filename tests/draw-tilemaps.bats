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

# Floats that are no colours from 0 to 1: every tool that reads sprites warns of them, and what it advises helps.
bats_require_minimum_version 1.5.0
load common
load pixels
load training

setup_file() { tiny_training; }

# floats FILE NUMBER...: 60 sprites of 2 x 2 in these numbers, mixed.
floats() {
  perl -e 'binmode STDOUT; my @n = @ARGV; print pack "f<*", map { $n[($_ * $_ + int $_ / 12) % @n] } 0 .. 60 * 12 - 1' -- "${@:2}" |
    npy "$1" '<f4' '(60, 2, 2, 3)'
}

@test "sprites of floats beyond 0 to 1 are warned of, by whoever reads them" {
  floats bytes.npy 0 255 51 102 0
  floats signed.npy -1 1 0.5 0 0.2
  floats good.npy 0 1 0.5 0.25 0.2
  printf '000000\nffffff\n' >two.hex
  printf 'method: vae\ndata: {held_out: 0}\ntraining: {batch: 4, steps: 1}\nmodel: {latent: 2}\n' >tiny.yaml
  warned() { # warned COMMAND...: with the file behind it
    expect 0 "$@" bytes.npy
    says 'bytes.npy: holds floats from 0 to 255, expected 0 to 1: '
    says ' % of them are beyond and become 0 or 1'
    says 'tensor convert --range 0:255 FILE'
    expect 0 "$@" signed.npy
    says 'signed.npy: holds floats from -1 to 1, expected 0 to 1: '
    says 'tensor convert --range -1:1 FILE'
    expect 0 "$@" good.npy
    [[ $stderr != *'holds floats'* ]]
  }
  warned montage -o out.png
  warned check-sprites
  warned snap -p two.hex -o out.npy
  warned extract-palette -o out.gpl
  warned label-tiles -k 2 -o out.npy
  warned tensor convert --colours -o out.npy
  warned train-vae --fresh -c tiny.yaml -o run --data
  warned score --allow-few --held-out 0 --data good.npy
  warned score good.npy --allow-few --held-out 0 --data
  expect 0 sample run/model.safetensors --reconstruct bytes.npy -o out.npy
  says 'bytes.npy: holds floats from 0 to 255'
  perl -e 'binmode STDOUT; print pack "f<*", map { $_ % 2 ? 255 : 0 } 0 .. 32 * 32 * 3 - 1' | npy maps.npy '<f4' '(1, 32, 32, 3)'
  expect 0 draw-tilemaps -n 10 --judge maps.npy
  says 'maps.npy: holds floats from 0 to 255'
}

@test "what the warning advises makes sprites of them" {
  draw-sprites -n 20 -o set.npy
  tensor convert --to f32 set.npy -o bytes.npy
  expect 0 tensor convert --range 0:255 bytes.npy -o back.npy
  same back.npy set.npy
  [ -z "$stderr" ]
  tensor print set.npy | tr ' ' '\n' | grep . |
    perl -ne 'BEGIN { binmode STDOUT } print pack "f<", $_ / 255 * 2 - 1' | npy signed.npy '<f4' '(20, 16, 16, 3)'
  tensor convert --range -1:1 signed.npy -o back.npy
  same back.npy set.npy
  perl -e 'binmode STDOUT; print pack "f<12", (0) x 9, 255, 100, 0.5' | npy twelve.npy '<f4' '(1, 2, 2, 3)'
  expect 0 montage twelve.npy -o out.png
  says 'holds floats from 0 to 255, expected 0 to 1: 16.7 % of them are beyond'
  # Other ranges are not guessed.
  floats odd.npy 0 1000 -3
  expect 0 montage odd.npy -o out.png
  says 'tensor convert --range LOW:HIGH FILE'
  expect 2 tensor convert --range 3:3 odd.npy -o out.npy
  says 'LOW and HIGH are the same'
  expect 2 tensor info --range 0:255 odd.npy
  expect 3 tensor convert --range 0:255 set.npy -o out.npy
  says 'set.npy: holds u8, expected floats for --range'
}

@test "a little beyond is rounding, and other types are told how to become sprites" {
  floats near.npy -0.001 1.001 0.5
  expect 0 montage near.npy -o out.png
  [ -z "$stderr" ]
  draw-sprites -n 20 -o set.npy
  tensor convert --to f64 --colours set.npy -o doubles.npy
  expect 3 montage doubles.npy -o no.png
  says 'doubles.npy: holds f64 [20, 16, 16, 3]'
  says 'tensor convert --to f32 makes such of it'
  tensor convert --to f32 doubles.npy | montage -o out.png
  tensor convert --to i32 set.npy -o whole.npy
  expect 3 montage whole.npy -o no.png
  says 'tensor convert --to u8 makes such of it'
  tensor convert --to u8 whole.npy | montage -o again.png
  [ "$(content out.png)" = "$(content again.png)" ]
}

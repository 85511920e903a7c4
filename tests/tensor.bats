# tensor: array files looked at, checked, cut, joined, converted and compared.

load common
load pixels

floats() { printf '\0\0\200\077\0\0\0\300\315\314\314\075\0\0\0\0' | npy "$1" '<f4' '(2, 2)'; } # 1 -2 0.1 0
nans() { printf '\0\0\300\177\0\0\200\077' | npy "$1" '<f4' '(2,)'; }

# A .safetensors file of two tensors, a u8 [2, 2] and f f32 [1], with metadata.
model() {
  local header='{"__metadata__":{"method":"none"},"a":{"dtype":"U8","shape":[2,2],"data_offsets":[0,4]},"f":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'
  while [ $((${#header} % 8)) -ne 0 ]; do header+=' '; done
  # shellcheck disable=SC2059
  { printf "\\x$(printf %02x ${#header})\0\0\0\0\0\0\0"; printf %s "$header"; printf '\1\2\3\4'; printf '\0\0\200\077'; } >"$1"
}

@test "tensor: what every tool does" {
  usage_rules tensor
  expect 2 tensor
  expect 2 tensor info
  floats a.npy
  expect 2 tensor frobnicate a.npy
  says "unknown command 'frobnicate'"
  expect 2 tensor print a.npy a.npy
  expect 2 tensor diff a.npy
  expect 2 tensor convert --to f16 a.npy
}

@test "tensor: bad files" {
  bad_file_rules tensor check
  for command in info print hash concat convert; do
    bad_file_rules tensor $command -o "$T/out"
  done
  model m.safetensors
  head -c 50 m.safetensors >short.safetensors
  expect 3 tensor info short.safetensors
  says short.safetensors
}

@test "tensor: inputs cut off anywhere are refused" {
  floats a.npy
  truncation_rules a.npy tensor check
  model m.safetensors
  local size at
  size=$(wc -c <m.safetensors)
  for ((at = 0; at < size; at++)); do
    head -c $at m.safetensors >p.safetensors
    expect 3 tensor check p.safetensors
  done
}

@test "tensor: outputs that fail" {
  draw-tilemaps -n 100 -o maps.npy
  for command in info print hash concat; do
    full_device_rules tensor $command maps.npy
  done
  closed_pipe_rules tensor print maps.npy
  closed_pipe_rules tensor concat maps.npy maps.npy
}

@test "tensor info" {
  floats a.npy
  expect 0 tensor info a.npy
  [ "$output" = 'a.npy: f32 [2, 2], -2 to 1, mean -0.225' ]
  nans n.npy
  expect 0 tensor info n.npy
  [ "$output" = 'n.npy: f32 [2], 1 to 1, mean 1, 1 not finite' ]
  model m.safetensors
  expect 0 tensor info m.safetensors
  [ "${lines[0]}" = 'm.safetensors: a: u8 [2, 2], 1 to 4, mean 2.5' ]
  [ "${lines[1]}" = 'm.safetensors: f: f32 [1], 1 to 1, mean 1' ]
  [ "${lines[2]}" = 'm.safetensors: method = none' ]
  # Numbers that no f32 holds, two whose sum no f64 holds, and whole numbers that are no doubles, either.
  printf '\234\165\000\210\074\344\067\176' | npy large.npy '<f8' '(1,)'
  expect 0 tensor info large.npy
  [ "$output" = 'large.npy: f64 [1], 1e+300 to 1e+300, mean 1e+300' ]
  printf '\0\0\0\0\0\0\340\177%.0s' 1 2 | npy largest.npy '<f8' '(2,)'
  expect 0 tensor info largest.npy
  [ "$output" = 'largest.npy: f64 [2], 8.98846567431158e+307 to 8.98846567431158e+307, mean 8.98846567431158e+307' ]
  printf '\1\0\0\1\0\0\0\0' | npy whole.npy '<i8' '(1,)'
  expect 0 tensor info whole.npy
  [ "$output" = 'whole.npy: i64 [1], 16777217 to 16777217, mean 16777217' ]
  printf '\0\0\0\0\0\0\040\0\1\0\0\0\0\0\040\0' | npy wide.npy '<i8' '(2,)'
  expect 0 tensor info wide.npy
  [[ $output = 'wide.npy: i64 [2], 9007199254740992 to 9007199254740993, mean '* ]]
  npy e.npy '<f4' '(0, 3)' </dev/null
  expect 0 tensor info e.npy
  [ "$output" = 'e.npy: f32 [0, 3]' ]
}

@test "tensor print" {
  floats a.npy
  expect 0 tensor print a.npy
  [ "$output" = $'1 -2\n0.1 0' ]
  expect 0 tensor print - <a.npy
  [ "$output" = $'1 -2\n0.1 0' ]
  model m.safetensors
  expect 0 tensor print --name a m.safetensors
  [ "$output" = $'1 2\n3 4' ]
  expect 3 tensor print m.safetensors
  says 'holds 2 tensors'
  expect 3 tensor print --name b m.safetensors
  says "holds no tensor 'b'"
  expect 2 tensor print --name a a.npy
}

@test "tensor check" {
  floats a.npy
  nans n.npy
  model m.safetensors
  expect 0 tensor check a.npy m.safetensors
  [ -z "$output$stderr" ]
  expect 3 tensor check a.npy n.npy
  says 'n.npy: 1 of 2 values is not finite'
}

@test "tensor hash: of the content, whatever the file" {
  model m.safetensors
  expect 0 tensor hash m.safetensors
  printf 'u8 [2, 2]\n\1\2\3\4' >content
  [ "${lines[0]}" = "$(sha content)  m.safetensors: a" ]
  printf '\1\2\3\4' | npy a.npy '|u1' '(2, 2)'
  expect 0 tensor hash a.npy
  [ "$output" = "$(sha content)  a.npy" ]
  draw-tilemaps -n 1 -o map.npy
  montage --scale 1 --gap 0 map.npy -o map.png
  [ "$(content map.npy)" = "$(content map.png)" ]
}

@test "tensor slice and concat" {
  draw-tilemaps -n 5 -o maps.npy
  tensor slice maps.npy 0:2 -o a.npy
  tensor slice maps.npy :2 -o a2.npy
  tensor slice maps.npy 2: -o b.npy
  same a.npy a2.npy
  tensor concat a.npy b.npy -o all.npy
  same all.npy maps.npy
  cat a.npy b.npy | tensor concat - -o all.npy
  same all.npy maps.npy
  expect 0 tensor slice maps.npy 5:5 -o none.npy
  expect 0 tensor info none.npy
  prints 'u8 [0, 32, 32, 3]'
  tensor concat none.npy maps.npy none.npy -o all.npy
  same all.npy maps.npy
  for range in 0:6 3:2 x:y 1 -1:2 1:2:3; do
    expect 2 tensor slice -o out -- maps.npy $range
    [ ! -e out ]
  done
  floats f.npy
  expect 3 tensor concat maps.npy f.npy
  says f.npy
  printf '\0\0\200\077' | npy scalar.npy '<f4' '()'
  expect 3 tensor slice scalar.npy 0:1
}

@test "tensor convert" {
  printf '\0\1\377' | npy a.npy '|u1' '(3,)'
  for type in u8 i32 i64 f32 f64; do
    tensor convert --to $type a.npy -o b.npy
    tensor info b.npy | grep -q ": $type \[3\], 0 to 255"
    tensor convert --to u8 b.npy -o back.npy
    same a.npy back.npy
  done
  tensor convert --to f32 --colours a.npy -o c.npy
  expect 0 tensor print c.npy
  [ "$output" = '0 0.003921569 1' ]
  tensor convert --to u8 --colours c.npy -o back.npy
  same a.npy back.npy
  floats f.npy
  expect 3 tensor convert --to u8 f.npy -o out
  says 'f.npy: the value -2 at [0, 1] does not fit u8'
  [ ! -e out ]
  model m.safetensors
  tensor convert --to u8 --name a m.safetensors -o b.npy
  expect 0 tensor print b.npy
  [ "$output" = $'1 2\n3 4' ]
}

@test "tensor diff" {
  floats a.npy
  cp a.npy b.npy
  expect 0 tensor diff a.npy b.npy
  [ -z "$output" ]
  printf '\0\0\200\077\0\0\0\300\0\0\0\077\0\0\0\0' | npy b.npy '<f4' '(2, 2)' # 0.5 for 0.1
  expect 1 tensor diff a.npy b.npy
  [ "$output" = 'a.npy: 1 of 4 values differs, the first at [1, 0], most at [1, 0]: by 0.4' ]
  expect 0 tensor diff --tolerance 0.41 a.npy b.npy
  expect 2 tensor diff --tolerance -1 a.npy b.npy
  printf '\0\0\200\077' | npy c.npy '<f4' '(1,)'
  expect 1 tensor diff a.npy c.npy
  prints 'shapes differ: [2, 2] and [1]'
  model m.safetensors
  expect 0 tensor diff m.safetensors m.safetensors
  expect 0 tensor diff --name f m.safetensors m.safetensors
  expect 1 tensor diff m.safetensors c.npy
  prints 'a: only in m.safetensors'
  expect 3 tensor diff a.npy missing.npy
}

@test "tensor: options of other commands are refused" {
  small a.npy
  for command in info print check hash 'slice' concat diff; do
    expect 2 tensor "$command" --to u8 a.npy
    says '--to is for tensor convert'
    expect 2 tensor "$command" --colours a.npy
  done
  for command in info print check hash slice concat convert; do
    expect 2 tensor "$command" --tolerance 0 a.npy
    says '--tolerance is for tensor diff'
  done
  expect 2 tensor check -o out a.npy
  says '--output is where a result goes, and tensor check answers by its exit status alone'
  [ ! -e out ]
}

@test "tensor: what is said of a file steers no terminal" {
  small $'a\tb\033.npy'
  expect 0 tensor check -v $'a\tb\033.npy'
  [ "$stderr" = 'a?b?.npy: good' ]
}

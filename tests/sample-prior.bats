# sample with codes: a VQ-VAE's codes of sprites and sprites of codes; a prior's codes, by class, and its sprites.

load common
load pixels
load training
load prior

setup_file() { tiny_priors; }

# refused STATUS TEXT MODEL OPTION...: this status and message, and no output.
refused() {
  local status=$1 text=$2
  shift 2
  expect "$status" sample "$@" -o out.npy
  says "$text"
  [ ! -e out.npy ]
}

# part FILE I OUT: grid or sprite I alone.
part() { tensor slice "$1" "$2:$(($2 + 1))" -o "$3"; }

# grids COUNT CODE...: COUNT grids of 4 x 4 codes to standard output, <i4: the codes given, and then the first again and
# again.
grids() {
  local count=$(($1 * 16)) first=$2 code n=0
  shift
  for code; do
    printf '%b' "$(printf '\\x%02x' $((code & 255)) $((code >> 8 & 255)) $((code >> 16 & 255)) $((code >> 24 & 255)))"
    n=$((n + 1))
  done
  for ((; n < count; n++)); do printf '%b' "\\x$(printf %02x "$first")\\0\\0\\0"; done
}

@test "sample: codes of a prior, that NumPy could load" {
  expect 0 sample "$PRIOR" -n 40 -o codes.npy
  [ -z "$output$stderr" ]
  [ "$(head -c 128 codes.npy | tr -d '\0' | tail -c +9 | sed 's/ *$//')" = \
    "{'descr': '<i4', 'fortran_order': False, 'shape': (40, 4, 4), }" ]
  [ "$(wc -c <codes.npy)" -eq $((128 + 4 * 40 * 16)) ]
  tensor print codes.npy | awk '/./ { for (i = 1; i <= NF; i++) { n++; if ($i < 0 || $i > 19 || $i != int($i)) exit 1 } }
    END { exit n != 640 }'
  # Not all alike.
  tensor print codes.npy | tr ' ' '\n' | sed '/^$/d' | sort -u >different
  [ "$(wc -l <different)" -gt 10 ]
}

@test "sample: a prior's sprites, in a pipe of codes and by --vqvae" {
  for options in '' '-s 5' '--temperature 0.5' '--top-k 3 -t 1'; do
    # shellcheck disable=SC2086
    sample "$PRIOR" -n 20 $options | sample "$VQVAE" --codes - -o piped.npy
    # shellcheck disable=SC2086
    sample "$PRIOR" -n 20 $options --vqvae "$VQVAE" -o whole.npy
    same piped.npy whole.npy
    sha whole.npy >>all
  done
  [[ $(tensor info whole.npy) = *'f32 [20, 16, 16, 3]'* ]]
  [ "$(sort -u all | wc -l)" -eq 4 ]
  sample "$PRIOR" -n 20 --vqvae - -o through.npy --top-k 3 <"$VQVAE"
  same through.npy whole.npy
  extract-palette "$SPRITES" -o palette.gpl
  sample "$PRIOR" -n 20 --top-k 3 | sample "$VQVAE" --codes - | snap -q --palette palette.gpl | montage -o piped.png
  snap -q --palette palette.gpl whole.npy | montage -o whole.png
  tensor check piped.png
  same piped.png whole.png
}

@test "sample: codes of sprites, and back: the reconstruction" {
  expect 0 sample "$VQVAE" --encode "$SPRITES" -o codes.npy
  [[ $(tensor info codes.npy) = *'i32 [24, 4, 4]'* ]]
  sample "$VQVAE" --reconstruct "$SPRITES" -o whole.npy
  sample "$VQVAE" --codes codes.npy -o decoded.npy
  same decoded.npy whole.npy
  same_at_threads sample "$VQVAE" --encode "$SPRITES"
  same_at_threads sample "$VQVAE" --codes codes.npy
  # Each by itself as among the others, from a pipe, floats as bytes.
  sample "$VQVAE" --encode <(tensor slice "$SPRITES" 20:21) | sample "$VQVAE" --codes - -o one.npy
  same one.npy <(tensor slice whole.npy 20:21)
  tensor convert --to f32 --colours "$SPRITES" -o floats.npy
  sample "$VQVAE" --encode - -o of-floats.npy <floats.npy
  same codes.npy of-floats.npy
  # Codes are the model's own, and every sprite has some of its own.
  sample "$OTHER_VQVAE" --encode "$SPRITES" -o other.npy
  differ codes.npy other.npy
  part codes.npy 0 a.npy
  part codes.npy 1 b.npy
  differ a.npy b.npy
}

@test "sample: sprites of codes made by hand" {
  # Two grids of code 3 are alike; one other code shows.
  { grids 1 3; grids 1 3; grids 1 19 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3; } | npy hand.npy '<i4' '(3, 4, 4)'
  expect 0 sample "$VQVAE" --codes hand.npy -o sprites.npy
  part sprites.npy 0 a.npy
  part sprites.npy 1 b.npy
  part sprites.npy 2 c.npy
  tensor diff --tolerance 1e-5 a.npy b.npy
  expect 1 tensor diff --tolerance 1e-4 a.npy c.npy
}

@test "sample: codes that do not fit" {
  bad_file_rules sample "$VQVAE" -o "$T/out" --codes
  while IFS='|' read -r code message; do
    grids 2 1 0 0 "$code" | npy odd.npy '<i4' '(2, 4, 4)'
    refused 3 "odd.npy: $message" "$VQVAE" --codes odd.npy
  done <<'LINES'
20|code 20 in grid 0; this VQ-VAE has codes 0 to 19
-1|code -1 in grid 0; this VQ-VAE has codes 0 to 19
2147483647|code 2147483647 in grid 0
-2147483648|code -2147483648 in grid 0
LINES
  { grids 1 0; grids 1 0 0 20; } | npy odd.npy '<i4' '(2, 4, 4)'
  refused 3 'odd.npy: code 20 in grid 1;' "$VQVAE" --codes odd.npy
  expect 3 sample "$VQVAE" --codes - -o out.npy <odd.npy
  says 'standard input: code 20 in grid 1;'
  [ ! -e out.npy ]
  # Another grid, rank or type; none at all.
  for shape in '(4, 2, 4)' '(2, 2, 8)' '(2, 4, 4, 1)' '(2, 16)' '(32,)'; do
    grids 2 0 | npy odd.npy '<i4' "$shape"
    refused 3 'expected i32 [N,4,4]: the codes of this VQ-VAE' "$VQVAE" --codes odd.npy
  done
  grids 2 0 | npy odd.npy '<i8' '(1, 4, 4)'
  refused 3 'odd.npy: i64 [1, 4, 4]; expected i32 [N,4,4]' "$VQVAE" --codes odd.npy
  grids 2 0 | npy odd.npy '<f4' '(2, 4, 4)'
  refused 3 'odd.npy: f32 [2, 4, 4]; expected i32 [N,4,4]' "$VQVAE" --codes odd.npy
  grids 1 0 | npy odd.npy '|u1' '(4, 4, 4)'
  refused 3 'odd.npy: u8 [4, 4, 4]; expected i32 [N,4,4]' "$VQVAE" --codes odd.npy
  npy odd.npy '<i4' '(0, 4, 4)' </dev/null
  refused 3 'odd.npy' "$VQVAE" --codes odd.npy
  refused 3 'sprites.npy' "$VQVAE" --codes "$SPRITES"
  # Cut off: in the header, and in the codes.
  sample "$VQVAE" --encode <(tensor slice "$SPRITES" 0:1) -o whole.npy
  truncation_rules whole.npy sample "$VQVAE" -o "$T/out" --codes
}

@test "sample: sprites whose codes there are not" {
  bad_file_rules sample "$VQVAE" -o "$T/out" --encode
  draw-tilemaps -q -n 2 -o maps.npy
  refused 3 'maps.npy: sprites of 32 x 32 pixels with 3 channels; the model was trained on 16 x 16 with 3' \
    "$VQVAE" --encode maps.npy
  tiny_vae
  refused 3 '--encode needs a VQ-VAE; this is a variational autoencoder' vae/model.safetensors --encode "$SPRITES"
  sample "$PRIOR" -n 1 -o codes.npy
  refused 3 '--codes needs a VQ-VAE; this is a variational autoencoder' vae/model.safetensors --codes codes.npy
  refused 3 "--codes needs a VQ-VAE; this is a prior of a VQ-VAE's codes" "$PRIOR" --codes codes.npy
  refused 3 '--encode needs a VQ-VAE; this is a prior' "$PRIOR" --encode "$SPRITES"
  refused 3 '--reconstruct needs an autoencoder; this is a prior' "$PRIOR" --reconstruct "$SPRITES"
  for options in "--codes codes.npy --encode $SPRITES" "--codes codes.npy --reconstruct $SPRITES" \
    "--encode $SPRITES --interpolate 0,1 --data $SPRITES"; do
    # shellcheck disable=SC2086
    refused 2 '--reconstruct, --interpolate, --encode, --codes and --bits exclude each other' "$VQVAE" $options
  done
}

@test "sample: a grid depends on the seed and its number alone" {
  for with in '' "--vqvae $VQVAE"; do
    # shellcheck disable=SC2086
    sample "$CLASS_PRIOR" -n 64 --class each $with -o many.npy
    for n in 1 15 16 17 33; do
      # shellcheck disable=SC2086
      sample "$CLASS_PRIOR" -n $n --class each -t 3 $with -o few.npy
      same few.npy <(tensor slice many.npy 0:$n)
    done
    # shellcheck disable=SC2086
    sample "$CLASS_PRIOR" -n 64 --class each -s 2 $with -o other.npy
    differ other.npy many.npy
  done
  same_at_threads sample "$PRIOR" -n 40
  same_at_threads sample "$PRIOR" -n 40 --vqvae "$VQVAE"
}

@test "sample: codes by class" {
  fit_classes --set training.steps=60 --set prior.drop_classes=0 -o told
  told=told/model.safetensors
  for class in 0 2 14; do
    sample "$told" -n 20 --class $class -o number.npy
    sample "$told" -n 20 --class "$(sed -n "$((class + 1))p" "$NAMES")" -o name.npy
    same number.npy name.npy
    sha number.npy >>all
  done
  [ "$(sort -u all | wc -l)" -eq 3 ]
  expect 3 sample "$told" -n 20 --class any -o any.npy
  says 'it knows no sprite without a class, and --class any asks for one'
  sample "$told" -n 20 --save-labels drawn.npy -o free.npy
  [ "$(tensor print drawn.npy | xargs -n 1 | sort -u | wc -l)" -gt 3 ]
  sample "$told" -n 34 --class each -o each.npy
  for i in 0 1 14 15 33; do
    sample "$told" -n 34 --class $((i % 15)) -o one.npy
    part each.npy $i a.npy
    part one.npy $i b.npy
    same a.npy b.npy
  done
  sample "$told" -n 34 --class each | sample "$VQVAE" --codes - -o piped.npy
  sample "$told" -n 34 --class each --vqvae "$VQVAE" -o whole.npy
  same piped.npy whole.npy
  refused 3 '--class 15: there is no such class; there are 0 to 14' "$told" --class 15
  refused 3 '--class 1: this model was trained without classes' "$PRIOR" --class 1
}

# different FILE: how many different codes there are.
different() { tensor print "$1" | tr ' ' '\n' | sed '/^$/d' | sort -u | wc -l; }

@test "sample: temperature and top-k" {
  sample "$PRIOR" -n 40 -o plain.npy
  sample "$PRIOR" -n 40 --temperature 1 --top-k 0 -o same.npy
  same plain.npy same.npy
  sample "$PRIOR" -n 40 --top-k 20 -o all.npy
  same plain.npy all.npy
  # The likeliest alone, whatever the seed and the temperature: one grid, again and again.
  sample "$PRIOR" -n 40 --top-k 1 -o one.npy
  sample "$PRIOR" -n 40 --top-k 1 --temperature 50 -s 9 -o again.npy
  same one.npy again.npy
  for i in 1 17 39; do
    part one.npy 0 a.npy
    part one.npy $i b.npy
    same a.npy b.npy
  done
  # What is colder is of fewer kinds. The first code is drawn from the same numbers in every grid.
  tensor print plain.npy | awk '!NF || NR == 1 { first = 1 } NF && first { print $1; first = 0 }' | sort -u >firsts
  [ "$(wc -l <firsts)" -gt 4 ]
  sample "$PRIOR" -n 40 --top-k 4 | tensor print - | awk '!NF || NR == 1 { first = 1 } NF && first { print $1; first = 0 }' |
    sort -u >few
  [ "$(wc -l <few)" -le 4 ]
  [ "$(wc -l <few)" -ge 2 ]
  sample "$PRIOR" -n 40 --temperature 0.001 -o cold.npy
  sample "$PRIOR" -n 40 --temperature 100 -o hot.npy
  [ "$(different cold.npy)" -lt "$(different hot.npy)" ]
  # As settings of the model they are the same.
  fit --set sampling.temperature=0.5 --set sampling.top_k=3 -o set
  sample set/model.safetensors -n 40 -o of-model.npy
  sample "$PRIOR" -n 40 --temperature 0.5 --top-k 3 -o of-options.npy
  same of-model.npy of-options.npy
  differ of-model.npy plain.npy
}

@test "sample: temperatures and other options that there are not" {
  for temperature in 0 -1 -0.5 1e-4 101 nan inf x 1,5; do
    refused 2 "--temperature: '$temperature' is not a number from 0.001 to 100" "$PRIOR" --temperature "$temperature"
  done
  for top in -1 1.5 x 65537 18446744073709551617; do
    refused 2 "--top-k: '$top' is not an integer from 0 to 65536" "$PRIOR" --top-k "$top"
  done
  unused() { # unused KIND MODEL OPTION...
    sample "$2" -n 5 -o without.npy
    expect 0 sample "$2" -n 5 -o with.npy "${@:3}"
    says "$3 changes nothing: it is not for a $1"
    same with.npy without.npy
  }
  unused 'vector-quantised autoencoder' "$VQVAE" --temperature 2
  unused 'vector-quantised autoencoder' "$VQVAE" --top-k 3
  unused 'vector-quantised autoencoder' "$VQVAE" --vqvae "$VQVAE"
  for option in '--guidance-scale 2' '--sampler ddim' '--steps 5' '--eta 1'; do
    # shellcheck disable=SC2086
    unused "prior of a VQ-VAE's codes" "$PRIOR" $option
  done
  refused 2 "--dump-steps shows sprites; a prior of a VQ-VAE's codes needs --vqvae for that" "$PRIOR" --dump-steps film.npy
  [ ! -e film.npy ]
}

@test "sample: --dump-steps shows the grid being filled" {
  sample "$PRIOR" -n 20 --vqvae "$VQVAE" -o plain.npy
  sample "$PRIOR" -n 20 --vqvae "$VQVAE" --dump-steps film.npy -o watched.npy
  same plain.npy watched.npy
  [[ $(tensor info film.npy) = *'f32 [17, 16, 16, 3]'* ]]
  part film.npy 16 last.npy
  part plain.npy 0 first.npy
  same last.npy first.npy
}

@test "sample: --vqvae with what is not the prior's own" {
  refused 3 "$OTHER_VQVAE: another VQ-VAE than the prior's own: SHA-256 $(sha "$OTHER_VQVAE" | head -c 16)..., expected $(
    sha "$VQVAE" | head -c 16)..." "$PRIOR" --vqvae "$OTHER_VQVAE"
  tiny_vae
  refused 3 "vae/model.safetensors: a model of the method 'vae'; expected a vqvae" "$PRIOR" --vqvae vae/model.safetensors
  refused 3 "$PRIOR: a model of the method 'prior'; expected a vqvae" "$PRIOR" --vqvae "$PRIOR"
  bad_file_rules sample "$PRIOR" -o "$T/out" --vqvae
  head -c 5000 "$VQVAE" >short
  refused 3 'short' "$PRIOR" --vqvae short
  # One bit of a weight.
  size=$(wc -c <"$VQVAE")
  { head -c $((size - 1)) "$VQVAE"; printf '\276'; } >changed
  cmp -s changed "$VQVAE" && { head -c $((size - 1)) "$VQVAE"; printf '\275'; } >changed
  refused 3 "changed: another VQ-VAE than the prior's own" "$PRIOR" --vqvae changed
}

@test "sample: a prior's file that says something odd" {
  while IFS='|' read -r script message; do
    with_header "$PRIOR" odd.safetensors "$script"
    differ "$PRIOR" odd.safetensors
    refused 3 "$message" odd.safetensors
  done <<'LINES'
s/codes: 20/codes: 21/|the tensor 'tokens.weight' is f32 [21, 16]; expected f32 [22, 16]
s/codes: 20/codes: 0/|the prior does not say of which VQ-VAE it is
s/codes: 20/kodes: 20/|unknown key 'vqvae.kodes'
s/height: 4/height: 5/|the tensor 'positions.weight' is f32 [16, 16]; expected f32 [20, 16]
s/height: 4/height: 4096/|the tensor 'positions.weight' is f32 [16, 16]; expected f32 [16384, 16]
s/height: 4/height: 4097/|vqvae.height
s/heads: 2/heads: 3/|which does not divide by prior.heads (3)
s/layers: 2/layers: 3/|the tensor 'transformer.layers.2
s/layers: 2/layers: 1/|has no place in a prior model
s/feed_forward: 24/feed_forward: 25/|linear1.weight' is f32 [24, 16]; expected f32 [25, 16]
s/temperature: 1/temperature: 0/|sampling.temperature
s/classes: false/classes: true/|prior.classes is on
s/"classes":"0"/"classes":"3"/|prior.classes is off
LINES
  head -c 3000 "$PRIOR" >short
  refused 3 'short' short
  # As many places in another order: only the VQ-VAE can tell.
  with_header "$PRIOR" odd.safetensors 's/height: 4/height: 2/; s/width: 4/width: 8/'
  expect 0 sample odd.safetensors -n 2 -o wide.npy
  [[ $(tensor info wide.npy) = *'i32 [2, 2, 8]'* ]]
  refused 3 'vqvae.height is 2 in the config, and 4 in this VQ-VAE' odd.safetensors --vqvae "$VQVAE"
  refused 3 'wide.npy: i32 [2, 2, 8]; expected i32 [N,4,4]' "$VQVAE" --codes wide.npy
}

@test "sample: outputs of codes that fail" {
  full_device_rules sample "$PRIOR" -n 2
  closed_pipe_rules sample "$PRIOR" -n 4000
}

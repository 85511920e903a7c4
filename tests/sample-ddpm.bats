# sample with diffusion models: classes, guidance, samplers, steps and the film of the denoising.

load common
load pixels
load training
load diffusion

setup_file() { tiny_diffusion_in_palette; }

# draw MODEL OUT OPTION...: five sprites.
draw() {
  local file=$1 out=$2
  shift 2
  sample "$file" -n 5 -o "$out" "$@"
}

# refused STATUS TEXT MODEL OPTION...: this status and message, and no output.
refused() {
  local status=$1 text=$2 file=$3
  shift 3
  expect "$status" sample "$file" -o out.npy "$@"
  says "$text"
  [ ! -e out.npy ]
}

# unused TEXT MODEL OPTION...: said to change nothing, and the sprites are those without it.
unused() {
  sample "$2" -n 5 -o without.npy
  expect 0 sample "$2" -n 5 -o with.npy "${@:3}"
  says "${3} changes nothing: $1"
  same with.npy without.npy
  expect 0 sample -q "$2" -n 5 -o with.npy "${@:3}"
  [ -z "$stderr" ]
}

# part FILE I OUT: sprite I alone.
part() { tensor slice "$1" "$2:$(($2 + 1))" -o "$3"; }

# labels_of FILE: its numbers, a line each.
labels_of() { tensor print "$1" | xargs -n 1; }

@test "sample: a class by number and by name" {
  draw "$WITH_CLASSES" any.npy --class any
  for class in 0 2 14; do
    draw "$WITH_CLASSES" number.npy --class $class
    draw "$WITH_CLASSES" name.npy --class "$(sed -n "$((class + 1))p" "$NAMES")"
    same number.npy name.npy
    differ number.npy any.npy
  done
  # Names are the model's own: without them, numbers alone.
  diffuse --labels "$LABELS" -o nameless
  draw nameless/model.safetensors number2.npy --class 14
  same number2.npy number.npy
  refused 3 '--class sword: there is no such class; there are 0 to 14' nameless/model.safetensors --class sword
  # A name goes before a number: folders may be called 1, 2, 3.
  for ((n = 14; n >= 0; n--)); do echo $n; done >numbers.txt
  diffuse --labels "$LABELS" --class-names numbers.txt -o numbered
  draw numbered/model.safetensors first.npy --class 0
  same first.npy number.npy
}

@test "sample: each class in turn" {
  sample "$WITH_CLASSES" -n 34 --class each -o each.npy
  for i in 0 1 14 15 16 33; do
    sample "$WITH_CLASSES" -n 34 --class $((i % 15)) -o one.npy
    part each.npy $i a.npy
    part one.npy $i b.npy
    same a.npy b.npy
    part one.npy $(((i + 1) % 34)) other.npy
    differ a.npy other.npy
  done
}

@test "sample: without --class, each as often as in training" {
  # A training set of three classes, one of which no sprite is of.
  for ((i = 0; i < 24; i++)); do echo $((i < 18 ? 0 : 2)); done >three.txt
  # shellcheck disable=SC2046
  printf "$(printf '\\x0%s\\x00\\x00\\x00' $(cat three.txt))" | npy three.npy '<i4' '(24,)'
  diffuse --labels three.npy --set data.held_out=0 -o shares
  shares=shares/model.safetensors
  [[ $(tensor info $shares) = *'class_counts = 18 0 6'* ]]
  sample $shares -n 200 --steps 1 --save-labels drawn.npy -o free.npy
  [[ $(tensor info drawn.npy) = 'drawn.npy: i32 [200],'* ]]
  [ "$(labels_of drawn.npy | sort -u | xargs)" = '0 2' ]
  twos=$(labels_of drawn.npy | grep -c 2)
  [ "$twos" -gt 25 ]
  [ "$twos" -lt 75 ]
  # Each sprite is what asking for its class gives; its class depends on the seed and its number alone.
  for class in 0 2; do sample $shares -n 200 --steps 1 --class $class -o "of-$class.npy"; done
  for i in 0 1 2 3 4 5 6 7 198 199; do
    part free.npy $i a.npy
    part "of-$(labels_of drawn.npy | sed -n $((i + 1))p).npy" $i b.npy
    same a.npy b.npy
  done
  sample $shares -n 20 --steps 1 --save-labels few.npy -t 3 -o few-sprites.npy
  tensor slice drawn.npy 0:20 -o beginning.npy
  same few.npy beginning.npy
  sample $shares -n 20 --steps 1 --save-labels other.npy -s 2 -o other-sprites.npy
  differ few.npy other.npy
  # An older file does not tell the shares: all classes alike, also the one that nothing is known of.
  with_header $shares old.safetensors 's/"class_counts":"18 0 6",*//'
  sample old.safetensors -n 200 --steps 1 --save-labels even.npy -o even-sprites.npy
  [ "$(labels_of even.npy | sort | uniq -c | awk '$1 > 40 && $1 < 95' | wc -l)" -eq 3 ]
}

@test "sample --save-labels: the classes that were drawn" {
  sample "$WITH_CLASSES" -n 17 --class each --save-labels each.npy -o out.npy
  [ "$(labels_of each.npy | xargs)" = '0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 0 1' ]
  sample "$WITH_CLASSES" -n 2 --class 3 --save-labels three.npy -o out.npy
  [ "$(labels_of three.npy | xargs)" = '3 3' ]
  sample "$WITH_CLASSES" -n 17 -o plain.npy
  sample "$WITH_CLASSES" -n 17 --save-labels drawn.npy -o out.npy
  same plain.npy out.npy
  # score takes them.
  sample "$WITH_CLASSES" -n 30 --save-labels drawn.npy -o out.npy
  draw-sprites -q -n 120 --labels all-labels.npy -o all.npy
  expect 0 score --allow-few --data all.npy --labels all-labels.npy --sample-labels drawn.npy --tsv out.npy
  prints 'class-agreement'
  rm out.npy
  refused 2 '--save-labels: --class any asks for no class' "$WITH_CLASSES" --class any --save-labels no.npy
  refused 3 '--save-labels: this model was trained without classes' "$SHARED/done/model.safetensors" --save-labels no.npy
  refused 2 '--save-labels and --output cannot both go to out.npy' "$WITH_CLASSES" --save-labels out.npy
  [ ! -e no.npy ]
}

@test "sample: classes that there are not" {
  for class in 15 -1 1.5 ' 1' Sword nothing 99999999999999999999; do
    refused 3 "$WITH_CLASSES: --class $class: there is no such class; there are 0 to 14" "$WITH_CLASSES" --class "$class"
  done
  says "$(head -1 "$NAMES")"
  for class in 0 each any sword; do
    refused 3 "$SHARED/done/model.safetensors: --class $class: this model was trained without classes" \
      "$SHARED/done/model.safetensors" --class $class
  done
}

@test "sample: guidance" {
  draw "$WITH_CLASSES" plain.npy --class 3
  draw "$WITH_CLASSES" one.npy --class 3 --guidance-scale 1
  same plain.npy one.npy
  # At 0 the class counts for nothing.
  draw "$WITH_CLASSES" any.npy --class any
  draw "$WITH_CLASSES" zero.npy --class 3 --guidance-scale 0
  tensor diff --tolerance 1e-5 any.npy zero.npy
  draw "$WITH_CLASSES" three.npy --class 3 --guidance-scale 3
  differ three.npy plain.npy
  # As a setting of the model it is the same.
  diffuse_classes --set sampling.guidance_scale=3 -o guided
  draw guided/model.safetensors set.npy --class 3
  same set.npy three.npy
  draw guided/model.safetensors none.npy --class any
  same none.npy any.npy
  # Without --class it goes towards the class that is drawn.
  draw "$WITH_CLASSES" free.npy --guidance-scale 3
  draw guided/model.safetensors guided.npy
  same guided.npy free.npy
  draw "$WITH_CLASSES" unguided.npy
  differ guided.npy unguided.npy
  unused "there are no classes in $MODEL" "$MODEL" --guidance-scale 2
  for scale in -1 101 x nan; do refused 2 "--guidance-scale: '$scale'" "$WITH_CLASSES" --class 3 --guidance-scale "$scale"; done
  # Without a class there is nothing to go towards.
  refused 2 '--guidance-scale guides towards a class, and --class any asks for none' "$WITH_CLASSES" --class any --guidance-scale 3
}

@test "sample: a model that was told every class draws by class alone" {
  diffuse_classes --set classes.drop=0 -o told
  told=told/model.safetensors
  draw "$told" one.npy --class 3
  tensor check one.npy
  draw "$told" free.npy
  tensor check free.npy
  refused 3 'trained without label dropout, so it knows no sprite without a class, and --class any asks for one' "$told" --class any
  refused 3 'with classes.drop: 0 a model learns none of any class; sampling.guidance_scale has to be 1' "$told" --class 3 --guidance-scale 2
  diffuse_classes --set classes.drop=0 --set pixels=palette -o bits
  expect 3 sample bits/model.safetensors --bits "$SPRITES" -o out.npy
  says 'it knows no sprite without a class; --bits needs --labels'
  sample bits/model.safetensors --bits "$SPRITES" --labels "$LABELS" -o bits.npy
  tensor check bits.npy
}

@test "sample: samplers, steps and eta" {
  for sampler in ancestral ddim dpm++2m blend printed; do
    draw "$MODEL" "$sampler.npy" --sampler $sampler
    draw "$MODEL" "$sampler-9.npy" --sampler $sampler --steps 9
    tensor check $sampler.npy
  done
  draw "$MODEL" eta.npy --eta 0.5
  [ "$(for f in *.npy; do content "$f"; done | sort | uniq -d | wc -l)" -eq 0 ]
  draw "$MODEL" default.npy
  same default.npy ddim.npy
  draw "$MODEL" four.npy --steps 4 --eta 0 --sampler ddim
  same four.npy ddim.npy
  # A run of all the ancestral noise.
  draw "$MODEL" one.npy --eta 1
  tensor diff --tolerance 1e-4 one.npy ancestral.npy
  diffuse --set process.steps=6 -o six
  draw six/model.safetensors six.npy --steps 6
  refused 3 'sampling.steps is 7; the process has 6' six/model.safetensors --steps 7
  refused 3 'sampling.steps is 1001; the process has 1000' "$MODEL" --steps 1001
  expect 0 sample "$MODEL" -n 1 --sampler ancestral --eta 0.5 -o eta.npy
  says '--eta changes nothing: it is for the sampler ddim, and this is ancestral'
  for option in '--steps 0' '--steps x' '--steps 2.5' '--eta 1.5' '--eta -1' '--sampler euler'; do
    # shellcheck disable=SC2086
    refused 2 "${option% *}" "$MODEL" $option
  done
}

@test "sample: an evidence head, its samplers and its temperature" {
  diffuse_classes --set pixels=palette --set process.schedule=information --set sampling.eta=1 --set training.steps=40 \
    --set augment.flip=0.5 -o head
  head=head/model.safetensors
  draw $head plain.npy --class each
  for options in '--temperature 0.3' '--guidance-scale 3' '--sampler dpm++2m' '--sampler ancestral --steps 7' '--eta 0' '--steps 1'; do
    # shellcheck disable=SC2086
    draw $head "with ${options/ */} ${options: -1}.npy" --class each $options
  done
  [ "$(for f in *.npy; do content "$f"; done | sort | uniq -d | wc -l)" -eq 0 ]
  draw $head same.npy --class each --temperature 1 --sampler ddim --eta 1
  same plain.npy same.npy
  sample $head -n 5 --class each --dump-steps film.npy -o watched.npy
  same plain.npy watched.npy
  [[ $(tensor info film.npy) = *'f32 [5, 16, 16, 3]'* ]]
  extract-palette -q "$SPRITES" -o p.hex
  for file in plain.npy film.npy; do
    tensor convert --colours --to u8 $file -o bytes.npy
    snap -q --palette p.hex $file -o snapped.npy
    tensor diff bytes.npy snapped.npy
  done
  refused 3 'ancestral, ddim and dpm++2m only' $head --sampler blend
  unused 'it is for diffusion with an evidence head' "$IN_PALETTE" --temperature 0.5
  unused 'it is for diffusion with an evidence head' "$MODEL" --temperature 1
}

# The betas of so many steps leave next to nothing of the picture, and then nothing less after more of them.
@test "sample: a process so long that its last times are all the same noise" {
  for beta_end in 0.02 0.9; do
    diffuse --set process.steps=100000 --set process.beta_end=$beta_end --set process.prediction=v -o $beta_end
    for sampler in ancestral ddim dpm++2m blend; do
      draw $beta_end/model.safetensors $sampler-$beta_end.npy --sampler $sampler --steps 50
      tensor check $sampler-$beta_end.npy
    done
  done
}

@test "sample: what is for diffusion models changes nothing in others; what cannot be given is refused" {
  tiny_config vae.yaml
  train-vae -q -c vae.yaml --data "$SPRITES" -o vae
  for option in '--guidance-scale 2' '--sampler ddim' '--steps 5' '--eta 1'; do
    # shellcheck disable=SC2086
    unused 'it is not for a variational autoencoder' vae/model.safetensors $option
  done
  refused 2 '--dump-steps is not for a' vae/model.safetensors --dump-steps film.npy
  expect 3 train-vae -q -c vae.yaml --data "$SPRITES" --labels "$LABELS" -o with
  says 'the VAE knows no classes'
  refused 3 'trained without classes' vae/model.safetensors --class 1
  refused 3 '--reconstruct needs an autoencoder; this is a diffusion model' "$MODEL" --reconstruct "$SPRITES"
  refused 3 '--interpolate needs an autoencoder' "$MODEL" --interpolate 0,1 --data "$SPRITES"
}

@test "sample: sprites of palette models are in the palette" {
  for options in '' '--class each' '--class 3 --guidance-scale 5' '--sampler ancestral' '--sampler blend --steps 2'; do
    # shellcheck disable=SC2086
    sample "$IN_PALETTE" -n 20 -o raw.npy $options
    tensor convert --colours --to u8 raw.npy -o bytes.npy
    extract-palette -q "$SPRITES" -o p.hex
    snap -q --palette p.hex raw.npy -o snapped.npy
    tensor diff bytes.npy snapped.npy
  done
}

@test "sample: sprite i depends on the seed and on i alone" {
  for file in "$WITH_CLASSES" "$IN_PALETTE"; do
    more=(--class each --guidance-scale 2 --sampler ancestral)
    sample "$file" -n 40 -o many.npy "${more[@]}"
    for n in 1 5 16 17; do
      sample "$file" -n $n -t 3 -o few.npy "${more[@]}"
      tensor slice many.npy 0:$n -o beginning.npy
      same few.npy beginning.npy
    done
    sample "$file" -n 1 -s 2 -o other.npy "${more[@]}"
    sample "$file" -n 1 -o one.npy "${more[@]}"
    differ one.npy other.npy
  done
}

@test "sample: --dump-steps" {
  sample "$WITH_CLASSES" -n 20 --class 2 -o plain.npy
  sample "$WITH_CLASSES" -n 20 --class 2 --dump-steps film.npy -o watched.npy
  same plain.npy watched.npy
  [[ $(tensor info film.npy) = *'f32 [5, 16, 16, 3]'* ]] # noise, and after each of four runs
  part film.npy 4 last.npy
  part plain.npy 0 first.npy
  same last.npy first.npy
  for i in 0 1 2 3; do
    part film.npy $i a.npy
    part film.npy $((i + 1)) b.npy
    differ a.npy b.npy
  done
  sample "$WITH_CLASSES" -n 2 --steps 9 --dump-steps film.npy -o two.npy
  [[ $(tensor info film.npy) = *'f32 [10, 16, 16, 3]'* ]]
  montage film.npy -q -o film.png
  expect 1 sample "$WITH_CLASSES" -n 2 --dump-steps missing/film.npy -o out.npy
  says 'missing/film.npy'
  [ ! -e out.npy ]
}

@test "sample: weights that are numbers, of samples that are none" {
  {
    head -c -4000 "$MODEL"
    for ((n = 0; n < 1000; n++)); do printf '\xff\xff\x7f\x7f'; done # the largest float
  } >huge.safetensors
  tensor check huge.safetensors
  expect 1 sample huge.safetensors -n 1 -o out.npy
  says 'huge.safetensors: value 0 of what the model made is not a finite number'
  [ ! -e out.npy ]
}

@test "sample: a model file that says other classes or another palette than it has" {
  for change in 's/"classes":"15"/"classes":"14"/' 's/"class_names":"[a-z]*\\n/"class_names":"/'; do
    {
      head -c 8 "$WITH_CLASSES"
      tail -c +9 "$WITH_CLASSES" | LC_ALL=C sed "1$change"
    } >changed.safetensors
    length=$(od -An -tu8 -N8 "$WITH_CLASSES" | tr -d ' ')
    lost=$(($(wc -c <"$WITH_CLASSES") - $(wc -c <changed.safetensors)))
    # The header keeps its length: blanks take the place of what was taken out.
    {
      head -c $((8 + length - lost)) changed.safetensors
      printf "%${lost}s" ''
      tail -c +$((9 + length - lost)) changed.safetensors
    } >padded.safetensors
    expect 3 sample padded.safetensors -n 1 -o out.npy
    says 'padded.safetensors: '
    [ ! -e out.npy ]
  done
  # A palette model whose palette is short of a colour has another number of planes.
  diffuse --set pixels=palette --set palette.code=onehot -o planes
  LC_ALL=C sed 's/"palette":"000000 /"palette":"/' planes/model.safetensors >short.safetensors
  expect 3 sample short.safetensors -n 1 -o out.npy
  LC_ALL=C sed 's/"in_palette":"yes"/"in_palette":"noo"/' planes/model.safetensors >without.safetensors
  expect 3 sample without.safetensors -n 1 -o out.npy
  says "without.safetensors: metadata 'colour_counts' is not a list of 0 counts"
  with_header without.safetensors uncounted.safetensors 's/"colour_counts":"[0-9 ]*",*//'
  expect 3 sample uncounted.safetensors -n 1 -o out.npy
  says 'pixels: palette needs'
}

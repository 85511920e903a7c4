# A loss that runs away and stays finite: said at the end of training and in the page.
bats_require_minimum_version 1.5.0
load common
load training

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  draw-sprites -q -n 24 -o sprites.npy
  extract-palette -q sprites.npy -o palette.gpl
  cat >vqvae.yaml <<'EOF'
name: tiny
method: vqvae
data: {held_out: 0.2}
training: {steps: 30, batch: 4}
output: {grid_every: 0, checkpoint_every: 5, held_out_every: 10}
EOF
  sed 's/vqvae/patch-ar/' vqvae.yaml >patch-ar.yaml
  export SHARED=$BATS_FILE_TMPDIR
}

# trained METHOD OPTION...
trained() { expect 0 "train-$1" -c "$SHARED/$1.yaml" --data "$SHARED/sprites.npy" --palette "$SHARED/palette.gpl" "${@:2}"; }

@test "a loss that runs away is warned of, -q or not, and in the log" {
  for method in vqvae patch-ar; do
    trained $method -q --set training.learning_rate=10 -o $method
    says "train-$method: $method: the loss diverged: it began at "
    says 'try a lower training.learning_rate (it is 10)'
    [ -s $method/model.safetensors ]
    [ "$(grep -c '  the loss diverged: it began at ' $method/log.txt)" -eq 1 ]
  done
}

@test "a sound training is not warned of" {
  for method in vqvae patch-ar; do
    trained $method -q -o $method
    [ -z "$stderr" ]
    trained $method -q --set training.steps=2 -o $method-2
    [ -z "$stderr" ]
  done
}

@test "a training that went on is judged as a whole" {
  trained vqvae -q --set training.steps=10 --set training.learning_rate=10 -o run
  says 'the loss diverged'
  trained vqvae -q --set training.learning_rate=10 -o run
  says 'the loss diverged: it began at '
  began=$(sed -n '2p' run/metrics.tsv | cut -f2)
  says "it began at ${began:0:4}"
}

@test "the page says so" {
  trained vqvae -q --set training.learning_rate=10 -o wild
  trained vqvae -q -o tame
  report --caption 'Wild & <free>' --caption Tame wild tame -o page.html
  grep -qF '<strong>Wild &amp; &lt;free&gt;: the loss diverged.</strong> It began at ' page.html
  [ "$(grep -c 'the loss diverged' page.html)" -eq 1 ]
}

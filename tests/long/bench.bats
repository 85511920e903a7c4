# make bench measures every training run that there is.
bats_require_minimum_version 1.5.0
load ../common
MAKE=$(command -v gmake || command -v make)

@test "bench: a line for each config" {
  cd "$REPO"
  expect 0 env -u MAKEFLAGS TIMES=1 LONG=10 "$MAKE" --no-print-directory bench
  for config in configs/*.yaml; do
    run=$(basename "$config" .yaml)
    [ "$run" = base ] || grep -qE "^$run( +[0-9.-]+ ms){2} +[0-9.]+ MB +[0-9.]+ ms$" <<<"$output"
  done
}

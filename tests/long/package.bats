# The packages, from nothing to a picture, in bare roots (tests/bare-package.sh).
bats_require_minimum_version 1.5.0
load ../common

@test "the Containerfile's lines and the Debian package in bare roots: a sheet becomes a picture and a page" {
  # shellcheck source=tests/bare-root.bash
  source "$REPO/tests/bare-root.bash"
  why=$(why_no_root) || skip "$why"
  run bash "$REPO/tests/bare-package.sh"
  echo "$output"
  [ "$status" -eq 0 ]
}

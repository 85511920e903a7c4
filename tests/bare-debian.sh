#!/usr/bin/env bash
# Shows that the README's commands work for a stranger: makes a bare Debian 12 with make and git alone, clones this
# repository into it (what is committed), and runs each command in a fresh clone. Needs root, debootstrap and the network.
#   tests/bare-debian.sh [COMMAND]...      default: 'make setup compare' 'make setup test'
# KEEP=1 leaves the folder; GRID=FILE.png gets the picture that was made.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/bare-root.bash
source "$repository/tests/bare-root.bash"
[ $# -gt 0 ] || set -- 'make setup compare' 'make setup test'
why=$(why_no_root) || { echo "bare-debian.sh: $why" >&2; exit 1; }

bare_root make,git,ca-certificates
! inside sh -c 'command -v cc || command -v bats || command -v pkg-config' || {
  echo 'bare-debian.sh: this root is not bare' >&2
  exit 1
}

git clone -q --bare "$repository" "$root/root/pixelmill.git"
number=0
for command; do
  number=$((number + 1))
  echo "bare-debian.sh: in a fresh clone: $command"
  started=$SECONDS
  inside sh -c "cd /root && git clone -q pixelmill.git clone$number && cd clone$number && $command"
  echo "bare-debian.sh: $command: done in $((SECONDS - started)) s"
done
inside sh -c 'cd /root/clone1 && ls -l runs/*/*/compare/grid.png 2>/dev/null' || true
if [ -n "${GRID-}" ]; then
  cp "$root"/root/clone1/runs/*/*/compare/grid.png "$GRID"
fi
echo 'bare-debian.sh: all commands succeeded'

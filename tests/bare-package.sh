#!/usr/bin/env bash
# Shows that the packages work for a stranger: does what packaging/Containerfile says, line by line, in bare Debian 12
# roots in place of images (FROM is a new root, COPY copies, RUN runs there), and then, in the last root, what a person
# does with the package. Needs root, debootstrap and the network; takes some minutes.
#   tests/bare-package.sh        GRID=FILE.png gets the picture that was made, DEB=FOLDER the package; KEEP=1 leaves the roots
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/bare-root.bash
source "$repository/tests/bare-root.bash"
why=$(why_no_root) || { echo "bare-package.sh: $why" >&2; exit 1; }
say() { echo "bare-package.sh: $*"; }

# ---- the Containerfile

declare -A root_of=() # of each stage with a name
folder=/ variables=()
do_line() { # do_line WORD REST
  local from=$repository words
  read -ra words <<<"$2"
  case $1 in
    FROM)
      [[ ${words[0]} == docker.io/library/debian:bookworm-slim ]] || { say "FROM ${words[0]}: expected Debian 12" >&2 && exit 1; }
      bare_root ca-certificates
      # As the slim image: no manual pages and texts.
      printf 'path-exclude /usr/share/%s/*\n' man doc >"$root/etc/dpkg/dpkg.cfg.d/slim"
      [ "${words[1]-}" != AS ] || root_of[${words[2]}]=$root
      folder=/
      variables=()
      ;;
    ENV) variables+=("${words[@]}") ;;
    WORKDIR) folder=${words[0]} && mkdir -p "$root$folder" ;;
    COPY)
      if [[ ${words[0]} == --from=* ]]; then
        from=${root_of[${words[0]#--from=}]}
        # shellcheck disable=SC2086  # a pattern
        cp $from${words[1]} "$root${words[2]}"
      else
        git -C "$repository" archive HEAD | tar -x -C "$root$folder"
      fi
      ;;
    RUN) inside env ${variables[@]+"${variables[@]}"} sh -c "cd '$folder' && $2" ;;
    ENTRYPOINT) ;;
    *) say "$1: not known here" >&2 && exit 1 ;;
  esac
}
while IFS= read -r line; do
  [[ $line =~ ^[A-Z] ]] || continue
  say "$line"
  do_line "${line%% *}" "${line#* }" </dev/null
done <"$repository/packaging/Containerfile"

# ---- what a person does with it

check() { inside su -s /bin/bash person -c "cd \"\$HOME\" && set -eu && $1"; }
inside useradd -m person
! inside sh -c 'command -v cc || command -v clang || command -v git' || { say 'this root is not bare' >&2 && exit 1; }
say 'from a sheet to a picture, in a folder with a blank in its name'
check 'mkdir "my art" && cd "my art" && pixelmill draw-sprites -q -n 96 |
  pixelmill montage -q --scale 1 --gap 0 --columns 12 -o my.png && pixelmill compare my.png --quick >said 2>&1 || { cat said; exit 1; }
  test -s runs/my/smoke/compare/grid.png && test -s runs/my/smoke/compare/index.html'
say 'a page that draws'
check 'cd "my art" && pixelmill page my.png --quick && test -s runs/my/smoke/patch-ar/studio.html'
say 'again there is nothing to do'
check 'cd "my art" && pixelmill compare my.png --quick | grep "Nothing to do" >/dev/null'
say 'without the texts, which this root leaves out, help is there'
check 'pixelmill help sample | grep "Usage: pixelmill sample" >/dev/null'
say 'manual pages and completion, with the texts'
inside rm /etc/dpkg/dpkg.cfg.d/slim
cp "${root_of[build]}"/src/build/deb/pixelmill_*.deb "$root/tmp"
inside sh -c 'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends man-db bash-completion &&
  DEBIAN_FRONTEND=noninteractive apt-get install -y --reinstall /tmp/pixelmill_*.deb' >"$root/tmp/said" 2>&1 || { cat "$root/tmp/said"; exit 1; }
check 'man pixelmill-sample | grep -q "pixelmill sample model.safetensors -n 64 | pixelmill snap"'
check 'man -P cat pixelmill | grep -q "pixelmill compare my.png"'
check 'test -s /usr/share/doc/pixelmill/README.md && pixelmill book | grep -q /usr/share/doc/pixelmill/book.html'
# shellcheck disable=SC2016  # that shell expands them
check '. /usr/share/bash-completion/bash_completion && _completion_loader pixelmill || test $? -eq 124
  COMP_WORDS=(pixelmill sample --sampl) COMP_CWORD=2 && _pixelmill && test "${COMPREPLY[*]}" = --sampler'
say 'removed, it leaves the results and nothing else'
inside sh -c 'DEBIAN_FRONTEND=noninteractive apt-get purge -y pixelmill >/dev/null'
[ -z "$(find "$root/usr" -path '*pixelmill*' -print -quit)" ]
check 'test -s "my art/runs/my/smoke/compare/grid.png"'
if [ -n "${GRID-}" ]; then cp "$root/home/person/my art/runs/my/smoke/compare/grid.png" "$GRID"; fi
if [ -n "${DEB-}" ]; then cp "${root_of[build]}"/src/build/deb/*.deb "$DEB"; fi
say 'all went well'

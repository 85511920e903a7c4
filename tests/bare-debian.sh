#!/usr/bin/env bash
# Shows that the README's commands work for a stranger: makes a bare Debian 12 with make and git alone, clones this
# repository into it (what is committed), and runs each command in a fresh clone. Needs root, debootstrap and the network.
#   tests/bare-debian.sh [COMMAND]...      default: 'make setup compare' 'make setup test'
# KEEP=1 leaves the folder. The sources of apt come from this machine, so that it works behind a mirror.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ $# -gt 0 ] || set -- 'make setup compare' 'make setup test'
[ "$(id -u)" -eq 0 ] || { echo 'bare-debian.sh: must be root, for debootstrap and chroot' >&2; exit 1; }
command -v debootstrap >/dev/null || { echo 'bare-debian.sh: debootstrap is missing: apt-get install debootstrap' >&2; exit 1; }

root=$(mktemp -d /var/tmp/bare-debian.XXXXXX)
clean_up() {
  for place in dev/pts dev proc sys; do
    if mountpoint -q "$root/$place"; then umount -l "$root/$place"; fi
  done
  if [ -n "${KEEP-}" ]; then
    echo "kept: $root"
  elif grep -qF "$root" /proc/mounts; then
    echo "bare-debian.sh: something is still mounted below $root; left as it is" >&2
  else
    rm -rf --one-file-system "$root"
  fi
}
trap clean_up EXIT

# Where this machine gets Debian from, in either form of apt's lists.
sources() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    sed -nE 's/^deb (\[[^]]*\] )?([a-z]+:[^ ]+) bookworm[^ ]* .*/\2/p; s/^URIs: *([^ ]+).*/\1/p' | grep 'debian' || true
}
mirror=$(sources | grep -v security | sed -n 1p)
mirror=${mirror:-http://deb.debian.org/debian}
security=$(sources | grep security | sed -n 1p)
echo "bare-debian.sh: bookworm from $mirror into $root"
debootstrap --variant=minbase --include=make,git,ca-certificates bookworm "$root" "$mirror" >"$root.log" 2>&1 || {
  tail -n 20 "$root.log" >&2
  exit 1
}
rm "$root.log"

{
  echo "deb $mirror bookworm main"
  [ -z "$security" ] || echo "deb $security bookworm-security main"
} >"$root/etc/apt/sources.list"
# Proxies and certificates of this machine, without which it may not reach the mirror.
grep -lE 'Acquire::(http|https|Check)' /etc/apt/apt.conf /etc/apt/apt.conf.d/* 2>/dev/null |
  while read -r file; do cp "$file" "$root/etc/apt/apt.conf.d/"; done || true
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
if [ -d /usr/local/share/ca-certificates ]; then
  cp -a /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
fi
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t devpts devpts "$root/dev/pts" 2>/dev/null || mount --bind /dev/pts "$root/dev/pts"

inside() {
  env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb ${http_proxy+http_proxy="$http_proxy"} \
    ${https_proxy+https_proxy="$https_proxy"} chroot "$root" "$@"
}
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

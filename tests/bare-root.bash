# Bare Debian 12 roots, in which to do what a stranger does. Needs root, debootstrap and the network. The sources of apt
# come from this machine, so that it works behind a mirror. KEEP=1 leaves the roots.
# shellcheck shell=bash

bare_roots=()
clean_up_roots() {
  local root place
  for root in ${bare_roots[@]+"${bare_roots[@]}"}; do
    for place in dev/pts dev proc sys; do
      if mountpoint -q "$root/$place"; then umount -l "$root/$place"; fi
    done
    if [ -n "${KEEP-}" ]; then
      echo "kept: $root"
    elif grep -qF "$root" /proc/mounts; then
      echo "${0##*/}: something is still mounted below $root; left as it is" >&2
    else
      rm -rf --one-file-system "$root"
    fi
  done
}

# why_no_root: fails, with the reason on standard output, where no root can be made.
why_no_root() {
  [ "$(id -u)" -eq 0 ] || { echo 'must be root, for debootstrap and chroot' && return 1; }
  command -v debootstrap || { echo 'debootstrap is missing: apt-get install debootstrap' && return 1; }
}

# Where this machine gets Debian from, in either form of apt's lists.
debian_sources() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    sed -nE 's/^deb (\[[^]]*\] )?([a-z]+:[^ ]+) bookworm[^ ]* .*/\2/p; s/^URIs: *([^ ]+).*/\1/p' | grep 'debian' || true
}

# bare_root PACKAGE,PACKAGE...: a new root with these alone, in $root.
bare_root() {
  local mirror security
  root=$(mktemp -d /var/tmp/bare-debian.XXXXXX)
  chmod 755 "$root" # it is the / of users in it, too
  bare_roots+=("$root")
  trap clean_up_roots EXIT
  mirror=$(debian_sources | grep -v security | sed -n 1p)
  mirror=${mirror:-http://deb.debian.org/debian}
  security=$(debian_sources | grep security | sed -n 1p)
  echo "${0##*/}: bookworm from $mirror into $root"
  debootstrap --variant=minbase --include="$1" bookworm "$root" "$mirror" >"$root.log" 2>&1 || {
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
    mkdir -p "$root/usr/local/share/ca-certificates"
    cp -a /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
  fi
  mount -t proc proc "$root/proc"
  mount --bind /dev "$root/dev"
  mount -t devpts devpts "$root/dev/pts" 2>/dev/null || mount --bind /dev/pts "$root/dev/pts"
}

# inside COMMAND...: in $root, with nothing of this machine's environment but its proxies.
inside() {
  env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb ${http_proxy+http_proxy="$http_proxy"} \
    ${https_proxy+https_proxy="$https_proxy"} chroot "$root" "$@"
}

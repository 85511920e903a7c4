#!/usr/bin/env bash
# Brings one sheet of a published archive into a folder, once: fetch.sh FOLDER ARCHIVE MEMBER PIXELS
#   FOLDER   where archive and sheet lie; it is made if need be
#   ARCHIVE  the archive's name there, and what its address ends in
#   MEMBER   the sheet's path in the archive; in FOLDER it has the last part of that as its name
#   PIXELS   the SHA-256 that `tensor hash` tells of the sheet: archives are packed anew, their pixels stay
# Either file may be put there by hand. Once the sheet is there, nothing is fetched, and no network is needed.
#
# Environment: TOOLS, the folder of the tools; URL, the archive's address; where that is empty, PAGE, the publisher's
# page with a link to it; and LAST_KNOWN, the address where the page tells none. SAYS_URL: what the user sets URL by;
# me: what the user calls the makefiles by.
# Exit status: 0 the sheet is there; 1 it could not be fetched or written; 2 wrong usage; 3 what is there is not that
# sheet.
set -euo pipefail
readonly tries=3 most_archive=67108864 most_sheet=4194304 most_page=4194304 patience=600

say() { printf 'fetch: %s\n' "$*" >&2; }
die() { # die STATUS TEXT...
  local status=$1
  shift
  say "$@"
  exit "$status"
}
if [ $# -ne 4 ]; then die 2 'usage: fetch.sh FOLDER ARCHIVE MEMBER PIXELS'; fi
folder=$1 member=$3 pixels=$4
archive=$folder/$2 part=$folder/$2.part sheet=$folder/${3##*/} lock=$folder/$2.lock
new_sheet=$sheet.part
: "${me:=make}" "${TOOLS:?}" "${PAGE:=}" "${URL:=}" "${LAST_KNOWN:=}" "${SAYS_URL:=URL}"
by_hand="get ${archive##*/} by hand${PAGE:+ from $PAGE} and put it, or the $member in it, into $folder/"

# is_the_sheet FILE: its pixels are the known ones.
is_the_sheet() {
  local told
  told=$("$TOOLS/tensor" hash "$1" 2>/dev/null) && [ "${told%% *}" = "$pixels" ]
}

# The sheet that lies there is the one, or nobody is led to believe so.
check_sheet() {
  is_the_sheet "$sheet" || die 3 "$sheet: its pixels are not those expected (SHA-256 $pixels). Move it away to have it fetched," \
    "or cut it as a sheet of your own: $me compare SHEET=$sheet NAME=..."
}

# ---- one at a time: others wait until the sheet is there

unlock() { rm -f "$lock" "$new_sheet" "$part.said"; }
take_lock() {
  local waited=0 holder
  until (set -o noclobber && echo $$ >"$lock") 2>/dev/null; do
    holder=$(cat "$lock" 2>/dev/null || true)
    if [ ! -e "$lock" ]; then
      [ -w "$folder" ] || die 1 "$folder: cannot be written to"
    elif [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
      # Its holder was killed. Of several that see this, one moves it away.
      if mv "$lock" "$lock.$$" 2>/dev/null; then rm -f "$lock.$$"; fi
      continue
    fi
    [ $waited -gt 0 ] || say "waiting for process ${holder:-?}, which is fetching the same"
    [ $((waited += 1)) -le $patience ] || die 1 "$lock: another process holds it; remove it if there is none"
    sleep 1
  done
  trap unlock EXIT
}

# ---- the archive

unpack_needs() {
  command -v unzip >/dev/null || die 1 "unzip is not installed: install it, or $by_hand"
}

# The address: as told, as the page links to it, or the last known one.
address() {
  local link=''
  if [ -n "$URL" ]; then
    printf '%s\n' "$URL"
    return
  fi
  if [ -n "$PAGE" ]; then
    link=$(curl --fail --location --silent --proto '=https,http' --max-time 60 --max-filesize $most_page "$PAGE" 2>/dev/null |
      head -c $most_page | grep -aoE "[^\"'<>() ]*/${archive##*/}" | head -n 1) || true
  fi
  case $link in
    https://* | http://*) ;;
    //*) link=${PAGE%%//*}$link ;;
    /*) link=$(sed -E 's|^([a-z]+://[^/]*).*|\1|' <<<"$PAGE")$link ;;
    *) link=$LAST_KNOWN ;;
  esac
  printf '%s\n' "$link"
}

# Goes on where an earlier download of the part file stopped.
download() {
  local url=$1 try status
  for ((try = 1; try <= tries; try++)); do
    [ $try -eq 1 ] || sleep "${PAUSE:-1}"
    status=0
    curl --fail --location --silent --show-error --proto '=https,http,file' --proto-redir '=https,http' \
      --connect-timeout 20 --speed-limit 100 --speed-time 30 --max-filesize $most_archive \
      --continue-at - --output "$part" "$url" 2>"$part.said" || status=$?
    case $status in
      0) return ;;
      23) break ;; # it cannot be written
      22 | 33 | 36) # refused, or refused to go on: perhaps because nothing is missing
        [ -s "$part" ] || break
        if unzip -tqq "$part" >/dev/null 2>&1; then return; fi
        rm -f "$part"
        ;;
    esac
  done
  say "$url: $(sed -n '$s/^curl: ([0-9]*) //p' "$part.said" 2>/dev/null)"
  if [ $status -eq 23 ]; then die 1 "$part: cannot be written (curl's error 23)"; fi
  if [ -s "$part" ]; then say "$(wc -c <"$part" | tr -d ' ') bytes are in $part; starting again goes on from there"; fi
  die 1 "not fetched. Try again; give another address with $SAYS_URL=...; or $by_hand"
}

# unpack ARCHIVE: the sheet beside its place, into a name of our own whatever paths the archive holds. False, with the
# reason in $problem, if it does not hold the sheet.
unpack() {
  local status=0
  unzip -tqq "$1" >/dev/null 2>&1 || status=$?
  if [ $status -gt 1 ]; then problem='is no zip archive, or a damaged one' && return 1; fi
  unzip -Z1 "$1" 2>/dev/null | grep -Fx -- "$member" >/dev/null || { problem="holds no $member" && return 1; }
  # Cut off at a size that a sheet never has; what is cut has other pixels.
  { unzip -pqq "$1" "$member" 2>/dev/null || true; } | head -c $most_sheet >"$new_sheet" ||
    die 1 "$new_sheet: cannot be written"
  is_the_sheet "$new_sheet" || { problem="holds a $member with other pixels than expected (SHA-256 $pixels)" && return 1; }
}

fetch_archive() {
  local url went_on=''
  command -v curl >/dev/null || die 1 "curl is not installed: install it, or $by_hand"
  url=$(address)
  [ -n "$url" ] || die 1 "no address is known; give one with $SAYS_URL=..., or $by_hand"
  [ ! -s "$part" ] || went_on=yes
  say "fetching $url"
  download "$url"
  if ! unpack "$part" && [ "$went_on" ]; then
    say "what had been fetched earlier does not go with the rest; once more from the start"
    rm -f "$part"
    problem=''
    download "$url"
    unpack "$part" || true
  fi
  if [ "$problem" ]; then
    rm -f "$part"
    die 3 "$url: what it serves $problem. If the publisher moved it, give its address with $SAYS_URL=..., or $by_hand"
  fi
  mv "$part" "$archive" || die 1 "$archive: cannot be written"
}

# ---- what is done

if [ ! -e "$sheet" ]; then
  mkdir -p "$folder" 2>/dev/null || die 1 "$folder: this folder cannot be made"
  take_lock
  if [ ! -e "$sheet" ]; then
    problem=''
    unpack_needs
    if [ ! -e "$archive" ]; then
      fetch_archive
    elif ! unpack "$archive"; then
      die 3 "$archive: $problem. Remove it to have it fetched again, or $by_hand"
    fi
    mv "$new_sheet" "$sheet" || die 1 "$sheet: cannot be written"
    say "$sheet is there"
  fi
fi
check_sheet

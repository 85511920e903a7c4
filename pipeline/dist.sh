#!/usr/bin/env bash
# The sources as an archive: dist.sh NAME ARCHIVE.tar.gz, from the top folder. In it lies one folder NAME.
# In a repository: what git knows, and what is new and not ignored, as it is in the folder now. Else, as in an unpacked
# archive, all but what is built. The same files give the same bytes: the times are that of the last commit, or of the
# youngest file.
set -euo pipefail
name=$1 archive=$2

files() {
  if [ -e .git ]; then
    git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
      [ ! -f "$file" ] || printf '%s\0' "$file"
    done
  else
    find . -type f ! -path './build/*' ! -path './debian/*' ! -path './data/*/*' ! -path './runs/*/*' ! -path './.pc/*' -print0
  fi
}
time_of() {
  if [ -e .git ]; then git log -1 --format=%ct; else files | xargs -0 stat -c %Y | sort -n | tail -n 1; fi
}

files | LC_ALL=C sort -z |
  tar --null --files-from=- --transform="s|^\(\./\)*|$name/|" --mtime="@${SOURCE_DATE_EPOCH:-$(time_of)}" \
    --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r,go-w -cf - | gzip -9n >"$archive.new"
mv "$archive.new" "$archive"

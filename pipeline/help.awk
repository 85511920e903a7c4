# Prints the help that stands in the makefiles: `target: prerequisites ## text`, then lines that begin with `#:`.
/^#: ?/ {
  sub(/^#: ?/, "")
  notes = notes "\n" ($0 ~ /^[A-Z][a-z ]*:/ ? "\n" : "") $0
}
/^[A-Za-z][-A-Za-z0-9_\/]*:.*## / {
  target = $0
  sub(/:.*/, "", target)
  text = $0
  sub(/.*## /, "", text)
  printf "  %s %-13s %s\n", me, target, text
}
END { print notes }

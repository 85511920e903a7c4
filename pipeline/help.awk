# Prints the help that stands in the makefiles: `target: prerequisites ## text` and free lines that begin with `#: `.
/^#: ?/ {
  sub(/^#: ?/, "")
  print
  next
}
/^[A-Za-z][-A-Za-z0-9_\/]*:.*## / {
  target = $0
  sub(/:.*/, "", target)
  text = $0
  sub(/.*## /, "", text)
  printf "  %-12s %s\n", target, text
}

# Make's list of rules (make -npq) to a graph for graphviz: the files that `goal` is made from, below folder `root`.
# Keys are left out: they say when, not from what.
function wanted(file) { return index(file, root) == 1 && file !~ /key$/ }
/^[^#\t ][^=]*:/ {
  split($0, half, ":")
  target = half[1]
  if (!wanted(target) || target ~ / /) next
  rest = substr($0, length(target) + 2)
  n = split(rest, word, /[ |]+/)
  for (i = 1; i <= n; i++)
    if (wanted(word[i])) from[target] = from[target] " " word[i]
}
# Depth first from the goal, each file once.
function walk(file, n, word, i) {
  if (seen[file]++) return
  n = split(from[file], word, " ")
  for (i = 1; i <= n; i++) {
    if (!((word[i], file) in edge)) {
      edge[word[i], file]
      lines = lines sprintf("  \"%s\" -> \"%s\";\n", label(word[i]), label(file))
    }
    walk(word[i])
  }
}
function label(file) { return substr(file, length(root) + 1) }
END {
  walk(goal)
  printf "digraph pipeline {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n%s}\n", lines
}

# Fills in the code that a tutorial quotes: awk -f pipeline/quote.awk TEXT.md, from the top folder of the repository,
# prints the text with each quotation as the source has it now.
#
#   <!-- quote lib/core/random.c "void pm_normals(" -->     from the line with these words to the next line that
#   ```c                                                     begins with a closing brace
#   ```
#   <!-- quote lib/core/random.c "/* first" "last;" -->     from the line of the first words to that of the last
#
# Whatever stands in the fence below the comment is replaced. The first words must stand in one line of the source only,
# so that the quotation is of what was meant. Lines lose the indentation of the first of them.

function fail(what) {
  printf "quote.awk: %s:%d: %s\n", FILENAME, FNR, what >"/dev/stderr"
  failed = 1
  exit 3
}

# The words in the n-th pair of quotation marks of a line.
function words(line, n, parts) {
  split(line, parts, "\"")
  return parts[2 * n]
}

function print_quotation(file, first, last, line, starts, inside, indent, found) {
  while ((found = (getline line <file)) > 0) {
    if (index(line, first)) {
      if (starts++) fail("\"" first "\" stands in several lines of " file)
      match(line, /^ */)
      indent = RLENGTH
      inside = 1
    }
    if (inside) {
      match(line, /^ */)
      print substr(line, (RLENGTH < indent ? RLENGTH : indent) + 1)
      if (last == "" ? line ~ /^}/ : index(line, last)) inside = 0
    }
  }
  close(file)
  if (found < 0) fail("there is no " file)
  if (!starts) fail("\"" first "\" is not in " file)
  if (inside) fail("the quotation from \"" first "\" in " file " has no end")
}

skipping {
  if ($0 == "```") {
    skipping = 0
    print
  }
  next
}

{ print }

/^<!-- quote / {
  comment = $0
  file = $3
  if ((getline) <= 0 || $0 !~ /^```[a-z]/) fail("a quotation needs a fence with its language in the next line")
  print
  print_quotation(file, words(comment, 1), words(comment, 2))
  skipping = 1
}

END {
  if (!failed && skipping) fail("the fence of the last quotation has no end")
  if (failed) exit 3
}

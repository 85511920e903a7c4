# Markdown to HTML, as much of it as the tutorials use: headings, paragraphs, lists (one level), tables, fences, bold,
# emphasis, code, links, pictures, comments. awk -f book.awk pictures=1 PICTURES pictures=0 TEXT.md: PICTURES has a line
# for each picture, its name and its bytes in base64.

function escaped(s) {
  gsub(/&/, "\\&amp;", s)
  gsub(/</, "\\&lt;", s)
  gsub(/>/, "\\&gt;", s)
  return s
}

# The address of a link: a place in the page for another text, else the file as seen from build/.
function address(to, parts) {
  if (to ~ /^https?:/) return to
  if (to ~ /^[0-9A-Za-z-]+\.md$/) return "#" to
  if (to ~ /^\.\.\/\.\.\//) return "../" substr(to, 7)
  if (to ~ /^\.\.\//) return "../docs/" substr(to, 4)
  return "../docs/learn/" to
}

function replace_pairs(s, mark, tag, out, i, j) {
  while ((i = index(s, mark)) > 0 && (j = index(substr(s, i + length(mark)), mark)) > 1) {
    out = out substr(s, 1, i - 1) "<" tag ">" substr(s, i + length(mark), j - 1) "</" tag ">"
    s = substr(s, i + 2 * length(mark) + j - 1)
  }
  return out s
}

function link(s, out, text, to, picture) {
  while (match(s, /!?\[[^]]*\]\([^)]*\)/)) {
    picture = substr(s, RSTART, 1) == "!"
    text = substr(s, RSTART + 1 + picture, RLENGTH - 2 - picture)
    to = text
    sub(/\]\(.*/, "", text)
    sub(/.*\]\(/, "", to)
    out = out substr(s, 1, RSTART - 1)
    if (picture) {
      kind = to
      sub(/.*\./, "", kind)
      if (!(to in bytes)) fail("there is no picture " to)
      out = out "<img alt=\"" text "\" src=\"data:image/" kind ";base64," bytes[to] "\">"
    } else
      out = out "<a href=\"" address(to) "\">" text "</a>"
    s = substr(s, RSTART + RLENGTH)
  }
  return out s
}

# What stands between backquotes is code, as it is; the rest has the other marks.
function inline(s, part, n, i, out, code, codes) {
  n = split(escaped(s), part, "`")
  for (i = 1; i <= n; i++)
    if (i % 2) out = out part[i]
    else {
      code[++codes] = part[i]
      out = out "\001" codes "\002"
    }
  out = replace_pairs(replace_pairs(link(out), "**", "strong"), "*", "em")
  for (i = 1; i <= codes; i++) {
    n = index(out, "\001" i "\002")
    out = substr(out, 1, n - 1) "<code>" code[i] "</code>" substr(out, n + length(i) + 2)
  }
  return out
}

function fail(what) {
  printf "book.awk: %s:%d: %s\n", FILENAME, FNR, what >"/dev/stderr"
  failed = 1
  exit 3
}

# Ends the paragraph, item, list or table that is open.
function end_text() {
  if (text != "") print (item ? "<li>" inline(text) "</li>" : "<p>" inline(text) "</p>")
  text = ""
  item = 0
}
function end_block() {
  end_text()
  if (list != "") print "</" list ">"
  if (table) print "</table>"
  list = ""
  table = 0
}

function cells(line, tag, cell, n, i, out) {
  n = split(line, cell, "|")
  for (i = 2; i < n; i++) {
    gsub(/^ +| +$/, "", cell[i])
    out = out "<" tag ">" inline(cell[i]) "</" tag ">"
  }
  return "<tr>" out "</tr>"
}

function add_item(kind, line) {
  if (table || list != kind) end_block()
  end_text()
  if (list == "") print "<" kind ">"
  list = kind
  item = 1
  text = line
}

pictures {
  if (split($0, half, "\t") == 2) bytes[half[1]] = half[2]
  next
}

FNR == 1 {
  name = FILENAME
  sub(/.*\//, "", name)
}

/^```/ {
  end_block()
  printf "%s", fenced ? "</code></pre>\n" : "<pre><code>"
  fenced = !fenced
  next
}
fenced { print escaped($0); next }

/^<!--/ { next }
/^$/ { if (list == "" || item) end_text(); if (table) end_block(); next }
/^#+ / {
  end_block()
  match($0, /^#+/)
  level = RLENGTH
  print "<h" level (level == 1 ? " id=\"" name "\"" : "") ">" inline(substr($0, level + 2)) "</h" level ">"
  next
}
/^\|/ {
  if ($0 ~ /^[|: -]+$/) next
  if (!table) {
    end_block()
    print "<table>"
    print ($0 ~ /^[| ]+$/ ? "" : cells($0, "th"))
    table = 1
  } else
    print cells($0, "td")
  next
}
/^- / { add_item("ul", substr($0, 3)); next }
/^[0-9]+\. / { sub(/^[0-9]+\. /, ""); add_item("ol", $0); next }
{
  if (table || (list != "" && !item)) end_block()
  sub(/^ +/, "")
  text = text == "" ? $0 : text " " $0
}

END {
  if (failed) exit 3
  if (fenced) fail("the last fence has no end")
  end_block()
}

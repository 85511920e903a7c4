#!/usr/bin/env bats
# The texts: what they name is there, and their lines can be read in a terminal.
load common

texts() { find "$REPO/README.md" "$REPO/docs" "$REPO/data/README.md" "$REPO/runs/README.md" -name '*.md'; }

@test "every code location in the glossary exists, and every row has one or a paper" {
  cd "$REPO"
  rows=0
  while IFS='|' read -r _ term meaning code paper _; do
    case $term in *---* | ' term ' | '') continue ;; esac
    rows=$((rows + 1))
    [[ -n ${meaning// /} && -n ${code// /}${paper// /} ]] || { echo "incomplete: $term" >&2; return 1; }
    for file in $(tr -d '`' <<<"$code"); do
      [ -f "$file" ] || { echo "$term: there is no $file" >&2; return 1; }
    done
  done < <(grep '^|' docs/glossary.md)
  [ "$rows" -ge 90 ]
}

@test "the glossary's terms are in alphabetical order within each subject" {
  awk -F' *[|] *' '
    /^## / { last = "" }
    /^\|/ && $2 != "term" && $2 !~ /^---/ {
      term = tolower($2)
      if (term < last) { print last " stands before " term; wrong = 1 }
      last = term
    }
    END { exit wrong }' "$REPO/docs/glossary.md"
}

@test "every file that a text links to exists" {
  while read -r text; do
    for link in $(grep -o '](\([^)]*\))' "$text" | sed 's/^](//; s/)$//; s/#.*//' | grep -v '^https\?:'); do
      [ -e "$(dirname "$text")/$link" ] || { echo "$text: there is no $link" >&2; return 1; }
    done
  done < <(texts)
}

# headings TEXT: what links call them, as GitHub does: small letters, hyphens for blanks, no other signs.
headings() { sed -n 's/^##* //p' "$1" | tr '[:upper:] ' '[:lower:]-' | LC_ALL=C sed 's/[^-_a-z0-9]//g'; }

@test "every heading that a text links to exists" {
  links=0
  while read -r text; do
    for link in $(grep -o '](\([^)]*\))' "$text" | sed 's/^](//; s/)$//' | grep '#' | grep -v '^https\?:'); do
      file=${link%%#*}
      headings "$(dirname "$text")/${file:-$(basename "$text")}" | grep -qxF -- "${link#*#}" ||
        { echo "$text: there is no heading $link" >&2; return 1; }
      links=$((links + 1))
    done
  done < <(texts)
  [ "$links" -ge 20 ]
}

@test "the top of the README fits one screen: picture, two commands, an own sheet, the page that draws" {
  top=$(sed '/^## /,$d' "$REPO/README.md")
  [ "$(wc -l <<<"$top")" -le 45 ]
  for text in '](docs/images/builtin.png)' 'make setup compare ' 'make setup test ' 'make compare SHEET=' 'setup page PAGE=1' 'docs/installing.md'; do
    [[ $top == *"$text"* ]] || { echo "lacks: $text" >&2; return 1; }
  done
}

@test "every tool has its line in docs/tools.md" {
  for tool in $(tools_built); do
    grep -q "^|.*\`$tool\`.*|" "$REPO/docs/tools.md" || { echo "lacks $tool" >&2; return 1; }
  done
}

@test "prose is wrapped at 120 columns" {
  while read -r text; do
    # In the C locale awk counts bytes: those that continue a character of UTF-8 are left out.
    awk -v text="$text" '
      /^```/ { code = !code }
      code || /^(\||!\[|    )/ { next }
      { gsub(/[\200-\277]/, "") }
      length > 120 { print text ":" FNR ": " length " columns"; wrong = 1 }
      END { exit wrong }' "$text"
  done < <(texts)
}

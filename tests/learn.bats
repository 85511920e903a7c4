#!/usr/bin/env bats
# The tutorials: their quotations are the sources', their commands run as they are printed, and the book has it all.
bats_require_minimum_version 1.5.0
load common

# The texts lie below the top folder, and so do the configs; the results of a comparison are made here, small.
setup_file() {
  export LEARN=$BATS_FILE_TMPDIR/top
  mkdir -p "$LEARN"
  cd "$LEARN" || return 1
  ln -s "$REPO/configs" configs
  local data=runs/builtin/data run
  mkdir -p $data runs/builtin/default
  draw-sprites -q -n 300 --labels $data/labels.npy --names $data/names.txt -o $data/sprites.npy
  extract-palette -q $data/sprites.npy -o $data/palette.gpl
  small() { # small RUN TRAINER [OPTION]...
    local run=$1 trainer=$2
    shift 2
    "$trainer" -q -c "configs/$run.yaml" --preset smoke --data $data/sprites.npy "$@" -o "runs/builtin/default/$run"
  }
  small vae-mse train-vae
  small vae-bce train-vae
  small vqvae train-vqvae
  small prior fit-prior --vqvae runs/builtin/default/vqvae/model.safetensors
  for run in ddpm:train-ddpm ddpm-palette:train-ddpm patch-ar:train-patch-ar; do
    small "${run%:*}" "${run#*:}" --palette $data/palette.gpl --labels $data/labels.npy --class-names $data/names.txt
  done
  sample -q runs/builtin/default/patch-ar/model.safetensors -n 30 -o runs/builtin/default/patch-ar/scored.npy
}

# commands TEXT: what stands in its fences of the shell, but for those that take minutes.
commands() {
  awk '
    /^```/ { shell = !shell && $0 == "```sh" && !long; long = 0; next }
    shell
    /^<!-- takes minutes -->$/ { long = 1 }' "$1"
}

# runs_as_printed NUMBER: the commands of a tutorial, after those of the path.
runs_as_printed() {
  local text
  text=$(echo "$REPO/docs/learn/$1"-*.md)
  cp -R "$LEARN" top
  cd top || return 1
  { echo 'set -euo pipefail'; commands "$REPO/docs/learn/README.md"; commands "$text"; } >"$T/commands"
  [ "$(commands "$text" | wc -l)" -gt 1 ]
  PRESET=smoke N=45 bash "$T/commands" >"$T/printed" 2>&1 || { cat "$T/printed" >&2; return 1; }
}

@test "what the tutorials quote is in the sources" {
  cd "$REPO"
  for text in docs/learn/*.md; do
    awk -f pipeline/quote.awk "$text" | diff -u "$text" - || { echo "make quotes brings $text up to date" >&2; return 1; }
  done
  [ "$(cat docs/learn/*.md | grep -c '^<!-- quote ')" -ge 20 ]
}

@test "a quotation that the source has no more, or more than once, is refused with its place" {
  printf 'int one(void) {\n  return 1;\n}\nint two;\nint two;\n' >source.c
  quote() { # quote WORDS STATUS
    # shellcheck disable=SC2016 # the backquotes are a fence's
    printf 'text\n<!-- quote source.c %s -->\n```c\nold\n```\nmore\n' "$1" >text.md
    expect "$2" awk -f "$REPO/pipeline/quote.awk" text.md
  }
  quote '"int one("' 0
  prints 'int one(void) {
  return 1;
}
```
more'
  for words in '"int three"' '"int two"' '"int one(" "no such line"'; do
    quote "$words" 3
    says 'quote.awk: text.md:'
  done
}

@test "the book has every tutorial, needs no network, and closes what it opens" {
  cd "$REPO"
  bash pipeline/book.sh docs/learn/*.md >"$T/book.html"
  for text in docs/learn/*.md; do
    [ "$(grep -c "<h1 id=\"$(basename "$text")\">" "$T/book.html")" -eq 1 ]
  done
  if grep -E -o '(src|href)="[^"]{0,40}' "$T/book.html" | grep -E -v '^(src="data:image/png;base64|href="(#|\.\./|https?:))'; then return 1; fi
  grep -o 'href="[#.][^"]*"' "$T/book.html" | sed 's/href="//; s/"$//' | sort -u >"$T/links"
  while read -r link; do
    case $link in
      '#'*) grep -q "id=\"${link#\#}\"" "$T/book.html" ;;
      *) file=${link#../} && [ -e "${file%%#*}" ] ;; # its headings: docs.bats
    esac || { echo "the book's link $link leads nowhere" >&2; return 1; }
  done <"$T/links"
  for tag in p ul ol li table tr th td pre code strong em h1 h2 a; do
    open=$(grep -o "<${tag}[ >]" "$T/book.html" | wc -l)
    [ "$open" -eq "$(grep -o "</$tag>" "$T/book.html" | wc -l)" ] || { echo "unbalanced: $tag" >&2; return 1; }
  done
  [ "$(grep -c '<img ' "$T/book.html")" -eq "$(cat docs/learn/*.md | grep -c '^!\[')" ]
}

@test "the converter: marks, tables, lists, fences" {
  cat >text.md <<'END'
# A & B

One **bold** and *soft* word, `a*b*c` and [a link](02-x.md),
two lines.

| | n |
| --- | --- |
| **x** | 1 < 2 |

- an item
  that goes on
- another

```c
if (a < b && *c) x = *d;
```
END
  expect 0 awk -f "$REPO/pipeline/book.awk" pictures=1 /dev/null pictures=0 text.md
  [ "$output" = '<h1 id="text.md">A &amp; B</h1>
<p>One <strong>bold</strong> and <em>soft</em> word, <code>a*b*c</code> and <a href="#02-x.md">a link</a>, two lines.</p>
<table>
<tr><th></th><th>n</th></tr>
<tr><td><strong>x</strong></td><td>1 &lt; 2</td></tr>
</table>
<ul>
<li>an item that goes on</li>
<li>another</li>
</ul>
<pre><code>if (a &lt; b &amp;&amp; *c) x = *d;
</code></pre>' ]
}

@test "every tutorial is in the path, and every picture in a text" {
  cd "$REPO/docs/learn"
  for text in [0-9]*.md; do grep -q "]($text)" README.md; done
  for picture in images/*; do grep -q "]($picture)" ./*.md; done
}

@test "the commands of tutorial 00 run as they are printed" { runs_as_printed 00; }
@test "the commands of tutorial 01 run as they are printed" { runs_as_printed 01; }
@test "the commands of tutorial 02 run as they are printed" { runs_as_printed 02; }
@test "the commands of tutorial 03 run as they are printed" { runs_as_printed 03; }
@test "the commands of tutorial 04 run as they are printed" { runs_as_printed 04; }
@test "the commands of tutorial 05 run as they are printed" { runs_as_printed 05; }
@test "the commands of tutorial 06 run as they are printed" { runs_as_printed 06; }
@test "the commands of tutorial 07 run as they are printed" { runs_as_printed 07; }
@test "the commands of tutorial 08 run as they are printed" { runs_as_printed 08; }
@test "the commands of tutorial 09 run as they are printed" { runs_as_printed 09; }
@test "the commands of tutorial 10 run as they are printed" { runs_as_printed 10; }

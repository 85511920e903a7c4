#!/usr/bin/env bash
# One HTML page of Markdown texts: book.sh TEXT.md... >book.html, from the top folder of the repository. Pictures are in
# the page itself, and nothing is fetched. Links between the texts lead to their place in the page, others to the file.
set -euo pipefail
cat <<'END'
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>How pixelmill works</title>
<style>
END
# The colours of all pages.
sed -n '/^const char pm_page_colours/,/;$/s/^ *"\([^"]*\)".*/\1/p' lib/report/style.c | sed 's/\\n$//'
cat <<'END'
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.7rem;line-height:1.2;margin:4rem 0 .5rem}
h2{font-size:1.3rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line)}
p,li{max-width:46rem}
a{color:var(--first)}
pre{overflow-x:auto;padding:.6rem .8rem;background:var(--panel);border:1px solid var(--line);border-radius:4px}
code{font:.88em/1.45 ui-monospace,monospace}
img{max-width:100%;image-rendering:pixelated}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;display:block;overflow-x:auto}
th,td{padding:.3rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
</style>
END
for text; do
  # A picture's bytes as one line of base64, for book.awk: NAME, a tab, its data.
  pictures=$(grep -o '](images/[^)]*)' "$text" | sed 's/^](//; s/)$//' | sort -u || true)
  for picture in $pictures; do
    printf '%s\t%s\n' "$picture" "$(base64 <"$(dirname "$text")/$picture" | tr -d '\n')"
  done | awk -f pipeline/book.awk pictures=1 - pictures=0 "$text"
done

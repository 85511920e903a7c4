# report: runs side by side as one page of HTML.
bats_require_minimum_version 1.5.0
load common
load training

setup_file() {
  tiny_training
  train -o "$SHARED/noisy" --set seed=2 --set output.grid_every=6 --set training.steps=18
  montage --scale 2 --columns 8 -n 16 "$SPRITES" -o "$SHARED/grid.png"
}

# Two runs of its own for each test that changes files in them.
own_runs() { cp -R "$SHARED/done" "$T/one" && cp -R "$SHARED/noisy" "$T/two"; }

header='measure	value	low	high	n	better	about'
# scores FILE LINE...: a table of scores; blanks in a line become tabs.
scores() {
  local file=$1
  shift
  { echo "$header" && printf '%s\n' "$@" | tr ' ' '\t'; } >"$file"
}

# cells MEASURE PAGE: the words of the cells of a measure's row, a line each.
cells() {
  tr -d '\n' <"$2" | sed -e "s|.*<th scope=\"row\">$1<small>||" -e 's|</tr>.*||' -e 's|<small>[^/]*</small>||g' -e 's|</td>|\n|g' |
    sed -n 's|.*<td[^>]*>||p'
}

# well_formed PAGE: by xmllint where it is; else tags are counted, which is less.
well_formed() {
  local tag
  [ "$(head -c 15 "$1")" = '<!DOCTYPE html>' ]
  if command -v xmllint >/dev/null; then
    xmllint --noout "$1"
    return
  fi
  for tag in html head body main section table tr td th figure svg details dl pre ul; do
    [ "$(grep -oE "<$tag[ >]" "$1" | wc -l)" -eq "$(grep -oF "</$tag>" "$1" | wc -l)" ]
  done
}

# alone PAGE: nothing in it leads outside, and nothing runs.
alone() {
  local bad
  bad=$(grep -oE '(src|href|xlink:href|data|action)="[^"]{0,40}' "$1" | grep -vE '^(src="data:image/png;base64,|href="#)' || true)
  bad+=$(grep -oiE '<(script|link|iframe|object|embed|base|form)|https?:|@import|url\(|javascript:| on[a-z]+=' "$1" || true)
  if [ -n "$bad" ]; then
    printf 'in %s: %s\n' "$1" "$bad" >&2
    return 1
  fi
}

@test "usage" {
  usage_rules report
  expect 2 report
  expect 2 report --caption a --caption b "$SHARED/done"
  says '2 captions for 1 run'
}

@test "a page that stands alone: well-formed, all runs named, with sprites, curves, settings, hashes and sizes" {
  printf 'draw-sprites -o data/sprites.npy\ntrain-vae <here> & now\n' >commands.txt
  report --title 'Two & two' --caption Plain --caption Noisy --grid "$SHARED/grid.png" --commands commands.txt \
    "$SHARED/done" "$SHARED/noisy" -o page.html
  well_formed page.html
  alone page.html
  [ "$(wc -c <page.html)" -lt 2000000 ]
  grep -qF '<html lang="en">' page.html
  grep -qF '<h1>Two &amp; two</h1>' page.html
  grep -qF 'train-vae &lt;here&gt; &amp; now' page.html
  for run in Plain Noisy; do
    grep -qF "<h3>$run</h3>" page.html
    grep -qF "$run: loss</title>" page.html
  done
  # Two curves with held-out losses and what they are made of, for each run; each told in words.
  [ "$(grep -c '<svg role="img"' page.html)" -eq 4 ]
  [ "$(grep -c '<desc id=' page.html)" -eq 4 ]
  grep -qE 'held out: [0-9.e-]+ at step 3, [0-9.e-]+ at step 12; least' page.html
  # The comparison, and of the second run the last grid and the two before.
  [ "$(grep -o '<img ' page.html | wc -l)" -eq 4 ]
  [ "$(grep -oE '<img alt="[^"]+"' page.html | wc -l)" -eq 4 ]
  grep -qF 'Noisy at step 18' page.html
  grep -qF "SHA-256 $(sha "$SHARED/done/model.safetensors")" page.html
  parameters=$(sed -n 's/.* \([0-9]*\) parameters.*/\1/p' "$SHARED/done/log.txt" | head -n 1)
  [ "$parameters" -gt 1000 ]
  [ "$(sed -n 's|^<dt>Parameters</dt><dd>\(.*\)</dd>$|\1|p' page.html | head -n 1 | tr -d ,)" = "$parameters" ]
  grep -qF '  latent: 4' page.html
  # No scores, no table of them.
  [ "$(grep -c 'id="scores"' page.html)" -eq 0 ]
}

@test "the picture in the page is the file, byte for byte" {
  report --grid "$SHARED/grid.png" "$SHARED/done" -o page.html
  grep -oE 'src="data:image/png;base64,[^"]*' page.html | head -n 1 | sed 's/.*,//' | base64 -d >back.png
  same back.png "$SHARED/grid.png"
}

@test "equal inputs give equal bytes, wherever they lie; no path and no time is in them" {
  own_runs
  report one two -o page.html
  mkdir elsewhere
  mv one two elsewhere
  sleep 0.02
  touch elsewhere/*/*
  report "$T/elsewhere/one" elsewhere/two >again.html
  same page.html again.html
  [ "$(grep -cF -e "$T" -e elsewhere -e "$(date +%Y-%m-%d)" again.html)" -eq 0 ]
}

@test "a run without a caption has the name in its settings" {
  report --caption First "$SHARED/done" "$SHARED/noisy" -o page.html
  grep -qF '<h3>First</h3>' page.html
  grep -qF '<h3>tiny</h3>' page.html
}

@test "scores: the best are marked in words, those that samples do not tell apart as near" {
  own_runs
  scores one/scores.tsv 'coverage 0.5 0.45 0.55 1000 higher x' 'kid 0.2 0.1 0.3 1000 lower x' \
    'copies 0 - - 1000 lower x' 'size 3 - - 1000 - x' 'alone 1 0 2 1000 higher x' \
    'few 0.9 0.8 1 125 higher y' 'held-out:kid 0.01 0 0.02 131 lower x'
  scores two/scores.tsv 'coverage 0.7 0.65 0.75 1000 higher x' 'kid 0.25 0.15 0.35 1000 lower x' \
    'copies 0 - - 1000 lower x' 'size 4 - - 1000 - x' \
    'few 0.5 0.4 0.6 125 higher y'
  mkdir -p three && cp -R one/. three && rm three/scores.tsv
  report one two -o page.html
  well_formed page.html
  alone page.html
  [ "$(cells coverage page.html)" = $'–\n0.5\n0.7 best' ]
  [ "$(cells kid page.html)" = $'0.01\n0.2 best\n0.25 near' ]
  [ "$(cells copies page.html)" = $'–\n0\n0' ]
  [ "$(cells size page.html)" = $'–\n3\n4' ]
  [ "$(cells alone page.html)" = $'–\n1\n–' ]
  grep -qF '0.45 to 0.55' page.html
  [ "$(cells few page.html)" = $'–\n0.9 best\n0.5' ]
  grep -qF '<small>y; higher is better; over 125</small>' page.html
  [ "$(grep -c '; over ' page.html)" -eq 1 ]
  grep -qF 'best, or near the best, in 2 of the 3 kinds of measures' page.html
  # What not all that are scored have says nothing of which to use.
  scores three/scores.tsv 'coverage 0.5 0.45 0.55 1000 higher x' 'kid 0.2 0.1 0.3 1000 lower x'
  report one two three -o page3.html
  grep -qF 'best, or near the best, in 2 of the 2 kinds of measures' page3.html
  grep -qF 'Over 1,000 samples of each model, beside 131 held-out sprites' page.html
  [ "$(grep -oF '<th scope="col">' page.html | wc -l)" -eq 10 ]
}

@test "scores: which to use, and whether they are copies, in words" {
  own_runs
  scores one/scores.tsv 'coverage 0.5 0.45 0.55 1000 higher x' 'copies 0.3 0.27 0.33 1000 lower x' \
    'held-out:copies 0.05 0.01 0.1 131 lower x'
  scores two/scores.tsv 'coverage 0.3 0.25 0.35 1000 higher x' 'copies 0.02 0.01 0.03 1000 lower x'
  report --caption First --caption Second one two -o page.html
  well_formed page.html
  grep -qF 'Draw your sprites with any of these models: First and Second. By these scores each is best, or near the best, in 1 of the 2 kinds of measures' page.html
  grep -qF 'But some of the samples of First are copies of training sprites, and copies score well in every measure that does not look for them.' page.html
  grep -qF 'copies of training sprites: First 30 % (27 to 33), Second 2 % (1 to 3).' page.html
  grep -qF '5 % (1 to 10) count as copies. Significantly more: First. <code>score --keep-novel</code> passes on' page.html
  cp -R two three
  scores one/scores.tsv 'coverage 0.5 0.45 0.55 1000 higher x' 'precision 0.9 0.8 1 1000 higher x' \
    'copies 0.3 0.27 0.33 1000 lower x' 'held-out:copies 0.05 0.01 0.1 131 lower x'
  for run in two three; do
    scores $run/scores.tsv 'coverage 0.3 0.25 0.35 1000 higher x' 'precision 0.1 0 0.2 1000 higher x' \
      'copies 0.2 0.15 0.25 1000 lower x'
  done
  report --caption First --caption Second --caption Third one two three -o page.html
  grep -qF 'Significantly more: First, Second and Third.' page.html
  grep -qF 'Draw your sprites with this model: First. By these scores it is best, or near the best, in 2 of the 3 kinds of measures in which the models differ. But' page.html
  grep -qF 'But some of its samples are copies of training sprites,' page.html
  scores one/scores.tsv 'copies 0.05 0.03 0.12 1000 lower x' 'held-out:copies 0.05 0.01 0.1 131 lower x'
  report --caption First one -o page.html
  grep -qF 'Significantly more: no model.' page.html
  [ "$(grep -cF 'keep-novel' page.html)" -eq 0 ]
  [ "$(grep -cF 'Too few sprites were held out' page.html)" -eq 0 ]
  scores one/scores.tsv 'copies 0 0 0.05 64 lower x'
  report --caption First one -o bare.html
  grep -qF 'Too few sprites were held out to know how many real ones would count as copies.' bare.html
  [ "$(grep -cF 'Which to use?' page.html)" -eq 0 ]
  scores one/scores.tsv 'coverage 0.02 0.01 0.03 1000 higher x' 'kid 0.2 0.1 0.3 1000 lower x'
  scores two/scores.tsv 'coverage 0.09 0.08 0.1 1000 higher x' 'kid 0.5 0.4 0.6 1000 lower x'
  report one two -o none.html
  grep -qF 'Which to use?</strong> None yet: no model' none.html
}

@test "scores: the two-sample test and context bits count first, and what says the same counts once" {
  own_runs
  scores one/scores.tsv 'context-bits 0.9 0.85 0.95 1000 - x' 'two-sample 0.9 0.8 1 1000 lower x' \
    'coverage 0.9 0.8 1 1000 higher x' 'recall 0.9 0.8 1 1000 higher x' 'pattern-js 0.1 0.05 0.15 1000 lower x' \
    'histogram-js 0.1 0.05 0.15 1000 lower x' 'held-out:context-bits 0.6 0.5 0.7 131 - x'
  scores two/scores.tsv 'context-bits 0.5 0.45 0.55 1000 - x' 'two-sample 0.7 0.6 0.75 1000 lower x' \
    'coverage 0.3 0.25 0.35 1000 higher x' 'recall 0.3 0.25 0.35 1000 higher x' 'pattern-js 0.5 0.4 0.6 1000 lower x' \
    'histogram-js 0.5 0.4 0.6 1000 lower x'
  report --caption First --caption Second one two -o page.html
  well_formed page.html
  grep -qF 'this model: Second. By these scores it is best, or near the best, in 2 of the 4 kinds of measures in which the models differ, and its sprites are the hardest to tell from real ones' page.html
  [ "$(cells context-bits page.html)" = $'0.6\n0.9\n0.5 best' ]
  # Without held-out sprites nobody knows which bits are right.
  sed -i.bak /held-out/d one/scores.tsv
  report --caption First --caption Second one two -o page.html
  [ "$(cells context-bits page.html)" = $'0.9\n0.5' ]
  grep -qF 'in 1 of the 3 kinds' page.html
}

@test "figures and nearest sprites are shown where they are" {
  own_runs
  printf 'row\tlegal\tspread\nreal & true\t0.98\t0.5102353426399863\n' >figures.tsv
  montage --scale 2 -n 3 "$SPRITES" -o two/nearest.png
  report --figures figures.tsv one two -o page.html
  well_formed page.html
  grep -qF '<th scope="row">real &amp; true</th><td class="number">0.98</td><td class="number">0.5102</td>' page.html
  [ "$(grep -c 'each beside the training sprites' page.html)" -eq 1 ]
}

@test "what comes from files is escaped" {
  own_runs
  nasty='</title><script>alert(1)</script>"x" &amp;'
  sed -i.bak '1s|.*|step	total	<b>part	a"b\&	held_out|' one/metrics.tsv
  { echo "$header" && printf '<i>m</i>\t1\t-\t-\t9\t-\t<b>&\n'; } >one/scores.tsv
  printf '%s\n' "$nasty" >commands.txt
  printf 'a\tb\n%s\t2\n' "$nasty" >figures.tsv
  report --title "$nasty" --caption "$nasty" --commands commands.txt --figures figures.tsv one two -o page.html
  well_formed page.html
  alone page.html
  [ "$(grep -cE '<(i|b)>' page.html)" -eq 0 ]
  grep -qF '&lt;b&gt;part</span>, <span class="key other c1">a&quot;b&amp;</span>' page.html
  # Bytes that are no text at all.
  printf 'a \001 \377 b\n' >commands.txt
  report --commands commands.txt one -o page.html
  well_formed page.html
  grep -qF 'a � � b' page.html
}

@test "pictures that would make the page large are left out, and it says so" {
  own_runs
  # Noise does not shrink: 16 sprites of 200 x 200.
  { printf '\223NUMPY\001\000v\000%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': (16, 200, 200, 3), }"
    openssl rand 1920000 2>/dev/null || head -c 1920000 /dev/urandom; } >noise.npy
  montage --scale 1 --gap 0 noise.npy -o noise.png
  [ "$(wc -c <noise.png)" -gt 1500000 ]
  report --grid noise.png one two -o page.html
  [ "$(wc -c <page.html)" -lt 2000000 ]
  grep -q 'Left out to keep the page small: Rows of sprites' page.html
  [ "$(grep -o '<img ' page.html | wc -l)" -eq 3 ]
  well_formed page.html
}

@test "many runs: pictures take what the text leaves" {
  own_runs
  # Noise does not shrink; and much text.
  { printf '\223NUMPY\001\000v\000%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 300, 300, 3), }"
    openssl rand 270000 2>/dev/null || head -c 270000 /dev/urandom; } >noise.npy
  montage --scale 1 --gap 0 noise.npy -o two/nearest.png
  awk 'BEGIN { for (i = 0; i < 12000; i++) print "train-vae -c config.yaml" }' | head -c 262000 >commands.txt
  awk 'BEGIN { print "a\tb"; for (i = 0; i < 20000; i++) print "row\t1" }' >figures.tsv
  cp -R two three && cp -R two four && cp -R two five
  report --commands commands.txt --figures figures.tsv one two three four five -o page.html
  [ "$(wc -c <page.html)" -le 2000000 ]
  grep -q 'Left out to keep the page small: ' page.html
  grep -q '<img ' page.html
  well_formed page.html
}

@test "runs on different sprites are not ranked" {
  draw-sprites -q -n 24 -s 2 -o other.npy
  draw-tilemaps -q -n 24 -o maps.npy
  cp -R "$SHARED/done" one
  train-vae -q -c "$CONFIG" --data other.npy -o two
  train-vae -q -c "$CONFIG" --data maps.npy -o three
  scores one/scores.tsv 'coverage 0.5 0.45 0.55 1000 higher x' 'copies 0.5 0.4 0.6 1000 lower x' \
    'held-out:copies 0.01 0 0.02 131 lower x'
  scores two/scores.tsv 'coverage 0.7 0.65 0.75 1000 higher x' 'copies 0 - - 1000 lower x'
  report one two -o page.html
  well_formed page.html
  [ "$(cells coverage page.html)" = $'0.5\n0.7' ]
  grep -qF 'These models were trained on different sprites, and each is scored against its own' page.html
  [ "$(grep -cE 'Which to use|Are they copies|<strong>best' page.html)" -eq 0 ]
  grep -qF 'Sprites of 16 × 16 pixels.' page.html
  report one three -o page.html
  grep -qF 'Sprites of different sizes.' page.html
}

@test "a folder that is no run, or one whose training is not complete, is refused" {
  own_runs
  mkdir empty
  expect 3 report empty -o out
  says 'empty: there is no metrics.tsv in it, expected the folder of a training run'
  expect 3 report none -o out
  says 'none: '
  rm two/model.safetensors
  expect 3 report one two -o out
  says 'two: its training is not complete: there is no model.safetensors yet'
  [ ! -e out ]
}

@test "damaged files are refused with their place, and no page is left" {
  refused() { # refused TEXT
    expect 3 report --grid grid.png one -o out
    says "$1"
    [ ! -e out ]
    rm -rf one
    cp -R "$SHARED/noisy" one
  }
  cp "$SHARED/grid.png" grid.png
  cp -R "$SHARED/noisy" one
  printf '19\t0.5' >>one/metrics.tsv
  refused 'metrics.tsv:20: ends in the middle of the line'
  printf '19\t0.5\n' >>one/metrics.tsv
  refused 'metrics.tsv:20: 2 fields where the first line has 5'
  printf '19\tx\t1\t1\t\n' >>one/metrics.tsv
  refused "metrics.tsv:20: total is 'x', expected a number"
  printf '18\t1\t1\t1\t\n' >>one/metrics.tsv
  refused 'metrics.tsv:20: step 18 does not come after the one before'
  : >one/metrics.tsv
  refused 'metrics.tsv: is empty'
  head -c 500 one/grids/000018.png >cut && mv cut one/grids/000018.png
  refused 'grids/000018.png'
  head -c 5000 one/model.safetensors >cut && mv cut one/model.safetensors
  refused 'model.safetensors'
  echo no >one/nearest.png
  refused 'nearest.png'
  echo 'measure	value' >one/scores.tsv
  refused 'scores.tsv:1: expected the columns measure, value, low'
  echo "$header" >one/scores.tsv
  refused 'scores.tsv: holds no measure'
  scores one/scores.tsv 'a 1 - - 9 - x' 'a 2 - - 9 - x'
  refused "scores.tsv:3: the measure 'a' comes twice"
  scores one/scores.tsv 'a nan - - 9 - x'
  refused "scores.tsv:2: value is 'nan', expected a number"
  scores one/scores.tsv 'a 1 2 - 9 - x'
  refused 'scores.tsv:2: one end of the interval is missing'
  scores one/scores.tsv 'a 1 2 1 9 - x'
  refused 'scores.tsv:2: the interval ends below its beginning'
  scores one/scores.tsv 'a 1 - - 9 up x'
  refused "scores.tsv:2: better is 'up'"
  scores one/scores.tsv 'a 1 - - 9.5 - x'
  refused "scores.tsv:2: n is '9.5'"
  head -c 100 "$SHARED/grid.png" >grid.png
  refused 'grid.png'
  rm grid.png
  refused 'grid.png: cannot read it'
}

# Two comparisons, as make compare leaves them: `was`, and `now`, in which one run has another seed, one is the same, one
# is gone and one is new.
comparisons() {
  mkdir -p was/compare now/compare
  cp "$SHARED/grid.png" was/compare && cp "$SHARED/grid.png" now/compare
  cp -R "$SHARED/done" was/changed && cp -R "$SHARED/noisy" now/changed
  cp -R "$SHARED/done" was/same && cp -R "$SHARED/done" now/same
  cp -R "$SHARED/done" was/gone && cp -R "$SHARED/done" now/new
  mkdir now/unfinished
  scores was/changed/scores.tsv 'coverage 0.5 0.45 0.55 1000 higher x' 'kid 0.2 0.1 0.3 1000 lower x' 'size 3 - - 1000 - x' \
    'copies 0.1 0.05 0.15 1000 lower x' 'held-out:kid 0.01 0 0.02 131 lower x'
  scores now/changed/scores.tsv 'coverage 0.75 0.7 0.8 1000 higher x' 'kid 0.25 0.15 0.35 1000 lower x' 'size 4 - - 1000 - x' \
    'copies 0.3 0.25 0.35 1000 lower x'
}

@test "comparisons side by side: what is better, worse, new and gone, settings that differ" {
  comparisons
  report --title 'What changed' --caption 'Last <week>' --caption Today was now/compare -o page.html
  well_formed page.html
  alone page.html
  grep -qF '<h1>What changed</h1>' page.html
  grep -qF '2 comparisons side by side: Last &lt;week&gt; and Today.' page.html
  [ "$(grep -o '<img ' page.html | wc -l)" -eq 2 ]
  row() { tr -d '\n' <page.html | sed "s|.*<th scope=\"row\">$1<|<|; s|</tr>.*||; s|<small>\([^/]*\)</small>| \1|g; s|</td>|;|g; s|<[^>]*>||g"; }
  [ "$(row changed)" = 'scored;1 better, 1 worse 2 alike;' ]
  [ "$(row same)" = 'not scored;not scored;' ]
  [ "$(row gone)" = 'not scored;not there;' ]
  [ "$(row new)" = 'not there;new;' ]
  [[ $(row coverage) == *'0.75 better 0.7 to 0.8 +0.25;' ]]
  [[ $(row copies) == *'0.3 worse 0.25 to 0.35 +0.2;' ]]
  [[ $(row kid) == *'0.25 0.15 to 0.35 +0.05;' ]]
  [ "$(row seed)" = '1;2;' ]
  [ "$(row training.steps)" = '12;18;' ]
  [[ $(row 'model (SHA-256)') == "$(sha was/changed/model.safetensors | cut -c1-12)"* ]]
  grep -qF '<p>The same settings, sprites and model, byte for byte.</p>' page.html
  [ "$(grep -c 'held-out:kid' page.html)" -eq 0 ]
  [ "$(grep -c unfinished page.html)" -eq 0 ]
  grep -qF 'changed: held-out loss</title>' page.html
  # The names of folders are those that were typed; three are as good as two.
  report was now was -o three.html
  well_formed three.html
  grep -qF '3 comparisons side by side: was, now and was.' three.html
}

@test "comparisons: bad input" {
  comparisons
  expect 3 report was "$SHARED/done" -o page.html
  says 'done: is no comparison, as others here are'
  expect 2 report was -o page.html
  says 'was is a comparison; expected a second one to hold it against'
  expect 2 report --grid "$SHARED/grid.png" was now -o page.html
  says '--grid is for a page of training runs'
  rm -r now/changed now/same now/new
  expect 3 report was now -o page.html
  says 'now: no training run in it is complete'
  echo text >now/compare/grid.png
  expect 3 report was now -o page.html
  says 'grid.png'
  [ ! -e page.html ]
}

@test "a full device is an error" {
  [ -w /dev/full ] || skip 'no /dev/full'
  run --separate-stderr bash -c 'report "$1" >/dev/full' - "$SHARED/done"
  [ "$status" -eq 1 ]
}

@test "in a browser: nothing is wider than a phone, and pictures are there" {
  browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip 'no Chromium here'
  own_runs
  scores one/scores.tsv 'coverage 0.5 0.45 0.55 1000 higher some-long-words-about-it'
  report --grid "$SHARED/grid.png" --caption 'A rather long name of a run' one two -o page.html
  cat >frame.html <<'HTML'
<body><iframe src="page.html" width="390" height="800" style="border:0"></iframe><script>
onload = () => {
  const page = document.querySelector('iframe').contentDocument;
  const pictures = [...page.images];
  const root = page.documentElement;
  document.body.textContent = 'beyond the edge ' + (root.scrollWidth - root.clientWidth) + ' pictures ' +
    pictures.filter(p => p.naturalWidth > 0 || p.closest('details')).length + ' of ' + pictures.length;
};
</script></body>
HTML
  run --separate-stderr timeout 100 "$browser" --headless --no-sandbox --disable-gpu --allow-file-access-from-files \
    --user-data-dir="$T/profile" --virtual-time-budget=5000 --dump-dom "file://$T/frame.html"
  [ "$status" -eq 0 ] || skip 'Chromium does not start here'
  prints 'beyond the edge 0 pictures 4 of 4'
}

# plot-curves: losses of training runs as a picture, and in the terminal.
bats_require_minimum_version 1.5.0
load common

setup() {
  T=$BATS_TEST_TMPDIR
  cd "$T" || return 1
  unset COLUMNS NO_COLOR
  for run in one two; do
    mkdir $run
    awk -v fall=$([ $run = one ] && echo 1 || echo 2) 'BEGIN { print "step\tloss\tpart\theld_out"
      for (i = 1; i <= 500; i++) printf "%d\t%.6g\t%d\t%s\n", i, fall / i + 0.1, i % 7, i % 50 ? "" : 2 / i + 0.1 }' >$run/metrics.tsv
  done
}

# size FILE: width and height of a picture.
size() { tensor info "$1" | sed 's/.*\[1, \([0-9]*\), \([0-9]*\), .*/\2x\1/'; }

@test "usage" {
  usage_rules plot-curves
  expect 2 plot-curves
  expect 2 plot-curves --caption a --caption b one
  says '2 captions for 1 run'
  expect 2 plot-curves --terminal --sixel one
  expect 2 plot-curves --size 10x10 one -o x.png
  expect 2 plot-curves one -o x.jpg
}

@test "a picture of one run, of several on the same axes, and of a panel each" {
  plot-curves one -o one.png
  [ "$(size one.png)" = 640x400 ]
  plot-curves one | cmp - one.png
  plot-curves one/ two -o both.png
  [ "$(size both.png)" = 640x400 ]
  differ one.png both.png
  plot-curves --apart --size 300x200 one two one -o apart.png
  [ "$(size apart.png)" = 600x400 ]
  plot-curves --dark one -o dark.png
  differ one.png dark.png
  plot-curves --scale linear one -o linear.png
  plot-curves --scale log one -o log.png
  differ linear.png log.png
  same log.png one.png
  plot-curves --column part --column loss one -o parts.png
  differ parts.png one.png
  expect 3 plot-curves --size 8192x8192 --apart one two one two one two -o x.png
  [ ! -e x.png ]
}

@test "the terminal: letters where there is no colour, dots where one curve is alone, as wide as COLUMNS says" {
  expect 0 plot-curves --terminal --caption First --caption Second one two
  prints 'a First loss: 0.102 at step 500'
  prints 'd Second held_out: 0.104 at step 500'
  [[ $output != *$'\e'* ]]
  expect 0 plot-curves --terminal --column part one
  prints 'one'
  prints $'\xe2\xa3\xbf'
  COLUMNS=50 expect 0 plot-curves --terminal one
  awk 'length > 50 { exit 1 }' <<<"$output"
  expect 0 plot-curves --terminal one -o out.txt
  COLUMNS=80 plot-curves --terminal one | cmp - out.txt
}

@test "colours on a terminal alone, and not with NO_COLOR" {
  command -v script >/dev/null || skip 'there is no script'
  shown() { TERM=xterm script -qec "$1" /dev/null </dev/null; }
  [[ $(shown 'plot-curves one') == *$'\e[38;5;'* ]]
  [[ $(NO_COLOR=1 shown 'plot-curves one') != *$'\e['* ]]
  [[ $(TERM=dumb script -qec 'plot-curves one' /dev/null </dev/null) == *'a loss'* ]]
}

@test "sixels hold the picture, pixel for pixel" {
  command -v perl >/dev/null || skip 'there is no perl'
  plot-curves --size 200x160 one -o one.png
  plot-curves --sixel --size 200x160 one >one.six
  perl -e 'local $/; my $s = <STDIN>; my ($w, $h) = $s =~ /^\ePq"1;1;(\d+);(\d+)/ or die "no sixels";
    my (%rgb, @pixel); my ($x, $y, $c) = (0, 0, 0); $s =~ s/^\ePq"[\d;]*//; $s =~ s/\e\\\n$// or die "no end";
    while (length $s) {
      if ($s =~ s/^#(\d+);2;(\d+);(\d+);(\d+)//) { $rgb{$1} = pack "C3", map { int($_ * 255 / 100 + 0.5) } $2, $3, $4 }
      elsif ($s =~ s/^#(\d+)//) { $c = $1 }
      elsif ($s =~ s/^\$//) { $x = 0 }
      elsif ($s =~ s/^-//) { $x = 0; $y += 6 }
      elsif ($s =~ s/^(?:!(\d+))?([?-~])//) { my $bits = ord($2) - 63;
        for (1 .. $1 // 1) { for my $k (0 .. 5) { $pixel[$y + $k][$x] = $c if $bits >> $k & 1 } $x++ } }
      else { die "odd: " . substr $s, 0, 9 }
    }
    print "P6 $w $h 255\n"; for my $j (0 .. $h - 1) { print map { $rgb{$pixel[$j][$_]} // die "hole at $_ $j" } 0 .. $w - 1 }' <one.six >one.ppm
  # Channels in percent: within two of the picture's.
  tail -c $((200 * 160 * 3)) one.ppm | od -An -v -tu1 -w3 | tr -s ' ' >from_sixel
  tensor convert one.png -o one.npy
  tail -c $((200 * 160 * $(tensor info one.npy | sed 's/.*, \([34]\)\].*/\1/'))) one.npy | od -An -v -tu1 -w"$(tensor info one.npy | sed 's/.*, \([34]\)\].*/\1/')" | tr -s ' ' >from_png
  paste -d' ' from_sixel from_png | awk '{ for (k = 1; k <= 3; k++) if ($k - $(k + 3) > 2 || $(k + 3) - $k > 2) exit 1 }'
  [ "$(wc -l <from_sixel)" -eq "$(wc -l <from_png)" ]
}

@test "a training run that has just begun, or is being written" {
  printf 'step\tloss\theld_out\n1\t0.5\t\n' >one/metrics.tsv
  plot-curves one -o one.png
  expect 0 plot-curves --terminal one
  prints 'loss: 0.5 at step 1'
  printf '2\t0.2' >>one/metrics.tsv
  plot-curves one -o again.png
  same one.png again.png
  printf 'step\tloss\theld_out\n1\t0\t\n2\t0\t\n' >one/metrics.tsv
  plot-curves one -o zero.png
  printf 'step\tloss\theld_out\n1\t1e308\t\n2\t-1e308\tnan\n3\t1e-320\t\n' >one/metrics.tsv
  plot-curves one -o wide.png
  plot-curves --terminal one >wide.txt
}

@test "bad input" {
  refused() {
    expect 3 plot-curves one "$1" -o x.png
    says "$2"
    [ ! -e x.png ]
  }
  mkdir folder
  refused missing 'missing: there is no such folder, expected that of a training run'
  refused folder 'folder: there is no metrics.tsv in it, expected the folder of a training run'
  refused one/metrics.tsv 'there is no metrics.tsv in it'
  printf 'step\tloss\theld_out\n' >folder/metrics.tsv
  refused folder 'folder/metrics.tsv: has no row yet'
  printf 'step\tloss\theld_out\n1\tnan\t\n2\tinf\t\n' >folder/metrics.tsv
  refused folder 'folder/metrics.tsv: holds no finite value of loss (2 rows nan or inf)'
  : >folder/metrics.tsv
  refused folder 'folder/metrics.tsv'
  printf 'step\tloss\n1\tx\n' >folder/metrics.tsv
  refused folder "metrics.tsv:2: loss is 'x', expected a number"
  expect 3 plot-curves --column los one -o x.png
  says "has no column 'los', expected one of loss, part, held_out"
}

# The word that somebody probably meant: awk -f nearest.awk WORD KNOWN... Prints the KNOWN one with the fewest letters
# that are other, missing or too many, in small letters or capitals; one that it is a part of counts as nearer than one
# with another letter. Nothing if none is.
function least(a, b) { return a < b ? a : b }
function distance(a, b,   i, k, row, before, here) {
  for (k = 0; k <= length(b); k++) row[k] = k
  for (i = 1; i <= length(a); i++) {
    before = row[0]
    row[0] = i
    for (k = 1; k <= length(b); k++) {
      here = row[k]
      row[k] = least(least(row[k], row[k - 1]) + 1, before + (substr(a, i, 1) != substr(b, k, 1)))
      before = here
    }
  }
  return row[length(b)]
}
# What people write between the words of a name does not count.
function plain(name) { gsub(/[-_.]/, "", name); return toupper(name) }
BEGIN {
  word = plain(ARGV[1])
  fewest = int((length(word) + 1) / 3) + 1
  for (i = 2; i < ARGC; i++) {
    known = plain(ARGV[i])
    d = length(word) > 2 && index(known, word) ? 0.5 : distance(word, known)
    if (d < fewest) {
      fewest = d
      nearest = ARGV[i]
    }
  }
  print nearest
}

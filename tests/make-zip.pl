# A zip archive, its files stored as they are: make-zip.pl OUT.zip NAME=FILE...   (NAME as it stands in the archive)
use strict;
use warnings;

my @table = map { my $c = $_; $c = $c & 1 ? 0xedb88320 ^ ($c >> 1) : $c >> 1 for 1 .. 8; $c } 0 .. 255;
sub crc32 {
  my $crc = 0xffffffff;
  $crc = $table[($crc ^ ord) & 255] ^ ($crc >> 8) for split //, shift;
  return $crc ^ 0xffffffff;
}

my ($out, @members) = @ARGV;
my ($files, $directory) = ('', '');
for my $member (@members) {
  my ($name, $path) = split /=/, $member, 2;
  open(my $file, '<:raw', $path) or die "$path: $!";
  my $bytes = do { local $/; <$file> // '' };
  my $facts = pack('v5V3v2', 20, 0, 0, 0, 0x21, crc32($bytes), length $bytes, length $bytes, length $name, 0);
  $directory .= pack('Vv', 0x02014b50, 20) . $facts . pack('v3V2', 0, 0, 0, 0, length $files) . $name;
  $files .= pack('V', 0x04034b50) . $facts . $name . $bytes;
}
open(my $zip, '>:raw', $out) or die "$out: $!";
print $zip $files, $directory,
  pack('Vv4V2v', 0x06054b50, 0, 0, scalar @members, scalar @members, length $directory, length $files, 0);
close $zip or die $!;

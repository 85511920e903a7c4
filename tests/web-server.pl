# A web server on loopback for tests: web-server.pl FOLDER PORT_FILE LOG [cut=BYTES] [no-range]
# Serves the folder's files to one client at a time, and parts of them to clients that go on. It writes its port to
# PORT_FILE and each request's path and range to LOG. cut: ends each answer after so many bytes; no-range: always answers
# with the whole file.
use strict;
use warnings;
use IO::Socket::INET;

my ($folder, $port_file, $log_file, @ways) = @ARGV;
my ($cut) = map { /^cut=(\d+)$/ ? $1 : () } @ways;
my $no_range = grep { $_ eq 'no-range' } @ways;
$SIG{PIPE} = 'IGNORE';

sub content {
  my ($path) = @_;
  open(my $file, '<:raw', $path) or return undef;
  local $/;
  return scalar <$file>;
}

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 8, ReuseAddr => 1) or die "no port: $!";
open(my $log, '>>', $log_file) or die $!;
$log->autoflush(1);
open(my $port, '>', "$port_file.new") or die $!;
print $port $server->sockport, "\n";
close $port;
rename "$port_file.new", $port_file;

while (my $client = $server->accept) {
  binmode $client;
  my $request = <$client> // '';
  my ($path) = $request =~ m{^GET (/\S*)};
  my $from = 0;
  while (defined(my $line = <$client>)) {
    last if $line =~ /^\r?\n$/;
    $from = $1 if $line =~ /^Range: bytes=(\d+)-/i;
  }
  $path //= '/';
  print $log "$path from $from\n";
  my $body = $path =~ /\.\./ ? undef : content("$folder$path");
  my ($status, $fields) = ('200 OK', '');
  if (!defined $body) {
    ($status, $body) = ('404 Not Found', 'not here');
  } elsif ($from && !$no_range) {
    my $size = length $body;
    if ($from >= $size) {
      ($status, $body, $fields) = ('416 Range Not Satisfiable', '', "Content-Range: bytes */$size\r\n");
    } else {
      ($status, $fields) = ('206 Partial Content', sprintf("Content-Range: bytes %d-%d/%d\r\n", $from, $size - 1, $size));
      $body = substr $body, $from;
    }
  }
  print $client "HTTP/1.1 $status\r\nContent-Length: ", length $body, "\r\n${fields}Connection: close\r\n\r\n";
  print $client defined $cut ? substr($body, 0, $cut) : $body;
  close $client;
}

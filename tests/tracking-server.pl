# A stand-in for an MLflow server on loopback, for tests: tracking-server.pl FOLDER PORT_FILE [WHEN:WAY]...
# Speaks as much of the REST interface as track does, and no more. It appends each metric that it is given to
# FOLDER/metrics ("RUN KEY STEP VALUE TIME"), so what was sent twice stands there twice, and each request to
# FOLDER/requests; the rest is in FOLDER/state.json, from which a server that is started again goes on.
# WHEN is a number of a request, counted over all servers of the folder, or `all`, or a part of a path; WAY is what
# happens then:
#   500 503 429 401 403     this status, with MLflow's JSON; 400 too
#   html                    200 and a page
#   odd                     200 and JSON of something else
#   garbled                 200, and JSON that is cut off in its middle
#   redirect                302 to elsewhere
#   drop                    closes the connection without reading a word of the answer, before doing anything
#   done-drop               the same after doing it
#   cut                     does it and sends half of the answer
#   hang                    says nothing
#   die                     ends the server after doing it, without an answer
# Ways of the whole server: user=NAME:PASSWORD or token=TOKEN are demanded; artifacts=URI: where experiments keep
# them; port=NUMBER.
use strict;
use warnings;
use IO::Socket::INET;
use JSON::PP;
use MIME::Base64;

my ($folder, $port_file, @ways) = @ARGV;
my (%option, @faults);
for (@ways) {
  if (/^(user|token|artifacts|port)=(.*)$/) { $option{$1} = $2 } else { push @faults, [split /:/, $_, 2] }
}
$SIG{PIPE} = 'IGNORE';
mkdir $folder;
my $json = JSON::PP->new->utf8->canonical->allow_nonref;

sub content {
  open(my $file, '<:raw', $_[0]) or return undef;
  local $/;
  return scalar <$file>;
}
sub save {
  my ($path, $text) = @_;
  open(my $file, '>:raw', $path) or die "$path: $!";
  print $file $text;
  close $file;
}
my $state = $json->decode(content("$folder/state.json") // '{"requests":0,"experiments":{},"runs":{}}');

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $option{port} // 0, Listen => 8, ReuseAddr => 1)
  or die "no port: $!";
save("$port_file.new", $server->sockport . "\n");
rename "$port_file.new", $port_file;

sub problem { my ($status, $code, $text) = @_; return ($status, {error_code => $code, message => $text}) }
sub missing { return problem(404, 'RESOURCE_DOES_NOT_EXIST', $_[0]) }

# What each path does: (status, answer).
my %does = (
  'GET experiments/get-by-name' => sub {
    my ($q) = @_;
    my $e = $state->{experiments}{$q->{experiment_name}} or return missing('no such experiment');
    return (200, {experiment => $e});
  },
  'POST experiments/create' => sub {
    my ($q) = @_;
    return problem(400, 'RESOURCE_ALREADY_EXISTS', 'it is there') if $state->{experiments}{$q->{name}};
    my $id = 1 + keys %{$state->{experiments}};
    $state->{experiments}{$q->{name}} = {experiment_id => "$id", name => $q->{name}, lifecycle_stage => 'active',
      artifact_location => $option{artifacts} // "mlflow-artifacts:/$id"};
    return (200, {experiment_id => "$id"});
  },
  'POST runs/search' => sub {
    my ($q) = @_;
    my ($key, $value) = $q->{filter} =~ /^tags\.`(.*)` = '(.*)'$/ or return problem(400, 'INVALID_PARAMETER_VALUE', 'filter');
    my @found = grep { ($_->{tags}{$key} // '') eq $value && $_->{info}{experiment_id} eq $q->{experiment_ids}[0]
      && $_->{info}{lifecycle_stage} eq 'active' } values %{$state->{runs}};
    return (200, @found ? {runs => [map { {info => $_->{info}} } @found]} : {});
  },
  'POST runs/create' => sub {
    my ($q) = @_;
    my $id = sprintf 'run%d', 1 + keys %{$state->{runs}};
    my ($e) = grep { $_->{experiment_id} eq $q->{experiment_id} } values %{$state->{experiments}};
    $state->{runs}{$id} = {info => {run_id => $id, experiment_id => $q->{experiment_id}, status => 'RUNNING',
      run_name => $q->{run_name}, start_time => $q->{start_time}, lifecycle_stage => 'active',
      artifact_uri => "$e->{artifact_location}/$id/artifacts"},
      tags => {map { $_->{key} => $_->{value} } @{$q->{tags}}}, params => {}, latest => {}};
    return (200, {run => {info => $state->{runs}{$id}{info}}});
  },
  'GET runs/get' => sub {
    my ($q) = @_;
    my $run = $state->{runs}{$q->{run_id}} or return missing('no such run');
    return (200, {run => {info => $run->{info}, data => {metrics => [values %{$run->{latest}}],
      params => [map { {key => $_, value => $run->{params}{$_}} } sort keys %{$run->{params}}]}}});
  },
  'POST runs/log-batch' => sub {
    my ($q) = @_;
    my $run = $state->{runs}{$q->{run_id}} or return missing('no such run');
    return problem(400, 'INVALID_PARAMETER_VALUE', 'too many') if @{$q->{metrics} // []} > 1000 || @{$q->{params} // []} > 100
      || @{$q->{tags} // []} > 100;
    for (@{$q->{params} // []}) {
      return problem(400, 'INVALID_PARAMETER_VALUE', "$_->{key} is too long") if length $_->{value} > 6000;
      return problem(400, 'INVALID_PARAMETER_VALUE', "$_->{key} cannot be changed")
        if ($run->{params}{$_->{key}} // $_->{value}) ne $_->{value};
      $run->{params}{$_->{key}} = $_->{value};
    }
    $run->{tags}{$_->{key}} = $_->{value} for @{$q->{tags} // []};
    open(my $log, '>>', "$folder/metrics") or die $!;
    for my $m (@{$q->{metrics} // []}) {
      print $log join(' ', $q->{run_id}, $m->{key} =~ tr/ /_/r, $m->{step}, $m->{value}, $m->{timestamp}), "\n";
      my $last = $run->{latest}{$m->{key}};
      $run->{latest}{$m->{key}} = $m
        if !$last || $m->{step} > $last->{step} || $m->{step} == $last->{step} && $m->{timestamp} >= $last->{timestamp};
    }
    close $log;
    return (200, {});
  },
  'POST runs/update' => sub {
    my ($q) = @_;
    my $run = $state->{runs}{$q->{run_id}} or return missing('no such run');
    $run->{info}{status} = $q->{status};
    $run->{info}{end_time} = $q->{end_time};
    return (200, {run_info => $run->{info}});
  },
  'GET artifacts/list' => sub {
    my ($q) = @_;
    my $run = $state->{runs}{$q->{run_id}} or return missing('no such run');
    my ($at) = $run->{info}{artifact_uri} =~ m{^mlflow-artifacts:/(.*)$};
    my $under = length $q->{path} ? "$q->{path}/" : '';
    return (200, {files => [map { {path => $under . s{.*/}{}r, is_dir => JSON::PP::false, file_size => -s $_} }
      grep { -f } glob("$folder/artifacts/$at/$under*")]});
  },
);

sub put {
  my ($path, $body) = @_;
  my @parts = split m{/}, "artifacts/$path";
  my $at = $folder;
  mkdir($at .= "/$_") for @parts[0 .. $#parts - 1];
  save("$at/$parts[-1]", $body);
  return (200, undef);
}

sub plain { my ($text) = @_; $text =~ tr/+/ /; $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge; return $text }

sub allowed {
  my ($said) = @_;
  return ($said // '') eq 'Basic ' . encode_base64($option{user}, '') if $option{user};
  return ($said // '') eq "Bearer $option{token}" if $option{token};
  return 1;
}

sub handle {
  my ($client) = @_;
  my $request = <$client> // return;
  my ($method, $target) = $request =~ m{^(\w+) (\S+)} or return;
  my ($length, $said) = (0);
  while (defined(my $line = <$client>)) {
    last if $line =~ /^\r?\n$/;
    $length = $1 if $line =~ /^Content-Length: (\d+)/i;
    $said = $1 if $line =~ /^Authorization: (.*?)\r?\n/i;
  }
  my $body = '';
  read($client, $body, $length) if $length;
  my ($path, $query) = split /\?/, $target, 2;
  my $number = ++$state->{requests};
  open(my $log, '>>', "$folder/requests") or die $!;
  print $log "$number $method $path\n";
  close $log;
  my ($way) = map { $_->[1] } grep { $_->[0] eq 'all' || $_->[0] eq $number || $_->[0] !~ /^\d+$/ && index($path, $_->[0]) >= 0 } @faults;
  $way //= '';
  my ($status, $answer, $type, $more) = (200, undef, 'application/json', '');
  if (!allowed($said)) {
    ($status, $answer, $type) = (401, 'You are not authenticated.', 'text/html');
  } elsif ($way =~ /^\d+$/) {
    ($status, $answer) = problem($way, 'INTERNAL_ERROR', 'database is locked');
  } elsif ($way eq 'html') {
    ($answer, $type) = ('<html>Welcome to the router</html>', 'text/html');
  } elsif ($way eq 'odd') {
    $answer = {status => 'green'};
  } elsif ($way eq 'redirect') {
    ($status, $answer, $type, $more) = (302, '', 'text/html', "Location: https://elsewhere.example/login\r\n");
  } elsif ($way eq 'hang') {
    sleep 30;
    return;
  } elsif ($way ne 'drop') {
    if ($method eq 'PUT' && $path =~ m{^/api/2\.0/mlflow-artifacts/artifacts/(.*)$}) {
      ($status, $answer) = put(plain($1), $body);
    } elsif ($path =~ m{^/api/2\.0/mlflow/(.*)$} && $does{"$method $1"}) {
      my $asked = $method eq 'GET' ? {map { map { plain($_) } split /=/, "$_", 2 } split /&/, $query // ''} : $json->decode($body);
      ($status, $answer) = $does{"$method $1"}->($asked);
    } else {
      ($status, $answer, $type) = (404, 'Not Found', 'text/html');
    }
  }
  save("$folder/state.json.new", $json->encode($state)); # whole, whenever the server is killed
  rename "$folder/state.json.new", "$folder/state.json";
  exit 0 if $way eq 'die';
  return if $way eq 'drop' || $way eq 'done-drop';
  $answer = defined $answer ? ref $answer ? $json->encode($answer) : $answer : '';
  if ($way eq 'garbled') {
    $answer = substr $answer, 0, length($answer) / 2;
    $answer = '{"run": {' unless length $answer > 2;
  }
  my $whole = "HTTP/1.1 $status Word\r\nContent-Type: $type\r\nContent-Length: " . length($answer) . "\r\n${more}Connection: close\r\n\r\n$answer";
  print $client $way eq 'cut' ? substr($whole, 0, length($whole) - 1 - length($answer) / 2) : $whole;
}

while (my $client = $server->accept) {
  binmode $client;
  handle($client);
  close $client;
}

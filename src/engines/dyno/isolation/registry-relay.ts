import type {Argv} from './launch-step.ts'

/** Where programs of the build find the proxy, in a network namespace that holds nothing else. */
const relayPort = 3128
/** Where the sandbox shows the proxy's socket. */
export const proxySocketInside = '/run/homeport-proxy.sock'

/**
 * Takes connections on 127.0.0.1 and carries them to the proxy's unix socket, beside the program that it becomes: in perl, since
 * every client of a registry can talk to a proxy over TCP and none over a unix socket. Holds none of the program's output open.
 */
const relay = `
use Socket;
my ($path, $port) = splice(@ARGV, 0, 2);
my $program = shift @ARGV;
my $server;
socket($server, PF_INET, SOCK_STREAM, 0) && setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1)
  && bind($server, sockaddr_in($port, INADDR_LOOPBACK)) && listen($server, 128) or die "homeport-relay: $!\\n";
if (!fork()) {
  open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
  $SIG{CHLD} = 'IGNORE'; $SIG{$_} = 'IGNORE' for qw(TERM HUP INT);
  while (accept(my $client, $server)) {
    if (!fork()) { close($server); carry($client); exit 0 }
    close($client);
  }
  exit 0;
}
close($server);
exec { $program } $program, @ARGV or die "homeport-relay: $program: $!\\n";
sub carry {
  my ($client) = @_;
  my $proxy;
  socket($proxy, PF_UNIX, SOCK_STREAM, 0) && connect($proxy, sockaddr_un($path)) or return;
  my %peer = (fileno($client) => $proxy, fileno($proxy) => $client);
  my %open = (fileno($client) => $client, fileno($proxy) => $proxy);
  while (%open) {
    my $wanted = ''; vec($wanted, $_, 1) = 1 for keys %open;
    my $ready = $wanted;
    select($ready, undef, undef, undef) > 0 or next;
    for my $number (keys %open) {
      next unless vec($ready, $number, 1);
      my $bytes;
      my $length = sysread($open{$number}, $bytes, 65536);
      if (!$length) { shutdown($peer{$number}, 1); delete $open{$number}; next }
      for (my $sent = 0; $sent < $length;) { my $more = syswrite($peer{$number}, $bytes, $length - $sent, $sent); return unless defined $more; $sent += $more }
    }
  }
}
`

/** The program with the relay beside it. */
export function withRegistryRelay(perl: string, program: Argv): Argv {
  return {file: perl, args: ['-e', relay, '--', proxySocketInside, String(relayPort), program.file, ...program.args]}
}

/** Variables that lead the clients of registries to the relay. */
export function relayVariables(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const url = `http://127.0.0.1:${relayPort}`
  const java = ['http', 'https'].map(scheme => `-D${scheme}.proxyHost=127.0.0.1 -D${scheme}.proxyPort=${relayPort}`).join(' ')
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'YARN_HTTP_PROXY', 'YARN_HTTPS_PROXY']
  return {
    ...Object.fromEntries(names.map(name => [name, url])),
    NO_PROXY: 'localhost,127.0.0.1',
    no_proxy: 'localhost,127.0.0.1',
    MAVEN_OPTS: [env['MAVEN_OPTS'], java].filter(Boolean).join(' '),
    GRADLE_OPTS: [env['GRADLE_OPTS'], java].filter(Boolean).join(' '),
  }
}

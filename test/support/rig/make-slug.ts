import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {createReadStream, mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

export type TestSlug = {readonly id: string; readonly tar: string}

/** A canonical tar of a few files, as `build` would make it, without a build. */
export async function makeSlug(folder: string, name: string, files: Readonly<Record<string, string | Buffer>>): Promise<TestSlug> {
  const [root, tar] = [join(folder, `${name}.d`), join(folder, `${name}.tar`)]
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, 'app', path)), {recursive: true})
    writeFileSync(join(root, 'app', path), text, {mode: path.endsWith('.sh') ? 0o755 : 0o644})
  }
  execFileSync('tar', [
    '-C',
    root,
    '--sort=name',
    '--mtime=@315532801',
    '--owner=1000',
    '--group=1000',
    '--numeric-owner',
    '-cf',
    tar,
    'app',
  ])
  rmSync(root, {recursive: true})
  return {id: await digestOf(tar), tar}
}

export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return `sha256:${hash.digest('hex')}`
}

/** A web server in what every stack has: says its release, its dyno and its host; can be slow, ill, greedy. */
export const webProgram = `#!/usr/bin/perl
use strict; use IO::Socket::INET; $| = 1;
my $release = $ENV{TEST_RELEASE} // 'none';
print "booting $ENV{DYNO} of $release\\n";
if ($ENV{TEST_CRASH}) { print "about to crash\\n"; exit 3 }
if ($ENV{TEST_DEAF}) { print "listening to nobody\\n"; sleep 600 }
my $stop = 0; $SIG{TERM} = sub { $stop = 1 };
my $server = IO::Socket::INET->new(Listen => 128, LocalPort => $ENV{PORT}, ReuseAddr => 1) or die "cannot listen: $!";
until ($stop) {
  my $client = $server->accept or next;
  my $line = <$client> // next; while (my $head = <$client>) { last if $head =~ /^\\r?\\n/ }
  my ($path) = $line =~ m{^GET (\\S+)};
  my $status = $path eq '/health' && $ENV{TEST_ILL} ? '500 Ill' : '200 OK';
  if ($path eq '/hog') { my @hog; push @hog, 'x' x (1_000_000 + @hog) while @hog < 3000; }
  if ($path =~ m{^/print/(\\d+)}) { print "line $_ of $ENV{DYNO}\\n" for 1 .. $1 }
  if ($path eq '/write') { mkdir '/app/tmp'; open my $file, '>', '/app/tmp/x' or $status = '500 Cannot'; }
  my $body = $path eq '/id' ? join(' ', $<, $(, $ENV{HOME}) . "\\n" : $path eq '/secret' ? ($ENV{TEST_SECRET} // 'unset') . "\\n" : "$release $ENV{DYNO}\\n";
  print $client "HTTP/1.1 $status\\r\\nContent-Length: " . length($body) . "\\r\\nConnection: close\\r\\n\\r\\n$body";
  close $client;
}
close $server; sleep 1; print "goodbye from $ENV{DYNO}\\n";
`

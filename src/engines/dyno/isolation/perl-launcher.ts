import {type Argv, type LaunchStep, launchFailureCode, launchFailurePrefix} from './launch-step.ts'

/**
 * Numbers of system calls, by Node's name of the architecture; perl knows none itself. Flags are the same on both.
 */
const systemCalls = {
  x64: {
    capset: 126,
    dup3: 292,
    mount: 165,
    prctl: 157,
    prlimit: 302,
    setgroups: 116,
    setns: 308,
    setresgid: 119,
    setresuid: 117,
    unshare: 272,
  },
  arm64: {
    capset: 91,
    dup3: 24,
    mount: 40,
    prctl: 167,
    prlimit: 261,
    setgroups: 159,
    setns: 268,
    setresgid: 149,
    setresuid: 147,
    unshare: 97,
  },
} as const
export type PerlArchitecture = keyof typeof systemCalls

/**
 * The steps in perl, which has raw system calls and starts in a millisecond: with `unshare`, `mount` and `setpriv` each an
 * exec of its own, a sandbox costs 4 ms more. Reads steps up to `--`, then becomes the program behind it.
 */
const common = `
sub fail { my $why = "$!"; print STDERR "${launchFailurePrefix}$_[0]: $why\\n"; exit ${launchFailureCode} }
sub path { "$_[0]" }
my %call; @call{qw(NAMES)} = (NUMBERS);
sub call { my $name = shift; syscall($call{$name}, @_) }
sub put { my ($file, $text) = @_; my $handle; open($handle, '>', $file) && defined(syswrite($handle, $text)) && close($handle) or fail("cannot write $file") }
sub limit { my ($kind, $count) = @_; my $old = pack('QQ', 0, 0);
  call('prlimit', 0, $kind + 0, 0, $old) == 0 or fail('cannot read a limit'); my ($soft, $hard) = unpack('QQ', $old);
  my $new = $hard < $count ? $hard + 0 : $count + 0; my $pair = pack('QQ', $new, $new);
  call('prlimit', 0, $kind + 0, $pair, 0) == 0 or fail('cannot set a limit') }
sub bound_capabilities { for my $capability (0 .. 63) { last if call('prctl', 24, $capability, 0, 0, 0) != 0 } call('prctl', 47, 4, 0, 0, 0) }
sub become { my ($uid, $gid) = ($_[0] + 0, $_[1] + 0);
  call('setresgid', $gid, $gid, $gid) == 0 && call('setresuid', $uid, $uid, $uid) == 0 or fail("cannot become user $uid");
  clear_capabilities() }
sub run { exec { $_[0] } @_; my ($code, $why) = ($! + 0 == 2 ? 127 : 126, "$!"); print STDERR "$_[0]: $why\\n"; exit $code }
sub clear_capabilities { my ($header, $none) = (pack('LL', 0x20080522, 0), pack('L6', (0) x 6)); call('capset', $header, $none) == 0 or fail('cannot drop its capabilities') }
`

const launcher = `
sub mount { my ($what, $type, $from, $at, $flags, $data) = @_; call('mount', path($from), path($at), path($type), $flags + 0, path($data)) == 0 or fail("cannot mount $what at $at") }
my %steps = (
  join => sub { put(shift @ARGV, $$) },
  limit => sub { limit(splice(@ARGV, 0, 2)) },
  'own-mounts' => sub { my $is_root = shift(@ARGV) + 0; my ($uid, $gid) = ($> + 0, $) + 0);
    call('unshare', 0x20000 | ($is_root ? 0 : 0x10000000)) == 0 or fail('cannot make a namespace');
    unless ($is_root) { put('/proc/self/setgroups', 'deny'); put('/proc/self/uid_map', "0 $uid 1"); put('/proc/self/gid_map', "0 $gid 1") }
    mount('private', 'none', 'none', '/', 0x44000, '') },
  'mount-tmpfs' => sub { mount('tmpfs', 'tmpfs', 'homeport', shift @ARGV, 6, 'mode=0755') },
  folder => sub { my $path = shift @ARGV; mkdir($path, 0755) or fail("cannot make $path") },
  file => sub { put(shift @ARGV, '') },
  'mount-bind' => sub { my ($from, $at) = splice(@ARGV, 0, 2); mount($from, 'none', $from, $at, 0x5000, '') },
  'mount-overlay' => sub { my ($in, $at, $options) = splice(@ARGV, 0, 3); chdir($in) or fail("cannot enter $in");
    mount('overlay', 'overlay', 'homeport', $at, 6, $options); chdir('/') },
  open => sub { my ($to, $file) = (shift(@ARGV) + 0, shift @ARGV); open(my $handle, '<', $file) or fail("cannot read $file");
    call('dup3', fileno($handle) + 0, $to, 0) == $to or fail("cannot open $file"); close($handle) },
  'enter-folder' => sub { my $path = shift @ARGV; chdir($path) or fail("cannot enter $path") },
  become => sub { bound_capabilities(); call('setgroups', 0, 0) == 0 or fail('cannot leave its groups'); become(splice(@ARGV, 0, 2)) },
  'die-with-parent' => sub { call('prctl', 1, 9, 0, 0, 0) == 0 or fail('cannot tie itself to its parent') },
  'no-new-rights' => sub { call('prctl', 38, 1, 0, 0, 0) == 0 or fail('cannot give up new rights') },
);
while (@ARGV) { my $step = shift @ARGV; last if $step eq '--'; ($steps{$step} or fail("no step $step"))->() }
run(@ARGV);
`

const limitNumbers = {'open-files': 7, processes: 6} as const

/** Carries out `steps`, then becomes `program`. */
export function launchWithPerl(perl: string, architecture: PerlArchitecture, steps: readonly LaunchStep[], program: Argv): Argv {
  return {
    file: perl,
    args: ['-e', perlScript(architecture, launcher), '--', ...steps.flatMap(perlWords), '--', program.file, ...program.args],
  }
}

/** A perl script that can make system calls and limit, drop and report as the launcher does. */
export function perlScript(architecture: PerlArchitecture, text: string): string {
  const calls = systemCalls[architecture]
  return `${common}${text}`.replace('NAMES', Object.keys(calls).join(' ')).replace('NUMBERS', Object.values(calls).join(', '))
}

/** Whether perl's system calls are known here. */
export function perlArchitecture(arch: string): PerlArchitecture | undefined {
  return arch === 'x64' || arch === 'arm64' ? arch : undefined
}

function perlWords(step: LaunchStep): readonly string[] {
  switch (step.step) {
    case 'join':
      return ['join', `${step.cgroup}/cgroup.procs`]
    case 'limit':
      return ['limit', String(limitNumbers[step.of]), String(step.to)]
    case 'own-mounts':
      return ['own-mounts', step.asRoot ? '1' : '0']
    case 'mount-tmpfs':
      return ['mount-tmpfs', step.at]
    case 'folder':
    case 'file':
    case 'enter-folder':
      return [step.step, step.path]
    case 'mount-bind':
      return ['mount-bind', step.from, step.at]
    case 'mount-overlay':
      return ['mount-overlay', step.in, step.at, step.options]
    case 'open':
      return ['open', String(step.descriptor), step.file]
    case 'become':
      return ['become', String(step.uid), String(step.gid)]
    case 'die-with-parent':
    case 'no-new-rights':
      return [step.step]
  }
}

import type {Argv} from './launch-step.ts'
import {type PerlArchitecture, perlScript} from './perl-launcher.ts'

export type EnterPlan = {
  /** A process inside the sandbox. */
  readonly pid: number
  readonly asRoot: boolean
  /** Whether the sandbox has a user namespace of its own. */
  readonly hasUserNamespace: boolean
  /** Who to be inside; a user's sandbox makes him that anyway. */
  readonly user: {readonly uid: number; readonly gid: number}
  readonly folder: string
  readonly seccomp: string
  readonly openFiles: number
  readonly cgroups: readonly string[]
}

/**
 * Joins the namespaces of a process, takes the sandbox's limits, and runs the program there as a child, since only a child is
 * in the joined pid namespace; passes on TERM and HUP, and how the child ends. `nsenter` cannot do it: as a user it is refused, for
 * the mounts belong to the outer of bubblewrap's two user namespaces, which no process is in (NS_GET_USERNS finds it);
 * and it knows no seccomp.
 */
const script = `
my ($pid, $is_root, $has_user, $uid, $gid, $folder, $seccomp, $files) = splice(@ARGV, 0, 8);
while (@ARGV) { my $word = shift @ARGV; last if $word eq '--'; put($word, $$) }
my $filter; { local $/; open(my $handle, '<:raw', $seccomp) or fail("cannot read $seccomp"); $filter = <$handle> }
limit(7, $files);
my %flags = (ipc => 0x08000000, uts => 0x04000000, cgroup => 0x02000000, pid => 0x20000000, mnt => 0x00020000, user => 0x10000000);
my %handles; for my $name (keys %flags) { open($handles{$name}, '<', "/proc/$pid/ns/$name") or fail("cannot reach the dyno") }
opendir(my $root, "/proc/$pid/root") or fail('cannot reach the files of the dyno');
sub enter { my ($name, $descriptor) = @_; call('setns', $descriptor + 0, $flags{$name}) == 0 or fail("cannot enter its $name namespace") }
unless ($is_root) { my $owner = ioctl($handles{mnt}, 0xb701, 0); $owner or fail('cannot find its user namespace'); enter('user', $owner) }
enter($_, fileno($handles{$_})) for qw(ipc uts cgroup pid mnt);
chdir($root) && chroot('.') && chdir($folder) or fail('cannot enter its files');
if ($is_root) { call('setgroups', 0, 0) == 0 or fail('cannot leave its groups') }
enter('user', fileno($handles{user})) if $has_user;
bound_capabilities();
$is_root ? become($uid, $gid) : clear_capabilities();
call('prctl', 38, 1, 0, 0, 0) == 0 or fail('cannot give up new rights');
my $program = pack('S x6 P', length($filter) / 8, $filter);
call('prctl', 22, 2, $program, 0, 0) == 0 or fail('cannot close system calls');
call('prctl', 1, 9, 0, 0, 0);
my $child = fork(); defined($child) or fail('cannot fork');
if ($child == 0) { call('prctl', 1, 9, 0, 0, 0); run(@ARGV) }
$SIG{$_} = 'IGNORE' for qw(INT QUIT);
for my $name (qw(TERM HUP)) { $SIG{$name} = sub { kill($name, $child) } }
while (waitpid($child, 0) != $child) {}
exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
`

/** What to start so that `program` runs inside the sandbox of a process. */
export function enterWithPerl(perl: string, architecture: PerlArchitecture, plan: EnterPlan, program: Argv): Argv {
  const {pid, asRoot, hasUserNamespace, user, folder, seccomp, openFiles, cgroups} = plan
  const flags = [asRoot, hasUserNamespace].map(flag => (flag ? '1' : ''))
  const words = [String(pid), ...flags, String(user.uid), String(user.gid), folder, seccomp, String(openFiles)]
  const joins = cgroups.map(cgroup => `${cgroup}/cgroup.procs`)
  return {file: perl, args: ['-e', perlScript(architecture, script), '--', ...words, ...joins, '--', program.file, ...program.args]}
}

import {assembleBpf, type Instruction} from '../../../lib/bpf.ts'

export type SeccompArchitecture = 'x64' | 'arm64'

const architectures = {
  x64: {audit: 0xc000003e, column: 0, hasX32: true},
  arm64: {audit: 0xc00000b7, column: 1, hasX32: false},
} as const

/** System calls that no dyno needs and that widen the attack surface: [x86_64, aarch64]; null where there is none. */
const denied: Readonly<Record<string, readonly [number, number | null]>> = {
  // other file systems and roots
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  fanotify_init: [300, 262],
  swapon: [167, 224],
  swapoff: [168, 225],
  // other processes and namespaces
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  unshare: [272, 97],
  setns: [308, 268],
  // large surfaces of the kernel
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // the machine itself
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  acct: [163, 89],
  syslog: [103, 116],
  vhangup: [153, 58],
  lookup_dcookie: [212, 18],
  nfsservctl: [180, 42],
  iopl: [172, null],
  ioperm: [173, null],
  uselib: [134, null],
  ustat: [136, null],
  sysfs: [139, null],
  _sysctl: [156, null],
  create_module: [174, null],
  get_kernel_syms: [177, null],
  query_module: [178, null],
}

const clone = [56, 220] as const
const clone3 = [435, 435] as const
const ioctl = [16, 29] as const
const socket = [41, 198] as const

/** CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET */
const newNamespaces = 0x7e020080
/** TIOCSTI and TIOCLINUX put words into the user's terminal. */
const typingIoctls = [0x5412, 0x541c]
/** AF_ALG (kernel crypto) and AF_VSOCK (the hypervisor). */
const closedSocketFamilies = [38, 40]

const errno = {EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97} as const
const allow = 0x7fff0000
const killProcess = 0x80000000
const offsetOf = {number: 0, architecture: 4, firstArgument: 16, secondArgument: 24} as const

/**
 * The seccomp filter of the sandbox, as bytes for `bwrap --seccomp FD`: a deny list, so that new system calls of a new
 * libc keep working. Denied calls fail with EPERM; `clone3` with ENOSYS, since its flags lie in memory that a filter
 * cannot read and every libc falls back to `clone`, whose flags are looked at. Programs of another architecture are killed.
 */
export function seccompFilter(architecture: SeccompArchitecture): Buffer {
  const {audit, column, hasX32} = architectures[architecture]
  const numbers = Object.values(denied).flatMap(columns => columns[column] ?? [])
  const fail = (name: keyof typeof errno): Instruction[] => [label(name), {kind: 'return', value: 0x00050000 | errno[name]}]
  return assembleBpf([
    {kind: 'load', offset: offsetOf.architecture},
    {kind: 'jump', test: 'equal', value: audit, whenFalse: 'foreign'},
    {kind: 'load', offset: offsetOf.number},
    ...(hasX32 ? [jump('at-least', 0x40000000, 'ENOSYS')] : []),
    jump('equal', clone3[column], 'ENOSYS'),
    jump('equal', clone[column], 'clone'),
    jump('equal', ioctl[column], 'ioctl'),
    jump('equal', socket[column], 'socket'),
    ...numbers.map(number => jump('equal', number, 'EPERM')),
    {kind: 'return', value: allow},
    label('clone'),
    {kind: 'load', offset: offsetOf.firstArgument},
    jump('any-bit', newNamespaces, 'EPERM'),
    {kind: 'return', value: allow},
    label('ioctl'),
    {kind: 'load', offset: offsetOf.secondArgument},
    ...typingIoctls.map(request => jump('equal', request, 'EPERM')),
    {kind: 'return', value: allow},
    label('socket'),
    {kind: 'load', offset: offsetOf.firstArgument},
    ...closedSocketFamilies.map(family => jump('equal', family, 'EAFNOSUPPORT')),
    {kind: 'return', value: allow},
    ...fail('EPERM'),
    ...fail('ENOSYS'),
    ...fail('EAFNOSUPPORT'),
    label('foreign'),
    {kind: 'return', value: killProcess},
  ])
}

/** The architecture of this process, where there is a table for it. */
export function seccompArchitecture(arch: string): SeccompArchitecture | undefined {
  return arch === 'x64' || arch === 'arm64' ? arch : undefined
}

function jump(test: 'equal' | 'at-least' | 'any-bit', value: number, whenTrue: string): Instruction {
  return {kind: 'jump', test, value, whenTrue}
}

function label(name: string): Instruction {
  return {kind: 'label', name}
}

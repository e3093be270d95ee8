import {spawn} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {dynoSize} from '../../../../src/model/dyno-size.ts'
import {isRoot, nobody, ownUidWays, runDyno, sandboxWays} from '../../../support/isolation.ts'
import {test} from '../../../support/temp-folder.ts'

const systemCall = {
  x64: {ptrace: 101, unshare: 272, keyctl: 250, bpf: 321, ioUring: 425, ioctl: 16, clone: 56, socket: 41},
  arm64: {ptrace: 117, unshare: 97, keyctl: 219, bpf: 280, ioUring: 425, ioctl: 29, clone: 220, socket: 198},
}[process.arch as 'x64' | 'arm64']

/** Tries a system call and prints how it went: the number of the error, or 0. */
const trySystemCall = (name: string, number: number, args: string) =>
  `perl -e 'my $r = syscall(${number}, ${args}); print "${name}=", ($r == -1 ? $! + 0 : 0), "\\n"'`

function makeSlug(folder: string): string {
  const slug = join(folder, 'slug')
  mkdirSync(join(slug, 'lib'), {recursive: true})
  writeFileSync(join(slug, 'lib/app.js'), 'old')
  chmodSync(slug, 0o755)
  return slug
}

/** A file of the user's, outside of the app, that the user can read. */
function makeSecret(folder: string): string {
  mkdirSync(join(folder, 'home'), {mode: 0o700})
  writeFileSync(join(folder, 'home/secret'), 'SECRET')
  return join(folder, 'home/secret')
}

test.for(sandboxWays)('a dyno in a $name is closed in', async (way, {folder}) => {
  const slug = makeSlug(folder)
  const secret = makeSecret(folder)
  const other = spawn('sleep', ['60'], {stdio: 'ignore', ...(isRoot ? {uid: nobody} : {})})
  const command = [
    'echo "who=$(id -u) $(id -un) groups=$(id -G)"',
    'echo "where=$PWD $HOME $(pwd -P)"',
    'echo new >new && echo changed >lib/app.js && chmod 600 lib/app.js && mv lib/app.js lib/moved.js && mkdir lib/sub && echo wrote',
    'perl -e \'print "renamed=", (rename("lib", "moved") ? "yes" : "no"), "\\n"\'',
    'echo t >/tmp/t && echo t >/var/tmp/u && echo t >/dev/shm/s && echo temporary',
    `cat ${secret}`,
    `ls ${folder}`,
    `ls ${slug}`,
    `grep -c ${slug} /proc/self/mountinfo`,
    'ls /root /home && echo HOMES',
    'cat /etc/shadow && echo SHADOW',
    'echo "processes=$(ls /proc | grep -c \'^[0-9]*$\')"',
    `kill -0 ${other.pid} && echo SAW`,
    'for place in / /usr /etc /usr/local/bin /proc/sys/kernel/hostname /sys; do (echo x >$place/homeport-test || echo x >$place) 2>/dev/null && echo "OUTSIDE $place"; done',
    'mount -t tmpfs none /mnt && echo MOUNTED',
    'unshare -U true && echo NAMESPACE',
    'echo "files=$(ulimit -n)"; ulimit -n 20000 && echo RAISED',
    'grep -E "^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):" /proc/self/status | tr -d "\\t" | tr "\\n" " "; echo',
    trySystemCall('ptrace', systemCall.ptrace, '0, 0, 0, 0'),
    trySystemCall('unshare', systemCall.unshare, '0x10000000'),
    trySystemCall('keyctl', systemCall.keyctl, '0, -3, 0'),
    trySystemCall('bpf', systemCall.bpf, '0, 0, 0'),
    trySystemCall('io_uring', systemCall.ioUring, '1, 0'),
    trySystemCall('TIOCSTI', systemCall.ioctl, '0, 0x5412, 0'),
    trySystemCall('clone3', 435, '0, 0'),
    trySystemCall('clone', systemCall.clone, '0x10000000, 0, 0, 0, 0'),
    trySystemCall('AF_ALG', systemCall.socket, '38, 5, 0'),
    'cat /proc/1/environ /proc/2/environ | tr "\\0" "\\n" | grep ^HOMEPORT_TEST_SECRET && echo ENVIRONMENT',
    'echo end',
  ].join('\n')
  const env = {PATH: '/usr/local/bin:/usr/bin:/bin', DYNO: 'web.1'}
  const {stdout, stderr, code} = await runDyno(folder, way, {command, slugFolder: slug, env})
  const lines = stdout.trim().split('\n')
  expect(lines.at(-1), stderr).toBe('end')
  const uid = way.hasUserNamespace === false ? 60_599 : 1000
  expect(lines).toContain(`who=${uid} dyno groups=${uid}`)
  expect(lines).toContain('where=/app /app /app')
  expect(lines).toContain('wrote')
  // A user's copy-on-write disk cannot rename the slug's own folders: programs copy instead.
  expect(lines).toContain(way.as === 'user' && way.disk === 'overlay' ? 'renamed=no' : 'renamed=yes')
  expect(lines, stderr).toContain('temporary')
  expect(lines).toContain('0')
  expect(Number(lines.find(line => line.startsWith('processes='))?.slice(10))).toBeLessThanOrEqual(8)
  expect(lines).toContain('files=10000')
  const none = '0000000000000000'
  expect(stdout).toContain(`CapInh:${none} CapPrm:${none} CapEff:${none} CapBnd:${none} CapAmb:${none} NoNewPrivs:1 Seccomp:2`)
  for (const closed of ['SECRET', 'HOMES', 'SHADOW', 'SAW', 'OUTSIDE', 'MOUNTED', 'NAMESPACE', 'RAISED', 'ENVIRONMENT', 'app.js']) {
    expect(lines.filter(line => line.startsWith(closed))).toEqual([])
  }
  const refused = Object.fromEntries(lines.flatMap(line => (/^(\w+)=(\d+)$/.test(line) ? [line.split('=')] : [])))
  expect(refused).toMatchObject({
    ptrace: '1',
    unshare: '1',
    keyctl: '1',
    bpf: '1',
    io_uring: '1',
    TIOCSTI: '1',
    clone3: '38',
    clone: '1',
    AF_ALG: '97',
  })
  expect(code).toBe(0)
  expect(other.exitCode).toBeNull()
  other.kill()
  // The slug is as it was, and nothing of the dyno's disk is left.
  expect(readFileSync(join(slug, 'lib/app.js'), 'utf8')).toBe('old')
  expect(existsSync(join(slug, 'new'))).toBe(false)
  expect(existsSync('/tmp/t')).toBe(false)
  expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(folder)
})

test.for(ownUidWays)('a dyno in $name has a user of its own and no way to more', async (way, {folder}) => {
  const slug = makeSlug(folder)
  const secret = makeSecret(folder)
  chmodSync(folder, 0o755)
  const other = spawn('sleep', ['60'], {stdio: 'ignore', uid: nobody})
  const command = [
    'echo "who=$(id -u) groups=$(id -G)"',
    'echo "where=$PWD $HOME $TMPDIR"',
    'echo new >new && echo changed >lib/app.js && chmod 600 lib/app.js && echo wrote; echo t >"$TMPDIR/t" && echo temporary',
    `cat ${secret}`,
    `ls ${folder}/state`,
    'cat /etc/shadow && echo SHADOW',
    `kill -0 ${other.pid} && echo SAW`,
    `cat /proc/${process.pid}/environ && echo ENVIRONMENT`,
    'mount -t tmpfs none /mnt && echo MOUNTED',
    'echo "files=$(ulimit -n) processes=$(ulimit -u)"; ulimit -n 20000 && echo RAISED',
    'grep -E "^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs):" /proc/self/status | tr -d "\\t" | tr "\\n" " "; echo',
    'echo end',
  ].join('\n')
  const {stdout, stderr} = await runDyno(folder, way, {command, slugFolder: slug, size: dynoSize('standard-1x')})
  const lines = stdout.trim().split('\n')
  expect(lines.at(-1), stderr).toBe('end')
  const uid = /who=(\d+) groups=(\d+)/.exec(stdout)
  expect(Number(uid?.[1])).toBeGreaterThanOrEqual(60_600)
  expect(uid?.[2]).toBe(uid?.[1])
  const [, where, home, temporary] = /where=(\S+) (\S+) (\S+)/.exec(stdout) ?? []
  expect(where).toBe(home)
  expect(where).toMatch(/\/app$/)
  expect(statSync(home ?? '', {throwIfNoEntry: false})).toBeUndefined()
  expect(statSync(temporary ?? '', {throwIfNoEntry: false})).toBeUndefined()
  expect(lines).toContain('wrote')
  expect(lines, stderr).toContain('temporary')
  expect(lines).toContain('files=10000 processes=256')
  const none = '0000000000000000'
  expect(stdout).toContain(`CapInh:${none} CapPrm:${none} CapEff:${none} CapBnd:${none} CapAmb:${none} NoNewPrivs:1`)
  for (const closed of ['SECRET', 'rooms', 'SHADOW', 'SAW', 'ENVIRONMENT', 'MOUNTED', 'RAISED']) expect(lines).not.toContain(closed)
  other.kill()
  expect(readFileSync(join(slug, 'lib/app.js'), 'utf8')).toBe('old')
})

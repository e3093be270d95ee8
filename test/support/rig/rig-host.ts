import {execFile, spawn} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {promisify} from 'node:util'
import {type Dial, dialProgram} from '../../../src/lib/dial.ts'

const run = promisify(execFile)
const controllers = ['memory', 'pids', 'cpu', 'cpuacct', 'cpuset', 'blkio', 'devices', 'freezer'] as const
const cgroups = '/sys/fs/cgroup'
const bootMs = 60_000

export type RigHostOptions = {
  readonly name: string
  readonly address: string
  readonly bits: number
  readonly gateway: string
  readonly folder: string
  readonly image: string
  readonly rig: string
  readonly publicKey: string
  readonly privateKeyFile: string
  readonly memoryBytes?: number
  /** A script that the first boot runs, as cloud-init does. */
  readonly userData?: string
}

/**
 * A machine of the rig: its own systemd (under systemd-nspawn), sshd, disk, cgroups and network on the bridge `br0` of the
 * namespace that the tests run in. It can fail the way machines do.
 */
export class RigHost {
  readonly name: string
  readonly address: string
  readonly #options: RigHostOptions
  readonly #folder: string
  #leader = 0
  #runner = 0

  constructor(options: RigHostOptions) {
    this.#options = options
    this.name = options.name
    this.address = options.address
    this.#folder = join(options.folder, options.name)
    this.#layOut()
  }

  /** Power on: the first time, or again with the same disk. */
  async boot(): Promise<void> {
    const {rig, image} = this.#options
    const path = (name: string) => join(this.#folder, name)
    await run('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${image},upperdir=${path('up')},workdir=${path('work')}`, path('root')])
    this.#makeCgroups()
    const enter = controllers.map(controller => `echo $$ >${cgroups}/${controller}/${rig}/${this.name}/cgroup.procs`).join('; ')
    // Docker's own disk may not lie on an overlay. Without the two system calls container engines fail with “join session keyring”.
    const nspawn = `exec systemd-nspawn -q -D ${path('root')} --network-bridge=br0 --register=no --keep-unit --machine=${this.name} \
--capability=all --system-call-filter=@keyring --system-call-filter=bpf --bind=${path('docker')}:/var/lib/docker \
--resolv-conf=off --console=pipe /usr/local/sbin/rig-init >>${path('console.log')} 2>&1 </dev/null`
    const child = spawn('bash', ['-c', `${enter}; ${nspawn}`], {detached: true, stdio: 'ignore'})
    child.unref()
    this.#runner = child.pid ?? 0
    await this.#untilUp()
  }

  /** Power is lost: nothing is said to anybody. */
  async powerOff(): Promise<void> {
    if (this.#runner === 0) return
    await run('ip', ['link', 'set', this.#link, 'down']).catch(() => {})
    for (const pid of [this.#leader, this.#runner]) kill(pid)
    for (const pid of this.#processes()) kill(pid)
    await this.#sweep()
  }

  /** Off the network, and running on. */
  async cut(): Promise<void> {
    await run('ip', ['link', 'set', this.#link, 'down'])
  }

  async heal(): Promise<void> {
    await run('ip', ['link', 'set', this.#link, 'up'])
  }

  /** Runs a command inside, without the network. */
  async exec(file: string, ...args: readonly string[]): Promise<string> {
    return (await run('nsenter', ['-t', String(this.#leader), '-a', file, ...args], {maxBuffer: 64 * 1024 ** 2})).stdout
  }

  get isOn(): boolean {
    return this.#runner !== 0
  }

  /** Opens a connection to its Docker API, over ssh, as for a host of EC2. */
  get docker(): Dial {
    return dialProgram('ssh', [...this.sshWords, 'docker', 'system', 'dial-stdio'], {PATH: process.env['PATH'] ?? ''})
  }

  get sshWords(): readonly string[] {
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'ConnectTimeout=3',
      'ServerAliveInterval=2',
      'ServerAliveCountMax=2',
      'LogLevel=ERROR',
      'ControlMaster=auto',
      `ControlPath=${join(this.#options.folder, 'c-%h')}`,
      'ControlPersist=30',
    ]
    return ['-i', this.#options.privateKeyFile, ...options.map(option => `-o${option}`), `root@${this.address}`]
  }

  /** Where a file of the host lies for us. */
  path(inside: string): string {
    return join(this.#folder, 'root', inside)
  }

  get pid(): number {
    return this.#leader
  }

  get #link(): string {
    return `vb-${this.name}`
  }

  /** What an instance finds on its disk at its first boot: name, address, keys, user data. */
  #layOut(): void {
    const {name, publicKey, address, bits, gateway, userData} = this.#options
    const path = (...names: readonly string[]) => join(this.#folder, ...names)
    for (const folder of ['work', 'root', 'docker', 'up/etc/ssh', 'up/var/lib/cloud', 'up/etc/systemd/system/multi-user.target.wants']) {
      mkdirSync(path(folder), {recursive: true})
    }
    for (const folder of ['up/root', 'up/root/.ssh']) mkdirSync(path(folder), {mode: 0o700})
    writeFileSync(path('up/etc/hostname'), `${name}\n`)
    writeFileSync(path('up/etc/hosts'), `127.0.0.1 localhost\n${address} ${name}\n`)
    writeFileSync(path('up/root/.ssh/authorized_keys'), publicKey, {mode: 0o600})
    // Before systemd: a unit that starts this early finds its cgroup missing now and then.
    const network = [
      'ip link set lo up',
      'ip addr add 169.254.169.254/32 dev lo',
      `ip addr add ${address}/${bits} dev host0`,
      'ip link set host0 up',
      `ip route add default via ${gateway}`,
      '',
    ]
    writeFileSync(path('up/etc/rig-network'), network.join('\n'))
    if (userData === undefined) return
    writeFileSync(path('up/var/lib/cloud/user-data'), userData, {mode: 0o755})
    this.#writeUnit(
      'user-data',
      `[Unit]
Description=user data of the first boot
After=ssh.service
ConditionPathExists=!/var/lib/cloud/done
[Service]
Type=oneshot
ExecStart=/var/lib/cloud/user-data
ExecStartPost=/bin/touch /var/lib/cloud/done
`,
    )
  }

  #writeUnit(name: string, text: string): void {
    const folder = join(this.#folder, 'up/etc/systemd/system')
    writeFileSync(join(folder, `${name}.service`), text)
    symlinkSync(`../${name}.service`, join(folder, 'multi-user.target.wants', `${name}.service`))
  }

  /** A cgroup for each controller: the memory of the machine, and a root of its own for the guest's systemd. */
  #makeCgroups(): void {
    const {rig, memoryBytes = 2 * 1024 ** 3} = this.#options
    for (const controller of controllers) {
      const [top, own] = [join(cgroups, controller, rig), join(cgroups, controller, rig, this.name)]
      mkdirSync(own, {recursive: true})
      if (controller !== 'cpuset') continue
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        for (const folder of [top, own]) writeFileSync(join(folder, file), readFileSync(join(cgroups, controller, file)))
      }
    }
    writeFileSync(join(cgroups, 'memory', rig, this.name, 'memory.limit_in_bytes'), String(memoryBytes))
  }

  async #untilUp(): Promise<void> {
    const giveUpAt = Date.now() + bootMs
    for (;;) {
      const [child] = (await run('pgrep', ['-P', String(this.#runner)]).catch(() => ({stdout: ''}))).stdout.split('\n').map(Number)
      if (child !== undefined && child > 0 && commandOf(child) === 'systemd') {
        this.#leader = child
        const {stdout} = await run('nsenter', ['-t', String(child), '-n', 'ss', '-Hltn', 'sport = :22']).catch(() => ({stdout: ''}))
        const {stdout: own} = await run('nsenter', ['-t', String(child), '-n', 'ip', '-4', 'addr', 'show', 'dev', 'host0']).catch(() => ({
          stdout: '',
        }))
        if (stdout !== '' && own.includes(this.address)) return
      }
      if (Date.now() > giveUpAt || !existsSync(`/proc/${this.#runner}`)) {
        throw new Error(`${this.name} did not boot:\n${readFileSync(join(this.#folder, 'console.log'), 'utf8').slice(-2000)}`)
      }
      await wait(50)
    }
  }

  #processes(): readonly number[] {
    const {rig} = this.#options
    const top = join(cgroups, 'pids', rig, this.name)
    const folders = existsSync(top)
      ? [
          top,
          ...readdirSync(top, {recursive: true, withFileTypes: true})
            .filter(entry => entry.isDirectory())
            .map(entry => join(entry.parentPath, entry.name)),
        ]
      : []
    return folders.flatMap(folder => {
      try {
        return readFileSync(join(folder, 'cgroup.procs'), 'utf8')
          .split('\n')
          .map(Number)
          .filter(pid => pid > 0)
      } catch {
        return []
      }
    })
  }

  async #sweep(): Promise<void> {
    const {rig} = this.#options
    for (let attempt = 0; attempt < 100 && this.#processes().length > 0; attempt++) {
      for (const pid of this.#processes()) kill(pid)
      await wait(50)
    }
    for (const controller of controllers)
      await run('find', [join(cgroups, controller, rig, this.name), '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+']).catch(() => {})
    await run('umount', ['-l', join(this.#folder, 'root')]).catch(() => {})
    await run('ip', ['link', 'del', this.#link]).catch(() => {})
    this.#runner = 0
    this.#leader = 0
  }

  async dispose(): Promise<void> {
    await this.powerOff()
    rmSync(this.#folder, {recursive: true, force: true})
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return '' // gone by now
  }
}

function kill(pid: number): void {
  if (pid <= 1) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // gone already
  }
}

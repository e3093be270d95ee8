import {type ChildProcess, spawn} from 'node:child_process'
import type {Socket} from 'node:net'
import {settlesWithin} from '../../lib/wait.ts'
import {HomeportError} from '../../model/error.ts'

export type GuardianOptions = {
  /** Private folder in which it makes FIFOs, and which the reaper removes. */
  readonly folder: string
  /** The command that ends the session when Homeport is gone: this very program with a hidden command. Absolute paths: it runs in `/`, with nothing but PATH. */
  readonly reaper: readonly string[]
  /** Where it finds `mkfifo`. */
  readonly searchPath: string
  /** The resident set limit that it tries whether it may set, in KiB. */
  readonly limit: number
}

/** Killed again and again it is not replaced for ever. */
const mostReplacements = 100
/** How long it may take to go when it is told that all is done. */
const goneMs = 1_000

/** What the guardian found out when it started. */
export type GuardianReport = {readonly canLimit: boolean; readonly hasPipes: boolean}

/**
 * In the language of every `sh`. Signals are ignored, in a session of its own: Ctrl-C and a closed terminal do not reach it.
 * `read` blocks until Homeport asks for something, says that it is done, or is gone, in whatever way: then the kernel closes
 * the pipe, and the reaper takes the guardian's place. It holds nothing of the user's: no terminal, no output, no folder.
 */
const script = `
trap '' HUP INT QUIT TERM TSTP TTIN TTOU PIPE USR1 USR2
folder=$1; limit=$2; shift 2
make() {
  names=$3; i=$1
  while [ "$i" -lt "$2" ]; do names="$names $i.out $i.err"; i=$((i + 1)); done
  if mkfifo -m 666 $names; then echo "pipes $1 yes"; else echo "pipes $1 no"; fi
}
while read -r verb from to; do
  case $verb in
    replace) cd "$folder" ;;
    begin)
      cd "$folder"
      make 0 "$to" stdin
      if (ulimit -m "$limit"); then echo "limit yes"; else echo "limit no"; fi ;;
    make) make "$from" "$to" '' ;;
    done) exit 0 ;;
  esac
done
cd /
exec "$@" </dev/null >/dev/null
`

/**
 * A tiny process that outlives a `kill -9` of Homeport and then ends every dyno (findings 2.3). It is started before the first
 * dyno and holds the reading end of a pipe whose writing end only Homeport has: a dyno being forked holds a copy until its
 * exec, so that the end of the pipe also means that its marker can be read. A guardian that is killed itself is replaced.
 */
export class Guardian {
  readonly #options: GuardianOptions
  #child: ChildProcess
  #hasStarted: Promise<void>
  readonly #answers = new Map<string, (isYes: boolean) => void>()
  #isReleased = false
  #replacements = 0

  constructor(options: GuardianOptions) {
    this.#options = options
    this.#child = this.#spawn()
    this.#hasStarted = new Promise((resolve, reject) => this.#child.once('spawn', resolve).once('error', reject))
  }

  /**
   * Called when the folder is there. Makes the FIFO `stdin`, and `0.out 0.err 1.out …` for so many dynos.
   * Rejects with TOOL_MISSING when there is no `sh`.
   */
  async begin(pipes: number): Promise<GuardianReport> {
    const answers = Promise.all([this.#answer('limit'), this.#answer('pipes 0')])
    this.#tell(`begin 0 ${pipes}`)
    try {
      await this.#hasStarted
    } catch (cause) {
      throw new HomeportError('TOOL_MISSING', '/bin/sh, which guards the dynos, cannot be started.', {cause})
    }
    const [canLimit, hasPipes] = await answers
    return {canLimit, hasPipes}
  }

  /** Makes the FIFOs `FROM.out FROM.err` up to `to`, which is not included. False where that cannot be. */
  async makePipes(from: number, to: number): Promise<boolean> {
    const answer = this.#answer(`pipes ${from}`)
    this.#tell(`make ${from} ${to}`)
    return answer
  }

  /** Homeport ends in order: the guardian goes, and is gone when this resolves. */
  async release(): Promise<void> {
    this.#isReleased = true
    const child = this.#child
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const isGone = new Promise(resolve => child.once('exit', resolve))
    child.ref()
    child.stdin?.end('done\n')
    // Somebody may have stopped it, as one stops a job.
    if (!(await settlesWithin(isGone, goneMs))) child.kill('SIGKILL')
    await isGone
  }

  #spawn(): ChildProcess {
    const {folder, limit, reaper, searchPath} = this.#options
    const child = spawn('/bin/sh', ['-c', script, 'homeport-guardian', folder, String(limit), ...reaper], {
      cwd: '/',
      env: {PATH: searchPath},
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    child.on('error', () => undefined)
    child.on('exit', () => this.#replace())
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (text + chunk.toString()).split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) this.#hear(line)
    })
    child.unref()
    const stdin = child.stdin as Socket | null
    stdin?.on('error', () => undefined).unref()
    this.#keepAwake(child, false)
    return child
  }

  /** A guardian may be killed like any process; without one no dyno would end with us. */
  #replace(): void {
    for (const answer of this.#answers.values()) answer(false)
    this.#answers.clear()
    if (this.#isReleased || ++this.#replacements > mostReplacements) return
    this.#child = this.#spawn()
    this.#tell('replace')
  }

  #tell(request: string): void {
    this.#child.stdin?.write(`${request}\n`)
  }

  #answer(question: string): Promise<boolean> {
    this.#keepAwake(this.#child, true)
    return new Promise(resolve => this.#answers.set(question, resolve))
  }

  #hear(line: string): void {
    const end = line.lastIndexOf(' ')
    const question = line.slice(0, end)
    this.#answers.get(question)?.(line.slice(end + 1) === 'yes')
    this.#answers.delete(question)
    if (this.#answers.size === 0) this.#keepAwake(this.#child, false)
  }

  /** Only while we wait for an answer does the guardian keep Homeport running. */
  #keepAwake({stdout}: ChildProcess, isAwake: boolean): void {
    if (isAwake) (stdout as Socket | null)?.ref()
    else (stdout as Socket | null)?.unref()
  }
}

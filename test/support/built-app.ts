import {execFileSync, spawn} from 'node:child_process'
import {createHash} from 'node:crypto'
import {lstatSync, readdirSync, readFileSync, readlinkSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

/** A digest of all that a slug would be made of: paths, run bits, contents, links. */
export function digestOf(folder: string): string {
  const hash = createHash('sha256')
  for (const path of (readdirSync(folder, {recursive: true}) as string[]).sort()) {
    const found = lstatSync(join(folder, path))
    if (found.isDirectory()) continue
    const content = found.isSymbolicLink() ? readlinkSync(join(folder, path)) : readFileSync(join(folder, path))
    hash
      .update(`${path}\0${found.isSymbolicLink()}\0${(found.mode & 0o100) !== 0}\0`)
      .update(content)
      .update('\0')
  }
  return hash.digest('hex')
}

/** Runs the web command of a built app as a dyno would, from its folder, and asks it for `path`. Resolves with the body. */
export async function askBuiltApp(folder: string, command: string, path = '/'): Promise<string> {
  const port = await freePort()
  const script = `for file in .profile.d/*.sh; do [ ! -f "$file" ] || . "$file"; done; ${command}`
  const env = {HOME: folder, PORT: String(port), DYNO: 'web.1', PATH: '/usr/local/bin:/usr/bin:/bin'}
  const child = spawn('bash', ['--login', '-c', script], {cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe']})
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  try {
    const deadline = Date.now() + 60_000
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined)
      if (answer) return `${answer.status} ${await answer.text()}`
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`“${command}” does not answer:\n${output}`)
      await sleep(50)
    }
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
  }
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** An argv in front of a program that then has no network, where the system has such a thing. */
export function withoutNetwork(): readonly string[] {
  const argv = process.getuid?.() === 0 ? ['unshare', '-n'] : ['unshare', '-rn']
  try {
    execFileSync(argv[0] ?? '', [...argv.slice(1), 'true'], {stdio: 'ignore'})
    return argv
  } catch {
    return []
  }
}

import {spawn} from 'node:child_process'
import {chownSync, mkdirSync, mkdtempSync} from 'node:fs'
import {join} from 'node:path'
import {privateFolder} from '../../../lib/private-folder.ts'
import {removeTree} from '../../../lib/remove-tree.ts'
import type {CommandLine, DynoSpec} from '../../../model/dyno.ts'
import {sandboxUser} from '../../../model/dyno-user.ts'
import type {Isolation} from './isolation.ts'

export type Trial = {readonly works: boolean; readonly output: string}

const trialLimitMs = 10_000
const answer = 'homeport-trial'

/** Starts a tiny dyno of a tiny slug under `isolation`, as a real one is started: it must run, write into its app and not be root. */
export async function tryTier(isolation: Isolation, roomsFolder: string): Promise<Trial> {
  const folder = mkdtempSync(join(privateFolder(roomsFolder), 'trial-'))
  try {
    const slugFolder = join(folder, 'slug')
    mkdirSync(slugFolder)
    // As the store makes checkouts when it runs as root.
    if (process.geteuid?.() === 0) chownSync(slugFolder, sandboxUser.uid, sandboxUser.uid)
    const spec: DynoSpec = {
      name: 'trial.1',
      type: 'trial',
      command: `echo >trial && [ "$(id -u)" != 0 ] && echo ${answer}`,
      env: {PATH: '/usr/local/bin:/usr/bin:/bin'},
      cwd: slugFolder,
      slugFolder,
    }
    await using made = await isolation.prepare(spec, {roomsFolder: join(folder, 'rooms')})
    const output = await run(isolation.wrap(spec, made.room))
    return {works: output.includes(answer), output}
  } catch (error) {
    return {works: false, output: error instanceof Error ? error.message : String(error)}
  } finally {
    await removeTree(folder)
  }
}

function run({file, args, env, cwd}: CommandLine): Promise<string> {
  return new Promise(resolve => {
    const child = spawn(file, args, {env, cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: trialLimitMs, killSignal: 'SIGKILL'})
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
    child.once('error', error => resolve(error.message))
    child.once('close', () => resolve(output))
  })
}

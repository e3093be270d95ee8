import {spawnSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'

/** Another tool that runs a Procfile, and how: `file` and `args` in the app's folder. */
export type Peer = {readonly name: string; readonly file: string; readonly args: readonly string[]}

/** Installs the peers into `folder` from their registries; those that cannot be had are told and left out. mprocs draws a screen and has no lines to compare. */
export function installPeers(folder: string): readonly Peer[] {
  const npm = join(folder, 'npm')
  mkdirSync(npm, {recursive: true})
  const hasNpm = attempt('npm', ['install', '--prefix', npm, '--no-audit', '--no-fund', 'foreman@3.0.1', 'concurrently@9.2.1'])
  const venv = join(folder, 'venv')
  const hasHoncho = attempt('python3', ['-m', 'venv', venv]) && attempt(join(venv, 'bin/pip'), ['install', '--quiet', 'honcho==2.0.0'])
  const hasForeman = attempt('foreman', ['version'])
  return [
    ...(hasNpm ? [{name: 'npm foreman', file: join(npm, 'node_modules/.bin/nf'), args: ['start']}] : []),
    ...(hasNpm ? [{name: 'concurrently', file: join(npm, 'node_modules/.bin/concurrently'), args: ['sh web.sh']}] : []),
    ...(hasHoncho ? [{name: 'honcho', file: join(venv, 'bin/honcho'), args: ['start']}] : []),
    ...(hasForeman ? [{name: 'ruby foreman', file: 'foreman', args: ['start']}] : []),
  ]
}

function attempt(file: string, args: readonly string[]): boolean {
  const {status} = spawnSync(file, args, {stdio: 'ignore', timeout: 180_000})
  if (status !== 0) console.log(`(left out: ${file} ${args.join(' ')})`)
  return status === 0
}

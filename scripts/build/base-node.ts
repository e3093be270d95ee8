import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, renameSync, rmSync} from 'node:fs'
import {dirname} from 'node:path'

const root = dirname(dirname(import.meta.dirname))

export const hostPlatform = `${process.platform}-${process.arch}`

/** Folder of an npm package for a platform: the installed one, else fetched from the registry in the version of the lock file. */
export function platformPackage(name: string, versionOf: string): string {
  const installed = `${root}/node_modules/${name}`
  if (existsSync(installed)) return installed
  const {version} = JSON.parse(readFileSync(`${root}/node_modules/${versionOf}/package.json`, 'utf8'))
  const folder = `${root}/build/packages/${name.replaceAll('/', '+')}@${version}`
  if (!existsSync(folder)) fetchPackage(`${name}@${version}`, folder)
  return folder
}

function fetchPackage(spec: string, folder: string): void {
  const draft = `${folder}.new`
  rmSync(draft, {recursive: true, force: true})
  mkdirSync(draft, {recursive: true})
  const output = execFileSync('npm', ['pack', '--silent', '--pack-destination', draft, spec], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const archive = output.trim().split('\n').at(-1) ?? ''
  execFileSync('tar', ['-xzf', `${draft}/${archive}`, '-C', draft])
  renameSync(`${draft}/package`, folder)
  rmSync(draft, {recursive: true})
}

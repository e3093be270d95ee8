import {chmod, mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'

export type RecordingOptions = {
  /** What each script does beyond recording, in sh; `null` leaves the script out. */
  readonly scripts?: Readonly<Record<string, string | null>>
  /** Scripts are written without their run bit. */
  readonly withoutRunBit?: boolean
  /** Scripts are written without their first line. */
  readonly withoutShebang?: boolean
}

/**
 * Writes a buildpack whose scripts write down what they were called with: `$RECORD/NAME.SCRIPT.args`, `.env` and `.cwd`, where
 * RECORD is a folder of the test. Returns its folder.
 */
export async function recordingBuildpack(dir: string, record: string, name: string, options: RecordingOptions = {}): Promise<string> {
  const scripts = {detect: `echo ${name}`, compile: '', release: '', ...options.scripts}
  await mkdir(join(dir, 'bin'), {recursive: true})
  await mkdir(record, {recursive: true})
  for (const [script, text] of Object.entries(scripts)) {
    if (text === null) continue
    const file = join(dir, 'bin', script)
    const at = `${record}/${name}.${script}`
    const shebang = options.withoutShebang ? '' : '#!/bin/sh\n'
    await writeFile(file, `${shebang}printf '%s\\n' "$@" >'${at}.args'\nenv >'${at}.env'\npwd >'${at}.cwd'\n${text}\n`)
    await chmod(file, options.withoutRunBit ? 0o644 : 0o755)
  }
  return dir
}

/** `NAME=value` lines of a recorded environment. */
export function parseEnv(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\n')
      .filter(line => line.includes('='))
      .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

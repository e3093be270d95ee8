import {execFileSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'

export type SmallDisk = {readonly path: string; makeReadOnly(): void; unmount(): void}

/** Only root may mount; suites that need a disk of their own are left out for others (see scripts/test). */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0

/** A disk of a few bytes at `path`, in memory. */
export function mountSmallDisk(path: string, sizeBytes: number): SmallDisk {
  mkdirSync(path, {mode: 0o700})
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes},mode=700`, 'homeport-test', path])
  return {
    path,
    makeReadOnly: () => execFileSync('mount', ['-o', 'remount,ro', path]),
    unmount: () => execFileSync('umount', ['-l', path]),
  }
}

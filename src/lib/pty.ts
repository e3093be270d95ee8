import {createRequire} from 'node:module'
import {isBinary, loadAddon} from './assets.ts'
import {type PtyAddon, type PtyCommand, PtyProcess} from './pty-process.ts'

/** Starts a program in a terminal of its own. */
export type SpawnInPty = (command: PtyCommand) => PtyProcess

/**
 * The addon of node-pty, ready to start programs. The binary has to put it on disk before the system can load it: in the first
 * usable one of `cacheFolders`. Throws when there is none for this platform.
 *
 * Only the addon, and not the JavaScript that comes with it, since that was measured to lose and to hang: 200 ms after the end
 * of a program it throws away what is not read yet (2,587 of 16,893 bytes came through to a reader who was slow), and it writes
 * with a call that blocks, so that text pasted into a program that does not read stops this whole process.
 */
export function loadPty(cacheFolders: readonly string[]): SpawnInPty {
  const addon = (isBinary() ? loadAddon('pty', addonFile, cacheFolders) : requireFromPackage()) as PtyAddon
  return command => new PtyProcess(addon, command, helperOfMacos())
}

const addonFile = 'pty.node'

function requireFromPackage(): unknown {
  return fromPackage()('./requireBinary.js').requireBinary(addonFile)
}

/** The addon lies in a package for one platform, which only node-pty can see where packages do not share a folder. */
function fromPackage(): NodeJS.Require {
  return createRequire(createRequire(import.meta.url).resolve('@lydell/node-pty'))
}

/** macOS needs a program between us and the one that is started. */
function helperOfMacos(): string {
  if (process.platform !== 'darwin') return ''
  return fromPackage().resolve(`@lydell/node-pty-darwin-${process.arch}/spawn-helper`)
}

import {loadAddon} from './assets.ts'

let folders: readonly string[] = []

/** Where the binary may put native addons on disk: before the package that has one is imported. */
export function setAddonFolders(cacheFolders: readonly string[]): void {
  folders = cacheFolders
}

/** Takes the place of `requireBinary.js` of @lydell/node-pty in the binary (scripts/build/chunks.ts), whose interface allows no arguments of ours. */
export function requireBinary(file: string): unknown {
  return loadAddon('pty', file, folders)
}

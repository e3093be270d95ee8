import type {ByteName} from '../../lib/file-name.ts'

/** Files that steer programs, by their names; what other files say about `/app` is their own affair. */
const configEndings: ReadonlySet<string> = new Set([
  'conf',
  'cfg',
  'cnf',
  'ini',
  'toml',
  'yml',
  'yaml',
  'properties',
  'pth',
  'env',
  'profile',
])
const maxConfigBytes = 64 * 1024
/** Third parties' files by the thousand. */
const packageFolder = /(?:^|\/)(?:node_modules|site-packages|gems)\//
/** `/app/` where a path begins. */
const appPath = /(?:^|[\s"'`=:,;([{])\/app\//

/**
 * Whether a file goes wrong where a dyno has no `/app` (on a machine without mounts its app lies elsewhere): its first line
 * names an interpreter in `/app`, or it is a file of configuration that names `/app/…`.
 */
export function namesAppPath(path: ByteName, content: Buffer): boolean {
  if (content[0] === 0x23 && content[1] === 0x21) {
    const line = content.toString('latin1', 2, Math.min(content.length, 256)).split('\n', 1)[0] ?? ''
    if (/^\s*\/app\//.test(line)) return true
  }
  if (content.length > maxConfigBytes || !isConfig(path) || packageFolder.test(path)) return false
  return content.includes('/app/') && appPath.test(content.toString('latin1'))
}

function isConfig(path: ByteName): boolean {
  return configEndings.has(path.slice(path.lastIndexOf('.') + 1)) || path.startsWith('.profile.d/')
}

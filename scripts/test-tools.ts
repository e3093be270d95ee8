import {accessSync, constants} from 'node:fs'
import {delimiter, join} from 'node:path'

/** A program that tests or benchmarks need and that is no npm package. */
export type Tool = {
  readonly command: string
  /** Debian's package. */
  readonly package: string
  /** What is left out without it. */
  readonly for: string
}

export const tools: readonly Tool[] = [
  {command: 'bwrap', package: 'bubblewrap', for: 'the sandbox'},
  {command: 'certutil', package: 'libnss3-tools', for: 'the stores of browsers'},
  {command: 'chromium', package: 'chromium', for: 'pages in a browser'},
  {command: 'curl', package: 'curl', for: 'the router seen by curl'},
  {command: 'fish', package: 'fish', for: 'shell-init in fish'},
  {command: 'foreman', package: 'ruby-foreman', for: 'benchmarks against foreman'},
  {command: 'git', package: 'git', for: 'sources in a git work tree'},
  {command: 'haproxy', package: 'haproxy', for: 'benchmarks of the router'},
  {command: 'lsof', package: 'lsof', for: 'who holds a port'},
  {command: 'nginx', package: 'nginx-light', for: 'benchmarks of the router'},
  {command: 'openssl', package: 'openssl', for: 'certificates seen by openssl'},
  {command: 'ps', package: 'procps', for: 'the process table read from ps'},
  {command: 'setpriv', package: 'util-linux', for: 'everything that runs as another user'},
  {command: 'socat', package: 'socat', for: 'terminals and sockets from outside'},
  {command: 'strace', package: 'strace', for: 'counts of system calls'},
  {command: 'tmux', package: 'tmux', for: 'whole stories in a terminal'},
  {command: 'wrk', package: 'wrk', for: 'benchmarks of the router'},
  {command: 'zsh', package: 'zsh', for: 'shell-init in zsh'},
]

/** Debian puts some programs where the PATH of a user does not look. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin']

export function hasTool(command: string): boolean {
  const folders = new Set([...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders])
  return [...folders].some(folder => folder !== '' && isExecutable(join(folder, command)))
}

export function missingTools(): readonly Tool[] {
  return tools.filter(({command}) => !hasTool(command))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

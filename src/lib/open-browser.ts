import {spawn} from 'node:child_process'

/** A program that runs this long has shown the page. */
const patienceMs = 2_000

export type Desktop = {readonly env: Readonly<Record<string, string | undefined>>; readonly platform: NodeJS.Platform}

/** Shows a page in the user's browser: BROWSER (a list with `:`, `%s` for the address), else that of the desktop. False when there is none. */
export async function openBrowser(url: string, desktop: Desktop): Promise<boolean> {
  for (const argv of browserCommands(url, desktop)) if (await runs(argv)) return true
  return false
}

/** The commands to try, in order. */
export function browserCommands(url: string, {env, platform}: Desktop): readonly (readonly string[])[] {
  const wanted = env['BROWSER'] ?? ''
  if (wanted !== '') {
    return wanted
      .split(':')
      .filter(command => command !== '' && command !== 'none')
      .map(command => command.split(/\s+/))
      .map(words => (words.some(word => word.includes('%s')) ? words.map(word => word.replaceAll('%s', url)) : [...words, url]))
  }
  if (platform === 'darwin') return [['open', url]]
  const hasDisplay = (env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== '' || (env['WSL_DISTRO_NAME'] ?? '') !== ''
  return hasDisplay ? [['xdg-open', url]] : []
}

/** Whether the program starts, and does not fail at once. */
function runs([file = '', ...args]: readonly string[]): Promise<boolean> {
  return new Promise(resolve => {
    const child = spawn(file, args, {stdio: 'ignore', detached: true})
    const timer = setTimeout(() => resolve(true), patienceMs)
    child.on('error', () => resolve(false))
    child.on('exit', code => resolve(code === 0))
    child.on('close', () => clearTimeout(timer))
    child.unref()
  })
}

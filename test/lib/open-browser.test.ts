import {expect, test} from 'vitest'
import {browserCommands} from '../../src/lib/open-browser.ts'

const url = 'http://localhost:5006/'

test.for([
  [{BROWSER: 'firefox'}, 'linux', [['firefox', url]]],
  [
    {BROWSER: 'chromium --incognito %s:lynx'},
    'linux',
    [
      ['chromium', '--incognito', url],
      ['lynx', url],
    ],
  ],
  [{BROWSER: 'none'}, 'darwin', []],
  [{}, 'darwin', [['open', url]]],
  [{}, 'linux', []],
  [{DISPLAY: ':0'}, 'linux', [['xdg-open', url]]],
  [{BROWSER: '', WAYLAND_DISPLAY: 'wayland-0'}, 'linux', [['xdg-open', url]]],
] as const)('%j on %s tries %j', ([env, platform, commands]) => {
  expect(browserCommands(url, {env, platform})).toEqual(commands)
})

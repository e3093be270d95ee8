import {expect, test} from 'vitest'
import {painter} from '../../../src/cli/colour.ts'
import {formationText, renderApps} from '../../../src/cli/render/apps.ts'
import type {AppStatus} from '../../../src/control/app-status.ts'

function app(name: string, more: Partial<AppStatus> = {}): AppStatus {
  return {
    app: name,
    root: `/src/${name}`,
    pid: 7,
    url: 'http://localhost:5006',
    startedAt: '',
    ready: true,
    maintenance: false,
    features: {},
    formation: {web: 1},
    dynos: [],
    ...more,
  }
}

test('apps stand in columns', () => {
  const apps = [app('hello'), app('a-longer-name', {ready: false, url: null, formation: {web: 2, worker: 10}})]
  expect(renderApps(apps, painter(false))).toBe(
    'hello          ready     http://localhost:5006  pid 7  web=1            /src/hello\n' +
      'a-longer-name  starting  no router              pid 7  web=2 worker=10  /src/a-longer-name\n',
  )
  expect(renderApps([], painter(false))).toBe('No app is running on this machine.\n')
})

test('maintenance is said before anything else, then a crash', () => {
  const crashed = [{state: 'crashed'}] as unknown as AppStatus['dynos']
  expect(renderApps([app('a', {dynos: crashed, ready: false})], painter(false))).toContain('crashed')
  expect(renderApps([app('a', {dynos: crashed, maintenance: true})], painter(false))).toContain('maintenance')
})

test('a formation is one line', () => {
  expect(formationText({web: 2, worker: 0})).toBe('web=2 worker=0')
})

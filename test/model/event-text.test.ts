import {expect, test} from 'vitest'
import type {PlatformEvent} from '../../src/model/event.ts'
import {textOf} from '../../src/model/event-text.ts'

test.for<[PlatformEvent, string, string]>([
  [{type: 'state', time: 1, dyno: 'web.1', from: 'up', to: 'crashed', exitCode: 1}, 'web.1', 'State changed from up to crashed'],
  [{type: 'ready', time: 1, app: 'hello', pid: 1, url: 'http://localhost:5006'}, 'api', 'hello is ready: http://localhost:5006'],
  [
    {type: 'ready', time: 1, app: 'hello', pid: 1, url: 'http://localhost:5006', httpsUrl: 'https://localhost:5443'},
    'api',
    'hello is ready: http://localhost:5006 and https://localhost:5443',
  ],
  [{type: 'ready', time: 1, app: 'hello', pid: 1}, 'api', 'hello is ready'],
  [{type: 'step', time: 1, name: 'compile', status: 'failed', detail: 'exit 1'}, 'api', 'compile failed: exit 1'],
  [
    {type: 'release', time: 1, version: 3, description: 'Deploy abc', slug: 's', status: 'succeeded'},
    'api',
    'Release v3 succeeded: Deploy abc',
  ],
  [{type: 'stopped', time: 1, exitCode: 0, left: 0}, 'api', 'Stopped with exit code 0'],
  [{type: 'stopped', time: 1, exitCode: 1, left: 2}, 'api', 'Stopped with exit code 1; 2 processes had to be killed'],
])('%j is told by %s', ([event, dyno, text]) => {
  expect(textOf(event)).toMatchObject({type: 'output', source: 'heroku', dyno, lines: Buffer.from(`${text}\n`), time: 1})
})

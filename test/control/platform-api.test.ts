import {request} from 'node:http'
import {text} from 'node:stream/consumers'
import {expect} from 'vitest'
import {now, platformLine} from '../../src/model/event.ts'
import {test} from '../support/control-server.ts'

const accept = 'application/vnd.heroku+json; version=3'

type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
  readonly json: ReturnType<typeof JSON.parse>
}
type Call = {readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown}

/** With Node's own client, which has nothing in common with ours. */
function call(socket: string, method: string, path: string, {headers = {}, body}: Call = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({socketPath: socket, method, path, headers: {accept, ...headers}}, async incoming => {
      const answer = await text(incoming)
      const isJson = String(incoming.headers['content-type']).includes('json') && answer !== ''
      resolve({status: incoming.statusCode ?? 0, headers: incoming.headers, text: answer, json: isJson ? JSON.parse(answer) : undefined})
    })
    outgoing.on('error', reject)
    outgoing.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
  })
}

test.for([
  ['application/vnd.heroku+json; version=3', 200],
  ['application/vnd.heroku+json; version=3.sdk', 200],
  ['application/vnd.heroku+json;version=3.run-inside', 200],
  ['*/*', 404],
  ['application/json', 404],
  ['application/vnd.heroku+json', 404],
  ['application/vnd.heroku+json; version=2', 406],
  ['application/vnd.heroku+json; version=30', 406],
] as const)('Accept: %s is answered %d', async ([value, status], {callee}) => {
  expect((await call(callee.socket, 'GET', '/apps', {headers: {accept: value}})).status).toBe(status)
})

test('an app is found by its name and by its id, and an unknown one is not', async ({callee}) => {
  const list = await call(callee.socket, 'GET', '/apps')
  expect(list.json).toMatchObject([{name: 'hello', maintenance: false, web_url: 'http://localhost:5006/', generation: {name: 'cedar'}}])
  expect(list.headers['content-type']).toBe('application/vnd.heroku+json; version=3')
  expect(list.headers['request-id']).toMatch(/^[0-9a-f-]{36}$/)
  const {id, created_at} = list.json[0]
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(created_at).toBe('2026-11-25T03:04:04Z')
  for (const name of ['hello', id]) expect((await call(callee.socket, 'GET', `/apps/${name}`)).json.id).toBe(id)
  expect(await call(callee.socket, 'GET', '/apps/other')).toMatchObject({
    status: 404,
    json: {id: 'not_found', message: "Couldn't find that app."},
  })
})

test('what only clients of the platform need is there: account, releases, empty lists', async ({callee}) => {
  expect((await call(callee.socket, 'GET', '/account')).json).toMatchObject({email: 'homeport@localhost'})
  expect((await call(callee.socket, 'GET', '/users/~/apps')).json).toHaveLength(1)
  const releases = await call(callee.socket, 'GET', '/apps/hello/releases', {headers: {range: 'version ..; order=desc,max=1'}})
  expect(releases).toMatchObject({status: 200, json: [{version: 1, description: 'Initial release', status: 'succeeded', current: true}]})
  expect((await call(callee.socket, 'GET', '/apps/hello/releases/v1')).json.version).toBe(1)
  expect((await call(callee.socket, 'GET', '/apps/hello/releases/v2')).status).toBe(404)
  for (const noun of ['addons', 'domains', 'collaborators'])
    expect((await call(callee.socket, 'GET', `/apps/hello/${noun}`)).json).toEqual([])
})

test('dynos have the fields that clients need, and are found by name and id', async ({callee}) => {
  const {json} = await call(callee.socket, 'GET', '/apps/hello/dynos')
  expect(json).toMatchObject([
    {name: 'web.1', type: 'web', state: 'up', command: 'node web.js', release: {version: 1}, app: {name: 'hello'}},
    {name: 'web.2'},
  ])
  expect((await call(callee.socket, 'GET', `/apps/hello/dynos/${json[1].id}`)).json.name).toBe('web.2')
  expect((await call(callee.socket, 'GET', '/apps/hello/dynos/web.9')).status).toBe(404)
})

test('restart and stop: all, a dyno by name or id, a type', async ({callee, app}) => {
  const {json} = await call(callee.socket, 'GET', '/apps/hello/dynos')
  for (const path of ['dynos', 'dynos/web.1', `dynos/${json[1].id}`, 'formations/web']) {
    expect(await call(callee.socket, 'DELETE', `/apps/hello/${path}`)).toMatchObject({status: 202, json: {}})
  }
  for (const path of ['dynos/web.2', 'formations/web'])
    expect((await call(callee.socket, 'POST', `/apps/hello/${path}/actions/stop`)).status).toBe(202)
  expect(app.calls).toEqual(['restart all', 'restart web.1', 'restart web.2', 'restart web', 'stop web.2', 'stop web'])
  expect(await call(callee.socket, 'DELETE', '/apps/hello/dynos/web.9')).toMatchObject({status: 404, json: {id: 'not_found'}})
})

test('quantities are strings that may carry a sign, and the server does the arithmetic', async ({callee, app}) => {
  const updates = [
    {type: 'web', quantity: '+1', size: 'Standard-2X'},
    {type: 'worker', quantity: 3},
  ]
  const {status, json} = await call(callee.socket, 'PATCH', '/apps/hello/formation', {body: {updates}})
  expect({status, json}).toMatchObject({
    status: 200,
    json: [
      {type: 'web', quantity: 3},
      {type: 'worker', quantity: 3},
    ],
  })
  expect(app.calls).toEqual(['scale web+1standard-2x worker=3'])
  expect((await call(callee.socket, 'PATCH', '/apps/hello/formation/web', {body: {quantity: '-2'}})).json).toMatchObject({
    type: 'web',
    quantity: 1,
  })
})

test.for([
  [{updates: [{type: 'bad', quantity: '1'}]}, 404, "Couldn't find that process type (bad)."],
  [{updates: [{type: 'web', quantity: 'many'}]}, 422, 'Each update needs a type and a quantity, such as "2" or "+1".'],
  [{updates: [{quantity: '1'}]}, 422, 'Each update needs a type and a quantity, such as "2" or "+1".'],
  [{updates: 'web=1'}, 422, 'updates must be a list of {type, quantity}.'],
  [{}, 422, 'updates must be a list of {type, quantity}.'],
  ['{"updates"', 400, 'The body is no JSON.'],
] as const)('a formation of %j is refused with %d', async ([body, status, message], {callee, app}) => {
  expect(await call(callee.socket, 'PATCH', '/apps/hello/formation', {body})).toMatchObject({status, json: {message}})
  expect(app.calls).toEqual([])
})

test('maintenance and features are switched', async ({callee}) => {
  expect((await call(callee.socket, 'PATCH', '/apps/hello', {body: {maintenance: true}})).json.maintenance).toBe(true)
  expect((await call(callee.socket, 'GET', '/apps/hello')).json.maintenance).toBe(true)
  expect((await call(callee.socket, 'PATCH', '/apps/hello', {body: {name: 'other'}})).status).toBe(422)
  const path = '/apps/hello/features/http-session-affinity'
  expect((await call(callee.socket, 'PATCH', path, {body: {enabled: true}})).json).toMatchObject({
    enabled: true,
    name: 'http-session-affinity',
  })
  expect((await call(callee.socket, 'GET', path)).json.enabled).toBe(true)
  expect((await call(callee.socket, 'PATCH', '/apps/hello/features/preboot', {body: {enabled: true}})).status).toBe(422)
})

test('config vars are read, and changed where they are: in .env', async ({callee}) => {
  expect((await call(callee.socket, 'GET', '/apps/hello/config-vars')).json).toEqual({SECRET: 'abc', EMPTY: ''})
  expect(await call(callee.socket, 'PATCH', '/apps/hello/config-vars', {body: {A: '1'}})).toMatchObject({
    status: 422,
    json: {id: 'invalid_params', message: expect.stringContaining('.env')},
  })
})

test('an answer that has not changed is not sent again', async ({callee}) => {
  const {headers} = await call(callee.socket, 'GET', '/apps/hello')
  expect(await call(callee.socket, 'GET', '/apps/hello', {headers: {'if-none-match': String(headers['etag'])}})).toMatchObject({
    status: 304,
    text: '',
  })
})

test('long lists come in parts', async ({callee, app}) => {
  await app.control.scale([{type: 'web', sign: '=', quantity: 250}])
  const first = await call(callee.socket, 'GET', '/apps/hello/dynos', {headers: {range: 'name ..; max=100'}})
  expect(first.status).toBe(206)
  const seen = [...first.json]
  for (let next = first.headers['next-range']; typeof next === 'string'; ) {
    const part = await call(callee.socket, 'GET', '/apps/hello/dynos', {headers: {range: next}})
    seen.push(...part.json)
    next = part.headers['next-range']
    expect(part.status).toBe(next === undefined ? 200 : 206)
  }
  expect(new Set(seen.map(({name}) => name)).size).toBe(250)
  expect(seen.map(({name}) => name)).toEqual(seen.map(({name}) => name).toSorted())
  const last = await call(callee.socket, 'GET', '/apps/hello/dynos', {headers: {range: 'name ..; max=1, order=desc'}})
  expect(last.json).toMatchObject([{name: 'web.99'}])
  expect((await call(callee.socket, 'GET', '/apps/hello/dynos', {headers: {range: 'id ..; max=5000'}})).status).toBe(416)
  expect((await call(callee.socket, 'GET', '/apps/hello/dynos', {headers: {range: 'nope ..'}})).status).toBe(416)
  expect((await call(callee.socket, 'GET', '/apps/hello/dynos')).status).toBe(206)
})

test.for([
  ['GET', '/nope', 404],
  ['GET', '/apps/hello/dynos/web.1/nope', 404],
  ['PUT', '/apps/hello', 405],
  ['GET', '/apps/%E0%A4%A', 404],
  ['GET', '//', 404],
] as const)('%s %s is answered %d', async ([method, path, status], {callee}) => {
  expect((await call(callee.socket, method, path)).status).toBe(status)
})

test('a log session shows history as an event stream, filtered by the server', async ({callee, app}) => {
  for (const [dyno, line] of [
    ['web.1', 'one'],
    ['worker.1', 'two'],
    ['web.2', 'three\rfour'],
  ] as const) {
    app.hub.emit({type: 'output', time: now(), source: 'app', dyno, stream: 'stdout', lines: Buffer.from(`${line}\n`)})
  }
  app.hub.emit(platformLine('web.1', 'State changed from starting to up', now()))
  await app.log.flush()
  const {status, json} = await call(callee.socket, 'POST', '/apps/hello/log-sessions', {body: {lines: 10, source: 'app', type: 'web'}})
  expect(status).toBe(201)
  const path = new URL(json.logplex_url).pathname
  const stream = await call(callee.socket, 'GET', path, {headers: {accept: 'text/event-stream'}})
  expect(stream.headers['content-type']).toBe('text/event-stream')
  const frames = stream.text.split('\n\n').slice(0, -1)
  expect(frames).toEqual([
    expect.stringMatching(/^id: \d+:\d+\ndata: \S+\+00:00 app\[web\.1\]: one$/),
    expect.stringMatching(/^id: \d+:\d+\ndata: \S+\+00:00 app\[web\.2\]: four$/),
  ])
  const id = /^id: (\S+)/.exec(frames[0] ?? '')?.[1] ?? ''
  const rest = await call(callee.socket, 'GET', path, {headers: {accept: 'text/event-stream', 'last-event-id': id}})
  expect(rest.text.match(/data: .*/g)).toHaveLength(1)
  const plain = await call(callee.socket, 'GET', path, {headers: {accept: 'text/plain'}})
  expect(plain.text).toMatch(/^\S+ app\[web\.1\]: one\n\S+ app\[web\.2\]: three\rfour\n$/)
  expect((await call(callee.socket, 'GET', '/homeport/log-sessions/guess')).status).toBe(404)
})

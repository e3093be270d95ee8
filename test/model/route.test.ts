import {expect, test} from 'vitest'
import {parseRoute, parseRoutes} from '../../src/model/route.ts'

test.for([
  ['app.localhost=127.0.0.1:3000', 'app.localhost', [{host: '127.0.0.1', port: 3000}]],
  ['App.LocalHost.=3000', 'app.localhost', [{host: 'localhost', port: 3000}]],
  ['*=:3000', '*', [{host: 'localhost', port: 3000}]],
  [
    '*.example.com=[::1]:3000, 10.0.0.1:80',
    '*.example.com',
    [
      {host: '::1', port: 3000},
      {host: '10.0.0.1', port: 80},
    ],
  ],
  ['127.0.0.1=db.internal:8080', '127.0.0.1', [{host: 'db.internal', port: 8080}]],
  ['[::1]=3000', '[::1]', [{host: 'localhost', port: 3000}]],
  ['a=http://localhost:3000/', 'a', [{host: 'localhost', port: 3000}]],
  ['under_score.test=1', 'under_score.test', [{host: 'localhost', port: 1}]],
] as const)('%s', ([text, host, servers]) => {
  expect(parseRoute(text)).toEqual({host, servers})
})

test.for([
  ['', 'its HOST is no host name'],
  ['3000', 'its HOST is no host name'],
  ['=3000', 'its HOST is no host name'],
  ['a b=3000', 'its HOST is no host name'],
  ['a:80=3000', 'its HOST is no host name'],
  ['-a=3000', 'its HOST is no host name'],
  ['*.=3000', 'its HOST is no host name'],
  ['a*=3000', 'its HOST is no host name'],
  ['a=', '“” is no address'],
  ['a=3000,', '“” is no address'],
  ['a=0', '“0” is no address'],
  ['a=65536', '“65536” is no address'],
  ['a=localhost', '“localhost” is no address'],
  ['a=::1:3000', '“::1:3000” is no address'],
  ['a=localhost:3000/path', '“localhost:3000/path” is no address'],
  ['a=https://localhost:3000', 'servers are spoken to by http only'],
] as const)('“%s” is none: %s', ([text, reason]) => {
  expect(() => parseRoute(text)).toThrow(
    expect.objectContaining({code: 'FLAG_INVALID', exitCode: 2, message: expect.stringContaining(reason)}),
  )
})

test('a host that is given twice has the servers of both, in their order', () => {
  expect(parseRoutes(['a=1', 'b=2', 'A=3'])).toEqual([
    {
      host: 'a',
      servers: [
        {host: 'localhost', port: 1},
        {host: 'localhost', port: 3},
      ],
    },
    {host: 'b', servers: [{host: 'localhost', port: 2}]},
  ])
})

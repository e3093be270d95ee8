import {appendFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {test} from '../support/started.ts'
import {SteadyLoad} from '../support/steady-load.ts'

/** An app that ends as a good one does: no new connection, requests under way to their end. */
const files = {
  Procfile: 'web: node web.js\n',
  'web.js': `const server = require('node:http').createServer((request, response) => {
  let size = 0
  request.on('data', bytes => { size += bytes.length })
  request.on('end', () => setTimeout(() => response.end('ok ' + size), 10))
})
server.on('upgrade', (request, socket) => {
  socket.on('error', () => {})
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: echo\\r\\nConnection: Upgrade\\r\\n\\r\\n')
  socket.pipe(socket)
})
server.listen(process.env.PORT, () => console.log('listening'))
process.on('SIGTERM', () => server.close(() => process.exit()))
`,
}

describe('200 requests a second: GET and POST, on kept connections and on new ones, and upgrades', () => {
  test('none fails while web is restarted, scaled up and down, and replaced by --watch', async ({homeports}) => {
    const root = homeports.app(files)
    const started = homeports.start(root, ['--watch', 'web=2'])
    await started.sees('is ready')
    const load = new SteadyLoad(started.port())
    try {
      for (const args of [['ps:restart', 'web'], ['ps:scale', 'web=4'], ['ps:restart', 'web.1'], ['ps:scale', 'web=1'], ['ps:restart']]) {
        expect((await homeports.run(args, root)).code, args.join(' ')).toBe(0)
      }
      const listened = started.stdout().split('listening').length
      await expect
        .poll(
          () => {
            appendFileSync(join(root, 'web.js'), '// saved\n')
            return started.stdout().split('listening').length
          },
          {timeout: 20_000, interval: 1000},
        )
        .toBeGreaterThan(listened + 1)
    } finally {
      await load.stop()
    }
    expect(load.failures).toEqual([])
    expect([...load.answered.keys()].sort()).toEqual(['GET kept', 'GET new', 'POST kept', 'POST new', 'upgrade'])
    expect(started.log()).not.toMatch(/ code=H/)
  })
})

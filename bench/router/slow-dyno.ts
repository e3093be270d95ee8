import {createServer} from 'node:http'

/** A dyno that answers after a while, and goes as a good one does: what is under way to its end. Run as a program: PORT DELAY_MS. */
const [, , port = '0', delayMs = '0'] = process.argv

const server = createServer((_request, response) => {
  setTimeout(() => response.end('ok'), Number(delayMs))
})
server.listen(Number(port), '127.0.0.1', 1024)
process.on('SIGTERM', () => server.close(() => process.exit()))

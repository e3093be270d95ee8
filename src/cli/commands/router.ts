import {Flags} from '@oclif/core'
import {openProcessTable} from '../../lib/process-table/process-table.ts'
import {type Emit, now} from '../../model/event.ts'
import {renderJson} from '../../model/event-json.ts'
import {platformLimits} from '../../model/limits.ts'
import {parseRoutes} from '../../model/route.ts'
import {route, type TlsOptions} from '../../platform/route.ts'
import {BaseCommand} from '../base-command.ts'
import {OutputWriter} from '../output/output-writer.ts'
import {type LogFormat, logFormats} from '../render/line.ts'
import {requestRenderer} from '../render/request-line.ts'
import {RequestLog} from '../request-log.ts'
import {StdoutClosedError, writeNow} from '../write.ts'

const everywhere = new Set(['0.0.0.0', '::'])

export class Router extends BaseCommand {
  static override summary = 'Run the router alone, in front of servers that already run.'
  static override description =
    'The same rules, log lines and limits as behind `start`. ADDRESS is HOST:PORT, or a port on this machine; of several, each request ' +
    'goes to one by chance. HOST is a name, *.example.com, or * for any other.'
  static override examples = [
    {description: 'One server, under its name:', command: '<%= config.bin %> router --port 8080 --route app.localhost=3000'},
    {
      description: 'Two servers for one host, and a third for all others:',
      command: "<%= config.bin %> router --port 8080 --route www.example.test=127.0.0.1:3000,127.0.0.1:3001 --route '*=4000'",
    },
  ]
  static override flags = {
    port: Flags.integer({char: 'p', summary: 'Port to listen on; 0: any free one.', helpValue: 'N', required: true, min: 0, max: 65_535}),
    route: Flags.string({
      summary: 'Where requests for a host go; repeatable.',
      helpValue: 'HOST=ADDRESS[,ADDRESS]…',
      required: true,
      multiple: true,
    }),
    listen: Flags.string({summary: 'Address to listen on; repeatable (default: 127.0.0.1 and ::1).', helpValue: 'ADDRESS', multiple: true}),
    'log-format': Flags.option({options: logFormats, summary: 'Form of the lines.', default: 'short' as LogFormat})(),
    'forwarded-proto': Flags.option({options: ['http', 'https'] as const, summary: 'X-Forwarded-Proto that the servers see.'})(),
    tls: Flags.boolean({summary: 'HTTPS beside HTTP, from a local certificate authority.'}),
    'tls-port': Flags.integer({
      summary: 'Port for HTTPS (default: 5443; 0: any free one).',
      helpValue: 'N',
      min: 0,
      max: 65_535,
    }),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Router)
    const routes = parseRoutes(flags.route)
    if (flags.listen?.some(address => everywhere.has(address))) this.warn('Everyone in the network can reach this router.')
    const {promise: unread, reject} = Promise.withResolvers<never>()
    unread.catch(() => undefined)
    const stdout = new OutputWriter(1, {onClosed: cause => reject(new StdoutClosedError('', {cause}))})
    const format = this.jsonEnabled() ? 'json' : flags['log-format']
    const log = new RequestLog(stdout, requestRenderer({format, isColoured: this.isColoured}), count =>
      this.warn(`${count} lines were left out: nobody read them in time.`),
    )
    const emit: Emit = event => {
      if (event.type === 'request') log.add(event)
    }
    this.cleanUp.defer(() => log.flush())
    const running = this.cleanUp.use(
      await route(routes, {
        port: flags.port,
        addresses: flags.listen,
        forwardedProto: flags['forwarded-proto'],
        tls: flags.tls || flags['tls-port'] !== undefined ? this.#tls(flags['tls-port']) : undefined,
        limits: platformLimits(this.settings.timeScale),
        emit,
      }),
    )
    const url = `http://localhost:${running.port}`
    const httpsUrl = running.tlsPort === undefined ? undefined : `https://localhost:${running.tlsPort}`
    if (format === 'json')
      stdout.write(
        renderJson({type: 'ready', time: now(), url, ...(httpsUrl === undefined ? {} : {httpsUrl}), app: 'router', pid: process.pid}),
      )
    else writeNow(2, `The router listens on ${[url, httpsUrl].filter(text => text !== undefined).join(' and ')}.\n`)
    await unread
  }

  #tls(port: number | undefined): TlsOptions {
    return {port, stateDir: this.settings.stateDir, table: openProcessTable(), warn: text => void this.warn(text)}
  }
}

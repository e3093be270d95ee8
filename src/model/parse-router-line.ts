import type {RequestEvent} from './event.ts'

const form = new RegExp(
  `${[
    '^(?:sock=\\w+ )?at=\\w+(?: code=(?<code>\\S+))?(?: desc="[^"]*")?(?: cause="[^"]*")?',
    'method=(?<method>\\S*) path="?(?<path>.*?)"? host=(?<host>\\S*)(?: request_id=(?<requestId>\\S*))?(?: fwd="?(?<fwd>.*?)"?)?',
    'dyno=(?<dyno>\\S*) connect=(?<connectMs>\\d*)\\w* service=(?<serviceMs>\\d*)\\w* status=(?<status>\\d*) bytes=(?<bytes>\\d*)',
  ].join(' ')}(?: protocol=(?<protocol>\\S+))?`,
)

/**
 * The request that a router line tells about (platform.md b.9): the log keeps only the line, which says all there is.
 * Fields that the line lacks, or all when it is of another form, are left out or empty.
 */
export function parseRouterLine(line: string, time: number): RequestEvent {
  const fields = form.exec(line)?.groups ?? {}
  return {
    type: 'request',
    time,
    ...(fields['code'] === undefined ? {} : {code: fields['code']}),
    method: fields['method'] ?? '',
    path: fields['path'] ?? '',
    host: fields['host'] ?? '',
    requestId: fields['requestId'] ?? '',
    fwd: fields['fwd'] ?? '',
    dyno: fields['dyno'] ?? '',
    ...numbers(fields, ['connectMs', 'serviceMs', 'status', 'bytes']),
    protocol: fields['protocol'] ?? '',
    line,
  }
}

function numbers<Name extends string>(
  fields: Readonly<Record<string, string | undefined>>,
  names: readonly Name[],
): {[name in Name]?: number} {
  const found: {[name in Name]?: number} = {}
  for (const name of names) {
    const text = fields[name] ?? ''
    if (text !== '') found[name] = Number(text)
  }
  return found
}

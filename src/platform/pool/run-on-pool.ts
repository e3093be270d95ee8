import {randomInt} from 'node:crypto'
import {slugImage} from '../../engines/pool/compose-image.ts'
import type {OneOffEnd} from '../../engines/pool/engine.ts'
import {defaultSlugSize, dynoSize} from '../../model/dyno-size.ts'
import {findPoolApp, servingRelease} from './find-pool-app.ts'
import type {PoolContext} from './pool-context.ts'

export type PoolRun = {
  readonly app: string
  /** One word is a shell command line or a process type, several an exact argv (cli.md section 5). */
  readonly words: readonly string[]
  readonly size?: string
}

/** A one-off dyno of the release that serves; its output as events, its exit code as the result. */
export async function runOnPool(
  {app, words, size = defaultSlugSize}: PoolRun,
  context: PoolContext,
): Promise<OneOffEnd & {readonly dyno: string}> {
  const {engine, emit, pool, limits, signal} = context
  const release = servingRelease(await findPoolApp(context, app), app)
  const dyno = `run.${randomInt(1000, 10_000)}`
  const end = await engine.runOnce(
    {
      app,
      dyno,
      release: release.version,
      image: slugImage(pool.stack, release.slug).id,
      config: release.config,
      command: commandOf(words, new Map(release.processTypes)),
      size: dynoSize(size),
      stopMs: limits.stopSlugMs,
    },
    {
      onLine: ({time, source, stream, text}) => emit({type: 'output', time, source, dyno, stream, lines: Buffer.from(`${text}\n`)}),
      ...(signal === undefined ? {} : {signal}),
    },
  )
  return {...end, dyno}
}

function commandOf(words: readonly string[], types: ReadonlyMap<string, string>): string | readonly string[] {
  const [first = '', ...rest] = words
  const command = types.get(first)
  if (command !== undefined) return rest.length === 0 ? command : `${command} ${rest.map(quoted).join(' ')}`
  return rest.length === 0 ? first : words
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

import type {JsonNode} from '../lib/parse-json.ts'
import {type JsonShape, noteUnknownMembers} from './json-shape.ts'

/** A check of a process type from app.json, in Dokku's form; `ci` asks it through the router (cli.md section 8). */
export type Healthcheck = {
  readonly type: 'startup' | 'readiness' | 'liveness'
  readonly name?: string
  readonly path: string
  /** Text that the body must contain. */
  readonly content?: string
  readonly attempts: number
  /** For one attempt. */
  readonly timeoutSeconds: number
  /** Between two attempts. */
  readonly waitSeconds: number
}

const kinds = ['startup', 'readiness', 'liveness'] as const
const defaults = {path: '/', attempts: 3, timeoutSeconds: 5, waitSeconds: 5} as const

/** Process type -> its checks, from `{"web": [{"type": "startup", "path": "/health"}]}`. Keys that Dokku alone acts on are noted. */
export function readHealthchecks(node: JsonNode | undefined, shape: JsonShape): ReadonlyMap<string, readonly Healthcheck[]> {
  const checks = new Map<string, readonly Healthcheck[]>()
  for (const [type, {value}] of shape.members(node, 'healthchecks')) {
    checks.set(
      type,
      shape.items(value, `healthchecks.${type}`).flatMap(item => readHealthcheck(item, type, shape)),
    )
  }
  return checks
}

function readHealthcheck(node: JsonNode, processType: string, shape: JsonShape): readonly Healthcheck[] {
  const name = `healthchecks.${processType}`
  const members = shape.members(node, `A check in ${name}`)
  if (node.kind !== 'object') return []
  const at = (key: string) => members.get(key)?.value
  const foreign = ['command', 'uptime', 'listening'].find(key => members.has(key))
  if (foreign !== undefined && !members.has('path')) {
    shape.problem(node, 'note', 'check-not-made', `A check in ${name} by “${foreign}” is not made here; one by path is.`)
    return []
  }
  noteUnknownMembers(members, ['type', 'name', 'description', 'path', 'content', 'attempts', 'timeout', 'wait'], name, shape)
  const written = shape.text(at('type'), `${name}.type`) ?? 'startup'
  const type = kinds.find(kind => kind === written)
  if (type === undefined) {
    shape.problem(at('type') ?? node, 'error', 'unknown-check-type', `A type of check in ${name} that is not known.`, {
      fix: `Write ${kinds.join(', ')}.`,
    })
    return []
  }
  const path = shape.text(at('path'), `${name}.path`) ?? defaults.path
  if (!path.startsWith('/')) shape.problem(at('path') ?? node, 'error', 'bad-path', `A path in ${name} that does not begin with /.`)
  const title = shape.text(at('name'), `${name}.name`)
  const content = shape.text(at('content'), `${name}.content`)
  return [
    {
      type,
      path,
      ...(title === undefined ? {} : {name: title}),
      ...(content === undefined ? {} : {content}),
      attempts: shape.count(at('attempts'), `${name}.attempts`) ?? defaults.attempts,
      timeoutSeconds: shape.count(at('timeout'), `${name}.timeout`) ?? defaults.timeoutSeconds,
      waitSeconds: shape.count(at('wait'), `${name}.wait`) ?? defaults.waitSeconds,
    },
  ]
}

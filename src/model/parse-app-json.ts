import {type JsonFault, type JsonMember, type JsonNode, parseJson} from '../lib/parse-json.ts'
import {type AppAddOn, type AppJson, type AppJsonChanges, type AppVariable, emptyAppJson} from './app-json.ts'
import type {Place} from './error.ts'
import {readHealthchecks} from './healthcheck.ts'
import {type JsonShape, jsonShape, noteUnknownMembers} from './json-shape.ts'
import {type Problem, type ProblemLog, problemLog} from './problem.ts'
import {readSourceText} from './source-text.ts'

/**
 * Reads app.json in the forms that occur: `addons` as texts, objects or one bare text, `env` as texts, objects or null,
 * `formation` as object or list. What cannot be read is a problem with its place; the rest is read all the same.
 */
export function parseAppJson(bytes: Uint8Array, file = 'app.json'): {readonly appJson: AppJson; readonly problems: readonly Problem[]} {
  const source = readSourceText(file, bytes)
  const log = problemLog(file, source.problems)
  if (source.problems.some(({stops}) => stops)) return {appJson: emptyAppJson, problems: log.problems()}
  const {root, faults} = parseJson(source.text)
  for (const fault of faults) addFault(fault, log)
  const shape = jsonShape(log)
  const members = shape.members(root, 'app.json')
  if (members.has('expo'))
    shape.problem({line: 1, column: 1}, 'note', 'not-heroku', 'This app.json is one of Expo; nothing of it counts here.')
  else noteUnknownMembers(members, knownKeys, 'app.json', shape)
  const appJson: AppJson = {
    ...emptyAppJson,
    ...optional('name', shape.text(members.get('name')?.value, 'name')),
    ...readKeys(members, file, shape),
    environments: new Map(
      [...shape.members(members.get('environments')?.value, 'environments')].map(([name, {value}]) =>
        readEnvironment(name, value, file, shape),
      ),
    ),
  }
  return {appJson, problems: log.problems()}
}

/** Keys that Homeport or the platform knows; those without a reader here only describe the app. */
const describingKeys = [
  'name',
  'description',
  'repository',
  'website',
  'logo',
  'success_url',
  'keywords',
  'image',
  'features',
  'cron',
  '$schema',
]
const environmentKeys = ['env', 'addons', 'formation', 'buildpacks', 'scripts', 'healthchecks', 'stack']
const knownKeys = [...describingKeys, ...environmentKeys, 'environments']

type Members = ReadonlyMap<string, JsonMember>

function readEnvironment(name: string, node: JsonNode, file: string, shape: JsonShape): readonly [string, AppJsonChanges] {
  const members = shape.members(node, `environments.${name}`)
  noteUnknownMembers(members, [...describingKeys, ...environmentKeys], `environments.${name}`, shape)
  return [name, readKeys(members, file, shape)]
}

/** Only the keys that are there, so that an environment replaces no more than it names. */
function readKeys(members: Members, file: string, shape: JsonShape): AppJsonChanges {
  const at = (key: string) => members.get(key)?.value
  return {
    ...optional('stack', shape.text(at('stack'), 'stack')),
    ...(members.has('env') ? {env: readVariables(shape.members(at('env'), 'env'), file, shape)} : {}),
    ...(members.has('addons') ? {addOns: shape.items(at('addons'), 'addons').flatMap(item => readAddOn(item, shape))} : {}),
    ...(members.has('formation') ? {formation: readFormation(at('formation'), shape)} : {}),
    ...(members.has('buildpacks')
      ? {buildpacks: shape.items(at('buildpacks'), 'buildpacks').flatMap(item => readBuildpack(item, shape))}
      : {}),
    ...(members.has('scripts') ? {scripts: readScripts(shape.members(at('scripts'), 'scripts'), '', shape)} : {}),
    ...(members.has('healthchecks') ? {healthchecks: readHealthchecks(at('healthchecks'), shape)} : {}),
  }
}

function readVariables(members: Members, file: string, shape: JsonShape): ReadonlyMap<string, AppVariable> {
  const variables = new Map<string, AppVariable>()
  for (const [name, {key, value}] of members)
    variables.set(name, readVariable(name, value, {file, line: key.line, column: key.column}, shape))
  return variables
}

function readVariable(name: string, node: JsonNode, place: Place, shape: JsonShape): AppVariable {
  if (node.kind === 'null') return {isRequired: false, place}
  if (node.kind !== 'object') return {...optional('value', shape.text(node, `env.${name}`)), isRequired: true, place}
  const at = (key: string) => node.members.get(key)?.value
  noteUnknownMembers(node.members, ['description', 'value', 'required', 'generator'], `env.${name}`, shape)
  const generator = shape.text(at('generator'), `env.${name}.generator`)
  const generatorNode = at('generator')
  if (generator !== undefined && generator !== 'secret' && generatorNode !== undefined) {
    shape.problem(generatorNode, 'warning', 'unknown-generator', `The generator of ${name} is not known; only “secret” is.`, {
      fix: 'Write "secret".',
    })
  }
  return {
    ...optional('description', shape.text(at('description'), `env.${name}.description`)),
    ...optional('value', shape.text(at('value'), `env.${name}.value`)),
    ...(generator === 'secret' ? {generator} : {}),
    isRequired: shape.boolean(at('required'), `env.${name}.required`) ?? true,
    place,
  }
}

function readAddOn(node: JsonNode, shape: JsonShape): readonly AppAddOn[] {
  if (node.kind !== 'object') {
    const plan = shape.text(node, 'An add-on')
    return plan === undefined ? [] : [{plan, options: new Map()}]
  }
  const at = (key: string) => node.members.get(key)?.value
  noteUnknownMembers(node.members, ['plan', 'as', 'options'], 'an add-on', shape)
  const plan = shape.text(at('plan'), 'plan')
  if (plan === undefined)
    shape.problem(node, 'error', 'plan-missing', 'An add-on without a plan.', {fix: 'Write {"plan": "heroku-postgresql"}.'})
  const options = new Map<string, string>()
  for (const [name, {value}] of shape.members(at('options'), 'options')) options.set(name, shape.text(value, `options.${name}`) ?? '')
  return plan === undefined ? [] : [{plan, ...optional('as', shape.text(at('as'), 'as')), options}]
}

function readFormation(node: JsonNode | undefined, shape: JsonShape): AppJson['formation'] {
  const formation = new Map<string, {quantity?: number; size?: string}>()
  const entries: [string | undefined, JsonNode][] =
    node?.kind === 'array'
      ? node.items.map(item => [nameInList(item, shape), item])
      : [...shape.members(node, 'formation')].map(([type, {value}]) => [type, value])
  for (const [type, value] of entries) {
    if (type === undefined) continue
    if (value.kind === 'number') {
      formation.set(type, optional('quantity', shape.count(value, `formation.${type}`)))
      continue
    }
    const members = shape.members(value, `formation.${type}`)
    noteUnknownMembers(members, ['quantity', 'size', 'process', 'type'], `formation.${type}`, shape)
    const quantity = shape.count(members.get('quantity')?.value, `formation.${type}.quantity`)
    formation.set(type, {
      ...optional('quantity', quantity),
      ...optional('size', shape.text(members.get('size')?.value, `formation.${type}.size`)),
    })
  }
  return formation
}

/** The type that an entry of a formation list is about: `process`, as Heroku's first API wrote it, or `type`. */
function nameInList(node: JsonNode, shape: JsonShape): string | undefined {
  const members = shape.members(node, 'An entry of formation')
  const named = members.get('type') ?? members.get('process')
  if (named === undefined && node.kind === 'object') {
    shape.problem(node, 'error', 'type-missing', 'An entry of formation without a type.', {fix: 'Write {"type": "web", "quantity": 1}.'})
  }
  return shape.text(named?.value, 'type')
}

function readBuildpack(node: JsonNode, shape: JsonShape): readonly string[] {
  if (node.kind !== 'object') {
    const url = shape.text(node, 'A buildpack')
    return url === undefined ? [] : [url]
  }
  const url = shape.text(node.members.get('url')?.value, 'url')
  if (url === undefined) shape.problem(node, 'error', 'url-missing', 'A buildpack without a url.', {fix: 'Write {"url": "heroku/nodejs"}.'})
  return url === undefined ? [] : [url]
}

function readScripts(members: Members, prefix: string, shape: JsonShape): ReadonlyMap<string, string> {
  const scripts = new Map<string, string>()
  for (const [name, {value}] of members) {
    if (value.kind === 'object' && prefix === '') {
      for (const [inner, script] of readScripts(value.members, `${name}.`, shape)) scripts.set(inner, script)
      continue
    }
    const script = shape.text(value, `scripts.${prefix}${name}`)
    if (script !== undefined) scripts.set(`${prefix}${name}`, script)
  }
  return scripts
}

function addFault(fault: JsonFault, log: ProblemLog): void {
  const severity = fault.kind === 'duplicate-key' ? 'warning' : 'error'
  const isSure = fault.kind === 'trailing-comma' && fault.remove !== undefined
  const stops = fault.kind === 'duplicate-key' ? {} : {stops: true as const}
  log.add(fault, severity, fault.kind, fault.message, {
    ...stops,
    ...(isSure ? {fix: 'Remove it.', edits: [{...fault.remove, text: ''}]} : {}),
  })
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): {readonly [name in Key]?: Value} {
  return value === undefined ? {} : ({[key]: value} as {readonly [name in Key]?: Value})
}

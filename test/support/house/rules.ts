import type {Import, SourceFile} from './source-file.ts'

/** Of one kind of mistake, each as `PATH: what is wrong`. */
export type Rule = (files: readonly SourceFile[]) => readonly string[]

/** From the ground up. A file imports from its own room or from a lower floor (ARCHITECTURE.md). */
const floors: readonly string[] = ['lib', 'model', 'engines', 'platform', 'control', 'cli']

/** Where libraries may be imported; one that is not named here has no place yet. */
const places: readonly {readonly library: RegExp; readonly places: readonly string[]}[] = [
  {library: /^@oclif\/core$/, places: ['src/cli/']},
  {library: /^listr2$/, places: ['src/cli/render/']},
  {library: /^execa$/, places: ['src/engines/', 'src/lib/']},
  {library: /^(pkijs|asn1js)$/, places: ['src/engines/tls/']},
  {library: /^tar$/, places: ['src/engines/', 'src/lib/']},
  {library: /^(chokidar|dotenv|ignore)$/, places: ['src/lib/']},
  {library: /^@lydell\/node-pty$/, places: ['src/lib/pty.ts']},
  {library: /^@aws-sdk\//, places: ['src/engines/cloud/aws/']},
]

/** What of Node a model may use: things that touch nothing. */
const pureModules = /^node:(assert|buffer|crypto|path|path\/posix|punycode|querystring|string_decoder|url|util)$/

const floorsAndRooms: Rule = files =>
  importsOf(files).flatMap(({file, target}) => {
    if (!target.isOurs || !target.from.startsWith('src/')) return []
    const [from, to] = [roomOf(file.path), roomOf(target.from)]
    if (from === undefined || to === undefined || from.name === to.name || to.floor < from.floor) return []
    return [`${file.path}: ${from.name} must not import ${target.from}`]
  })

const noCycles: Rule = files => {
  const graph = new Map(
    files.map(({path, imports}) => [path, imports.filter(({isOurs, isDynamic}) => isOurs && !isDynamic).map(({from}) => from)]),
  )
  const cycles = new Set<string>()
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path)
    if (start >= 0) cycles.add([...trail.slice(start), path].join(' → '))
    if (start >= 0 || done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return [...cycles].map(cycle => `${cycle}: a cycle`)
}

const librariesInTheirPlaces: Rule = files =>
  importsOf(files).flatMap(({file, target: {from, isOurs}}) => {
    if (isOurs || from.startsWith('node:')) return []
    const rule = places.find(({library}) => library.test(from))
    if (rule === undefined) return [`${file.path}: ${from} has no place in the house yet (test/support/house/rules.ts)`]
    return rule.places.some(place => file.path.startsWith(place)) ? [] : [`${file.path}: ${from} belongs in ${rule.places.join(' or ')}`]
  })

const importsAreClear: Rule = files =>
  importsOf(files).flatMap(({file, target: {from, isOurs}}) => {
    if (isOurs && !/\.(ts|json)$/.test(from)) return [`${file.path}: ${from} lacks its ending`]
    return !isOurs && builtins.has(from) ? [`${file.path}: write node:${from}`] : []
  })

const builtins = new Set(process.getBuiltinModule('node:module').builtinModules.filter(name => !name.startsWith('node:')))

/** Below `cli` nothing prints, ends the process or reads the environment: that comes in as values and goes out as events. */
const silenceBelowCli: Rule = files =>
  files
    .filter(({path}) => (roomOf(path)?.floor ?? Number.POSITIVE_INFINITY) < floors.indexOf('cli'))
    .flatMap(({path, globals}) =>
      [...globals]
        .filter(name => /^console\.|^process\.(exit|exitCode|env|argv|cwd|stdout|stderr|stdin)$/.test(name))
        .map(name => `${path}: ${name} below cli`),
    )

const modelsArePure: Rule = files =>
  importsOf(files)
    .filter(({file, target}) => file.path.startsWith('src/model/') && !target.isType && target.from.startsWith('node:'))
    .filter(({target}) => !pureModules.test(target.from))
    .map(({file, target}) => `${file.path}: ${target.from} in a model`)

/** An error knows nobody: it is thrown on every floor. */
const errorsKnowNobody: Rule = files =>
  importsOf(files)
    .filter(({file}) => file.path === 'src/model/error.ts')
    .map(({file, target}) => `${file.path}: imports ${target.from}`)

/** A model file that has more than types has a test at the same place below test/. */
const modelsAreTested: Rule = files => {
  const tests = new Set(files.map(({path}) => path))
  return files
    .filter(({path, hasValues}) => path.startsWith('src/model/') && hasValues)
    .map(({path}) => ({path, testPath: path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts')}))
    .filter(({testPath}) => !tests.has(testPath))
    .map(({path, testPath}) => `${path}: no ${testPath}`)
}

/** No word that puts work off, no test that is left out by hand, no flat file of exports that has no name of its own. */
const nothingPutOff: Rule = files =>
  files.flatMap(({path, text}) => [
    ...(/\b(TO[D]O|FIX[M]E|X[X]X)\b/.test(text) ? [`${path}: puts work off`] : []),
    ...(/\b(test|it|describe)\.(skip|only|todo|fails)\b/.test(text) ? [`${path}: leaves tests out`] : []),
    ...(/\/(index|utils?|helpers?)\.ts$/.test(path) && !path.startsWith('src/cli/commands/') ? [`${path}: needs a name of its own`] : []),
  ])

function importsOf(files: readonly SourceFile[]): readonly {readonly file: SourceFile; readonly target: Import}[] {
  return files.filter(({path}) => path.startsWith('src/')).flatMap(file => file.imports.map(target => ({file, target})))
}

/** A floor is one room, but for engines, which has many. Entry points and what lies beside the floors (dashboard) are no room. */
function roomOf(path: string): {readonly floor: number; readonly name: string} | undefined {
  const [top, name = '', room] = path.split('/')
  const floor = floors.indexOf(name)
  if (top !== 'src' || floor < 0) return undefined
  return {floor, name: name === 'engines' ? `engines/${room}` : name}
}

export const rules = {
  floorsAndRooms,
  noCycles,
  librariesInTheirPlaces,
  importsAreClear,
  silenceBelowCli,
  modelsArePure,
  errorsKnowNobody,
  modelsAreTested,
  nothingPutOff,
}

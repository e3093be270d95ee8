import {readdirSync, readFileSync} from 'node:fs'
import {posix} from 'node:path'
import {parseAst} from 'rolldown/parseAst'

export type Import = {
  /** As it is written, or, of a file of ours, its path from the root: `src/model/error.ts`. */
  readonly from: string
  readonly isOurs: boolean
  /** Of types alone: nothing of it is left when the program runs. */
  readonly isType: boolean
  /** `import()`: loaded when it is needed. */
  readonly isDynamic: boolean
}

/** What the rules of the house look at in one file. */
export type SourceFile = {
  /** From the root, with `/`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
  /** Members of globals that are used: `console.log`, `process.env`. */
  readonly globals: ReadonlySet<string>
  /** Exports something that is there when the program runs, not only types. */
  readonly hasValues: boolean
}

/** As much of a syntax tree's node as is looked at. */
type Node = {readonly type: string} & {
  readonly [name in
    | 'source'
    | 'argument'
    | 'specifiers'
    | 'importKind'
    | 'exportKind'
    | 'declaration'
    | 'object'
    | 'property'
    | 'computed'
    | 'name'
    | 'value']?: unknown
}

/** All sources below folders of the project. */
export function readSources(root: string, folders: readonly string[]): readonly SourceFile[] {
  return folders.flatMap(folder => {
    const names = readdirSync(posix.join(root, folder), {recursive: true, encoding: 'utf8'})
    const paths = names.filter(name => name.endsWith('.ts')).map(name => posix.join(folder, name))
    return paths.map(path => parseSource(path, readFileSync(posix.join(root, path), 'utf8')))
  })
}

export function parseSource(path: string, text: string): SourceFile {
  const nodes = [...walk(parseAst(text, {lang: 'ts'}) as unknown as Node)]
  return {
    path,
    text,
    imports: nodes.flatMap(node => importOf(node, path)),
    globals: new Set(nodes.flatMap(globalOf)),
    hasValues: nodes.some(exportsValue),
  }
}

function* walk(node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* walk(child)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

function importOf(node: Node, path: string): readonly Import[] {
  const source = node.source ?? node.argument
  const from = isNode(source) && source.type === 'Literal' ? source.value : undefined
  if (typeof from !== 'string') return []
  const isOurs = from.startsWith('.')
  const target = isOurs ? posix.join(posix.dirname(path), from) : from
  if (node.type === 'ImportExpression') return [{from: target, isOurs, isType: false, isDynamic: true}]
  if (node.type === 'TSImportType') return [{from: target, isOurs, isType: true, isDynamic: false}]
  if (!/^(Import|ExportNamed|ExportAll)Declaration$/.test(node.type)) return []
  const specifiers = Array.isArray(node.specifiers) ? node.specifiers.filter(isNode) : []
  const isType =
    node.importKind === 'type' ||
    node.exportKind === 'type' ||
    (specifiers.length > 0 && specifiers.every(({importKind}) => importKind === 'type'))
  return [{from: target, isOurs, isType, isDynamic: false}]
}

function globalOf({type, object, property, computed}: Node): readonly string[] {
  if (type !== 'MemberExpression' || computed === true || !isNode(object) || object.type !== 'Identifier' || !isNode(property)) return []
  return object.name === 'console' || object.name === 'process' ? [`${object.name}.${property.name}`] : []
}

function exportsValue({type, exportKind, declaration}: Node): boolean {
  if (type === 'ExportDefaultDeclaration' || type === 'ExportAllDeclaration') return exportKind !== 'type'
  return type === 'ExportNamedDeclaration' && exportKind !== 'type' && !(isNode(declaration) && declaration.type.startsWith('TS'))
}

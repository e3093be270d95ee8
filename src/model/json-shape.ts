import type {JsonMember, JsonNode} from '../lib/parse-json.ts'
import type {Position, ProblemLog} from './problem.ts'

export type JsonObject = Extract<JsonNode, {kind: 'object'}>

/** Reads the values of a JSON file as the types that are expected there; what is none of them is a problem at its place. */
export type JsonShape = {
  /** Text; a number or boolean is taken as its text, with a warning, since every config var is text in the end. */
  text(node: JsonNode | undefined, name: string): string | undefined
  /** true or false, also as text, with a warning. */
  boolean(node: JsonNode | undefined, name: string): boolean | undefined
  /** A whole number from 0, also as text, with a warning. */
  count(node: JsonNode | undefined, name: string): number | undefined
  /** Empty when there is none. */
  members(node: JsonNode | undefined, name: string): ReadonlyMap<string, JsonMember>
  /** Empty when there is none; a single value instead of a list is a list of one, with a warning. */
  items(node: JsonNode | undefined, name: string): readonly JsonNode[]
  problem: ProblemLog['add']
}

export function jsonShape(log: ProblemLog): JsonShape {
  function wrongType(node: JsonNode, name: string, expected: string): undefined {
    log.add(node, 'error', 'wrong-type', `${name} is ${article(node.kind)}; ${expected} is expected here.`)
  }
  function looseType(node: JsonNode, name: string, expected: string): void {
    log.add(node, 'warning', 'loose-type', `${name} is ${article(node.kind)}; ${expected} is expected here.`, {fix: `Make it ${expected}.`})
  }

  return {
    problem: log.add,
    text(node, name) {
      if (node === undefined || node.kind === 'null') return undefined
      if (node.kind === 'string') return node.value
      if (node.kind !== 'number' && node.kind !== 'boolean') return wrongType(node, name, 'text')
      looseType(node, name, 'text')
      return String(node.value)
    },
    boolean(node, name) {
      if (node === undefined || node.kind === 'null') return undefined
      if (node.kind === 'boolean') return node.value
      if (node.kind !== 'string' || !/^(?:true|false)$/.test(node.value)) return wrongType(node, name, 'true or false')
      looseType(node, name, 'true or false')
      return node.value === 'true'
    },
    count(node, name) {
      if (node === undefined || node.kind === 'null') return undefined
      const isText = node.kind === 'string' && /^\d+$/.test(node.value)
      const value = node.kind === 'number' || isText ? Number(node.value) : Number.NaN
      if (!Number.isSafeInteger(value) || value < 0) return wrongType(node, name, 'a whole number from 0')
      if (isText) looseType(node, name, 'a whole number from 0')
      return value
    },
    members(node, name) {
      if (node?.kind === 'object') return node.members
      if (node !== undefined && node.kind !== 'null') wrongType(node, name, 'an object')
      return new Map()
    },
    items(node, name) {
      if (node === undefined || node.kind === 'null') return []
      if (node.kind === 'array') return node.items
      looseType(node, name, 'a list')
      return [node]
    },
  }
}

/** Notes the members that nobody reads, where a slip of the pen is likely. */
export function noteUnknownMembers(
  members: ReadonlyMap<string, JsonMember>,
  known: readonly string[],
  name: string,
  shape: JsonShape,
): void {
  for (const [key, member] of members) {
    if (!known.includes(key))
      shape.problem(member.key satisfies Position, 'note', 'unknown-key', `Homeport does not read “${key}” in ${name}.`)
  }
}

const articles: Readonly<Record<JsonNode['kind'], string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
  array: 'a list',
  object: 'an object',
}

function article(kind: JsonNode['kind']): string {
  return articles[kind]
}

import type {Problem} from '../../src/model/problem.ts'
import peers from '../cases/peers.json' with {type: 'json'}

/** A case of test/cases/peers.json: what nine other tools do with a file was measured, and what Homeport does is the contract's. */
export type PeerCase = {readonly id: string; readonly bytes: Uint8Array}

/** Inputs that JSON cannot hold as they are. */
const inputs: Readonly<Record<string, Buffer>> = {
  'pf-utf16le': Buffer.from('\ufeffweb: run\n', 'utf16le'),
  'pf-100kb-command': Buffer.from(`web: ${'x'.repeat(100_000)}\n`),
}

export function peerCases(kind: 'procfile' | 'env'): readonly PeerCase[] {
  return peers.filter(peer => peer.kind === kind).map(({id, input}) => ({id, bytes: inputs[id] ?? Buffer.from(input)}))
}

/** `error 3:1 bad-name` for each problem. */
export function placesOf(problems: readonly Problem[]): readonly string[] {
  return problems.map(({severity, line, column, rule}) => `${severity} ${line}:${column} ${rule}`)
}

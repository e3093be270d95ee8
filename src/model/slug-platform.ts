import type {BinaryFacts} from '../lib/binary-format.ts'

/** What a slug needs below it; `any` where nothing in it asks for more (cli.md section 7). */
export type SlugPlatform = {readonly os: string; readonly arch: string; readonly libc: string}

/** Runs everywhere: no programs or libraries of a machine in it. */
export const anyPlatform: SlugPlatform = {os: 'any', arch: 'any', libc: 'any'}

/** Where buildpacks put what runs the app: ours and, by an old custom, others. */
const runtimeFolder = /^\.(?:homeport|heroku)\//

/** Gathers the programs and libraries of a slug, in any order; `path` is relative to the app's folder. */
export class PlatformVotes {
  readonly #ranks = {runtime: new Ballot(), programs: new Ballot(), libraries: new Ballot()}

  add(path: string, facts: BinaryFacts): void {
    const rank = !facts.isProgram ? 'libraries' : runtimeFolder.test(path) ? 'runtime' : 'programs'
    this.#ranks[rank].add(facts)
  }

  /**
   * The programs of the runtime (`.homeport/…`, `.heroku/…`) decide; a slug without them: its other programs; else its libraries. Many
   * packages bring libraries for several machines and take the one that fits, so where those that decide do not agree, the
   * answer is `any`. Depends on the content alone, never on this machine.
   */
  get platform(): SlugPlatform {
    const {runtime, programs, libraries} = this.#ranks
    const deciding = [runtime, programs, libraries].find(ballot => !ballot.isEmpty)
    return deciding?.platform ?? anyPlatform
  }
}

class Ballot {
  readonly #os = new Set<string>()
  readonly #arch = new Set<string>()
  readonly #libc = new Set<string>()

  get isEmpty(): boolean {
    return this.#os.size === 0
  }

  add({os, arch, libc}: BinaryFacts): void {
    this.#os.add(os)
    if (arch !== undefined) this.#arch.add(arch)
    if (libc !== undefined) this.#libc.add(libc)
  }

  get platform(): SlugPlatform {
    return {os: agreed(this.#os), arch: agreed(this.#arch), libc: agreed(this.#libc)}
  }
}

function agreed(values: ReadonlySet<string>): string {
  const [value] = values
  return value !== undefined && values.size === 1 ? value : 'any'
}

/** A fact as a small number, so that it can be kept beside content whose file is not read again; 0 stands for none. */
export function encodeFacts(facts: BinaryFacts | undefined): number {
  if (facts === undefined) return 0
  const [os, libc] = [systems.indexOf(facts.os), libcs.indexOf(facts.libc)]
  const arch = facts.arch === undefined ? 0 : archs.indexOf(facts.arch) + 1
  return 0x8000 | (facts.isProgram ? 0x4000 : 0) | (os << 12) | (libc << 8) | arch
}

export function decodeFacts(code: number): BinaryFacts | undefined {
  if (code === 0) return undefined
  const arch = code & 0xff
  return {
    os: systems[(code >> 12) & 3] ?? 'linux',
    libc: libcs[(code >> 8) & 0xf],
    arch: arch === 0 ? undefined : archs[arch - 1],
    isProgram: (code & 0x4000) !== 0,
  }
}

/** Their order is written into the store: only ever add at the end. */
const systems = ['linux', 'darwin', 'freebsd'] as const
const libcs = [undefined, 'glibc', 'musl'] as const
const archs: readonly string[] = ['x64', 'arm64', 'ia32', 'arm', 'riscv64', 's390x', 'ppc64', 'loong64', 'mips']

/** For people, and to compare two. */
export function renderPlatform({os, arch, libc}: SlugPlatform): string {
  return `${os} ${arch} ${libc}`
}

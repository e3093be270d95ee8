import type {BuildRoom} from '../engines/buildpack/build-room.ts'
import type {Buildpack} from '../model/buildpack.ts'
import type {Emit} from '../model/event.ts'
import type {ProcessTypes} from '../model/formation.ts'
import type {Limits} from '../model/limits.ts'
import type {Settings} from '../model/settings.ts'

/** The source of an app, copied to where it is built. */
export type CopiedSource = {
  readonly warnings: readonly string[]
  /** How many files `.slugignore` took away. */
  readonly ignoredFiles: number
  /** The commit that is checked out, or that was asked for; undefined outside of git. */
  readonly commit?: string
}

/** Copies the source of the app in `root` to `to`, which does not exist yet (cli.md section 7, Source). */
export type CopySource = (
  root: string,
  options: {readonly to: string; readonly commit?: string; readonly exclude: readonly string[]; readonly signal: AbortSignal},
) => Promise<CopiedSource>

/** A slug in the store. */
export type StoredSlug = {
  readonly id: string
  readonly sizeBytes: number
  readonly archiveBytes: number
  readonly stack: string
  readonly os: string
  readonly arch: string
  readonly libc: string
  /** RFC 3339 */
  readonly createdAt: string
}

/** Puts a built folder into the store. Rejects with SLUG_TOO_LARGE; the store then is as it was. */
export type StoreSlug = (
  folder: string,
  facts: {
    readonly processTypes: ProcessTypes
    readonly stack: string
    readonly buildpacks: readonly Buildpack[]
    readonly commit?: string
    readonly signal: AbortSignal
  },
) => Promise<{readonly slug: StoredSlug; readonly reused: boolean; readonly warnings: readonly string[]}>

export type BuildNetwork = 'all' | 'registries' | 'none'

/** A folder of the build, and where a sandbox shows it. */
export type BuildView = {readonly source: string; readonly target: string; readonly isWritable: boolean}

/** Opens the room in which a build's programs run: of the strongest tier that works here. Rejects with ISOLATION_UNAVAILABLE. */
export type OpenBuildRoom = (build: {
  readonly views: readonly BuildView[]
  readonly network: BuildNetwork
  /** A private folder that goes with the build. */
  readonly dir: string
}) => Promise<BuildRoom>

/** What somebody asks of a build: the flags of `homeport build` (cli.md section 7). */
export type BuildWishes = {
  /** REFs, in order; none: by the files of the app, else by detection. */
  readonly buildpacks?: readonly string[]
  readonly stack?: string
  /** Build this commit instead of the files that are there. */
  readonly commit?: string
  readonly clearCache?: boolean
  readonly network?: BuildNetwork
}

export type BuildOptions = {
  readonly wishes?: BuildWishes
  /** For ENV_DIR and BUILDPACK_URL; never part of the slug. */
  readonly configVars: ReadonlyMap<string, string>
  readonly settings: Pick<Settings, 'cacheDir' | 'stateDir' | 'shellEnv'>
  readonly limits: Limits
  readonly emit: Emit
  /** Aborting ends the build and everything it started; the build then rejects with the signal's reason. */
  readonly signal: AbortSignal
  /** What a folder on the command line is relative to. */
  readonly cwd: string
  /** The folder with the buildpacks that Homeport brings. */
  readonly shippedDir: string
  /** Where the build works, when not in the cache folder. */
  readonly workDir?: string
  readonly copySource: CopySource
  readonly openRoom: OpenBuildRoom
  readonly storeSlug: StoreSlug
}

/** What came of a build: the document of `build --json` (cli.md section 7). */
export type BuildResult = {
  readonly slug: string
  readonly sizeBytes: number
  readonly archiveBytes: number
  readonly processTypes: Readonly<Record<string, string>>
  readonly stack: string
  readonly os: string
  readonly arch: string
  readonly libc: string
  readonly buildpacks: readonly Buildpack[]
  readonly createdAt: string
  /** The store had this slug already. */
  readonly reused: boolean
}

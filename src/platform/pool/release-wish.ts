import type {Ledger} from '../../engines/pool/ledger.ts'
import type {Release, ReleaseRecord} from '../../model/release.ts'

/** What shall be released; what is left out stays as it is in the current release. */
export type ReleaseWish = {
  readonly app: string
  readonly description: string
  readonly slug: Pick<Release, 'slug' | 'stack' | 'processTypes' | 'webCheck'>
  /** Writes the slug's canonical tar into a file; asked only when the bucket lacks it. */
  readonly writeTar?: (file: string) => Promise<void>
  /** Config vars of the release; default: those of the current one. */
  readonly config?: (current: ReadonlyMap<string, string>) => ReadonlyMap<string, string>
  /** Quantities that this release changes. */
  readonly formation?: ReadonlyMap<string, number>
  readonly isWaiting: boolean
}

/** A release under way: what was there before it, by which it can go back. */
export type ReleaseRun = {
  readonly app: string
  readonly ledger: Ledger
  readonly release: Release
  readonly current: number | undefined
  readonly records: readonly ReleaseRecord[]
}

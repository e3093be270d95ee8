import type {ProcessTypes} from '../../model/formation.ts'
import type {UsedBuildpack} from '../../model/slug.ts'
import {renderSlugJson, slugJsonPath} from '../../model/slug-json.ts'
import type {SlugPlatform} from '../../model/slug-platform.ts'
import type {ObjectReader} from './object-reader.ts'
import {placeGenerated, type ScannedFolder} from './scan-folder.ts'
import type {SlugRecord} from './slug-records.ts'
import type {SlugStore} from './slug-store.ts'

export type StoreSlugOptions = {
  readonly store: SlugStore
  readonly processTypes: ProcessTypes
  readonly stack: string
  readonly buildpacks?: readonly UsedBuildpack[]
  /** Commit of the source. */
  readonly commit?: string
  /** What the slug says that it needs, for one that comes with its slug.json; it must be what its files need. */
  readonly expectedPlatform?: SlugPlatform
  /** The folder will be stored again: remember what was read, so that it is not read again. */
  readonly isKept?: boolean
  readonly maxArchiveBytes?: number
  readonly signal?: AbortSignal
}

/** What came of storing a folder. */
export type Stored = {
  readonly slug: SlugRecord
  /** The store had all of it already. */
  readonly reused: boolean
  /** Bytes that the store grew by. */
  readonly newBytes: number
}

/** A folder on its way into the store. */
export type StoreJob = {
  readonly folder: string
  readonly root: ScannedFolder
  readonly options: StoreSlugOptions
  /** What the store has. */
  readonly objects: ObjectReader
  /** Newest first. */
  readonly slugs: readonly SlugRecord[]
}

/** Puts the slug.json of the slug-to-be into its tree; one that came with the source gives way (cli.md section 7). */
export function placeSlugJson({root, options: {processTypes, stack}}: StoreJob, platform: SlugPlatform): void {
  const content = Buffer.from(renderSlugJson({processTypes, stack, ...platform}))
  placeGenerated(root, {folder: slugJsonPath.folder, file: slugJsonPath.file, content})
}

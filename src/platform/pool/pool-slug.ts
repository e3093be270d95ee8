import {exportSlug} from '../../engines/slug/export-slug.ts'
import {readSlugFile} from '../../engines/slug/read-slug-file.ts'
import type {SlugRecord} from '../../engines/slug/slug-records.ts'
import type {SlugStore} from '../../engines/slug/slug-store.ts'
import type {Healthcheck} from '../../model/healthcheck.ts'
import {parseAppJson} from '../../model/parse-app-json.ts'
import type {DeployableSlug} from './deploy.ts'

const maxAppJsonBytes = 1024 * 1024

/** A slug of the store as a pool takes it; the check of its web dynos is that of the app.json in it. */
export async function poolSlug(slug: SlugRecord, store: SlugStore): Promise<DeployableSlug> {
  const webCheck = await readWebCheck(slug, store)
  const {id, processTypes, sizeBytes, stack, os, arch, libc, commit} = slug
  return {
    id,
    processTypes,
    tarBytes: sizeBytes,
    stack,
    os,
    arch,
    libc,
    ...(commit === undefined ? {} : {commit}),
    ...(webCheck === undefined ? {} : {webCheck}),
    writeTar: async file => {
      await exportSlug(slug, {store, file, packing: 'tar'})
    },
  }
}

/** What must answer before a web dyno takes traffic; without a startup check the one of readiness. */
async function readWebCheck(slug: SlugRecord, store: SlugStore): Promise<Healthcheck | undefined> {
  const bytes = await readSlugFile(slug, 'app.json', {store, maxBytes: maxAppJsonBytes})
  const checks = bytes === undefined ? [] : (parseAppJson(bytes).appJson.healthchecks.get('web') ?? [])
  return checks.find(({type}) => type === 'startup') ?? checks.find(({type}) => type === 'readiness')
}

import {exportSlug} from '../../engines/slug/export-slug.ts'
import type {SlugRecord} from '../../engines/slug/slug-records.ts'
import type {SlugStore} from '../../engines/slug/slug-store.ts'
import type {AppJson} from '../../model/app-json.ts'
import type {DeployableSlug} from './deploy.ts'

/** A slug of the store as a pool takes it; the check of web dynos comes from app.json, when there is one. */
export function poolSlug(
  slug: SlugRecord,
  {store, appJson}: {readonly store: SlugStore; readonly appJson: AppJson | undefined},
): DeployableSlug {
  const checks = appJson?.healthchecks.get('web') ?? []
  const webCheck = checks.find(({type}) => type === 'startup') ?? checks.find(({type}) => type === 'readiness')
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

import {join} from 'node:path'
import {assetFolder} from '../lib/assets.ts'
import type {Settings} from '../model/settings.ts'

/** The folder with the buildpacks that travel with the program. */
export function shippedBuildpacks({cacheDir, runtimeDir}: Pick<Settings, 'cacheDir' | 'runtimeDir'>): string {
  return assetFolder('buildpacks', [join(cacheDir, 'assets'), join(runtimeDir, 'assets')])
}

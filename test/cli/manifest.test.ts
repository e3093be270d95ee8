import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {renderManifest} from '../../scripts/render-manifest.ts'

test('oclif.manifest.json is what `npm run manifest` makes of the commands', async () => {
  expect(readFileSync(new URL('../../oclif.manifest.json', import.meta.url), 'utf8')).toBe(await renderManifest())
})

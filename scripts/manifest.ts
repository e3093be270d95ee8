import {writeFileSync} from 'node:fs'
import {renderManifest} from './render-manifest.ts'

writeFileSync(new URL('../oclif.manifest.json', import.meta.url), await renderManifest())

// npm pack: the program as JavaScript in dist/package, since Node strips no types below node_modules.
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {bundle, bundleThreads} from './build/bundle.ts'

const folder = fileURLToPath(new URL('../dist/package', import.meta.url))

rmSync(folder, {recursive: true, force: true})
mkdirSync(folder, {recursive: true})
const chunks = [...(await bundle('src/main.ts', 'main', {target: 'package'})), ...(await bundleThreads('package'))]
for (const {name, code} of chunks) writeFileSync(`${folder}/${name}`, code)

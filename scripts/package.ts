// npm pack: the program as JavaScript in dist/package, since Node strips no types below node_modules.
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {bundle} from './build/bundle.ts'

const folder = fileURLToPath(new URL('../dist/package', import.meta.url))

rmSync(folder, {recursive: true, force: true})
mkdirSync(folder, {recursive: true})
for (const {name, code} of await bundle('src/main.ts', 'main', {target: 'package'})) writeFileSync(`${folder}/${name}`, code)

import {mkdirSync, writeFileSync} from 'node:fs'
import {renderCases} from './router-cases/render-cases.ts'

const docs = new URL('../docs/', import.meta.url)
mkdirSync(docs, {recursive: true})
writeFileSync(new URL('router-cases.md', docs), await renderCases())

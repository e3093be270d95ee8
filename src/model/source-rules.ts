import type {ByteName} from '../lib/file-name.ts'

/** What becomes of a path of the source when a slug is built (cli.md section 7, Source). */
export type SourceRule = 'taken' | 'left out' | 'taken only when tracked'

const neverTaken: ReadonlySet<ByteName> = new Set(['.git', '.DS_Store', '.homeport.env'])
const isExample = /\.(?:example|sample|template)$/

/**
 * The rule for a path below the app's folder, whatever `.slugignore` says of it. Files of environment variables hold what a
 * developer keeps to himself, so they go into a slug only when git has them; it is the same for a folder of such a name.
 */
export function sourceRule(path: ByteName): SourceRule {
  const names = path.split('/')
  if (names.some(name => neverTaken.has(name))) return 'left out'
  return names.some(isEnvName) ? 'taken only when tracked' : 'taken'
}

function isEnvName(name: ByteName): boolean {
  return name === '.env' || (name.startsWith('.env.') && !isExample.test(name))
}

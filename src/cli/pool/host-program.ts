import {HomeportError} from '../../model/error.ts'

/** The single binary that hosts of a pool run: HOMEPORT_POOL_PROGRAM, else this program itself. Throws TOOL_MISSING in a checkout without one. */
export function hostProgramFile(env: Readonly<Record<string, string | undefined>>): string {
  const named = env['HOMEPORT_POOL_PROGRAM']
  if (named !== undefined && named !== '') return named
  if (process.getBuiltinModule('node:sea').isSea()) return process.execPath
  throw new HomeportError('TOOL_MISSING', 'Hosts of a pool run the single binary, and this is a checkout.', {
    hint: 'Make it with `npm run build`, then set HOMEPORT_POOL_PROGRAM=dist/homeport.',
  })
}

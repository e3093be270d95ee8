import {appPath} from '../control/app-path.ts'

/** Where a dyno (`web.1`) or a type (`web`) is found in the API. */
export function targetPath(app: {readonly name: string}, target: string): string {
  return target.includes('.') ? appPath(app, 'dynos', target) : appPath(app, 'formations', target)
}

/** `dyno web.1`, `web dynos`, `all dynos`. */
export function describeTarget(target: string | undefined): string {
  if (target === undefined) return 'all dynos'
  return target.includes('.') ? `dyno ${target}` : `${target} dynos`
}

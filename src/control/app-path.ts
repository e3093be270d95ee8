import type {RunningEntry} from '../engines/registry/running-entry.ts'

/** Path of a call about an app: `/apps/hello/dynos/web.1`; each part is a name, whatever is in it. */
export function appPath({name}: Pick<RunningEntry, 'name'>, ...parts: readonly string[]): string {
  return ['/apps', name, ...parts].map((part, index) => (index === 0 ? part : encodeURIComponent(part))).join('/')
}

/** The same for the calls that are ours alone. */
export function homeportPath(app: Pick<RunningEntry, 'name'>, ...parts: readonly string[]): string {
  return `/homeport${appPath(app, ...parts)}`
}

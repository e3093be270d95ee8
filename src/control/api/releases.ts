import type {AppControl} from '../../platform/app-control.ts'
import {owner} from './account.ts'
import {notFound, ok, type Route} from './api.ts'
import {appId, withApp} from './find-app.ts'
import {apiTime, uuidOf} from './ids.ts'

/** A folder has no releases but the one that every app begins with. */
export const releaseRoutes: readonly Route[] = [
  {method: 'GET', pattern: '/apps/:app/releases', answer: withApp(({app}) => ok([renderRelease(app.control)]))},
  {
    method: 'GET',
    pattern: '/apps/:app/releases/:release',
    answer: withApp(({app, params}) => {
      const wanted = params['release'] ?? ''
      if (!['1', 'v1', releaseId(app.control)].includes(wanted)) throw notFound('release')
      return ok(renderRelease(app.control))
    }),
  },
]

export function releaseId({root}: {readonly root: string}): string {
  return uuidOf('release', root, '1')
}

function renderRelease(control: AppControl): Readonly<Record<string, unknown>> {
  const created = apiTime(control.startedAt)
  return {
    addon_plan_names: [],
    app: {id: appId(control), name: control.name},
    artifacts: [],
    created_at: created,
    current: true,
    description: 'Initial release',
    eligible_for_rollback: false,
    id: releaseId(control),
    oci_image: null,
    output_stream_url: null,
    slug: null,
    status: 'succeeded',
    updated_at: created,
    user: owner,
    version: 1,
  }
}

import type {AppControl} from '../../platform/app-control.ts'
import {owner} from './account.ts'
import {type ApiRequest, invalidParams, ok, type Route} from './api.ts'
import {appId, withApp} from './find-app.ts'
import {apiTime, uuidOf} from './ids.ts'

const region = {id: uuidOf('region', 'local'), name: 'local'}
const stack = {id: uuidOf('stack', 'heroku-24'), name: 'heroku-24'}
const generation = {id: uuidOf('generation', 'cedar'), name: 'cedar'}

export const appRoutes: readonly Route[] = [
  {method: 'GET', pattern: '/apps', answer: (_, {apps}) => ok(apps.map(({control}) => renderApp(control)))},
  {method: 'GET', pattern: '/users/:user/apps', answer: (_, {apps}) => ok(apps.map(({control}) => renderApp(control)))},
  {method: 'GET', pattern: '/apps/:app', answer: withApp(({app}) => ok(renderApp(app.control)))},
  {method: 'PATCH', pattern: '/apps/:app', answer: withApp(({app, request}) => updateApp(app.control, request))},
]

/** Maintenance is what can be changed of an app that runs from a folder. */
function updateApp(control: AppControl, {body}: ApiRequest) {
  const {maintenance, ...others} = (body ?? {}) as Record<string, unknown>
  if (Object.keys(others).length > 0) throw invalidParams(`${Object.keys(others).join(', ')} cannot be changed: the app is a folder.`)
  if (typeof maintenance !== 'boolean') throw invalidParams('maintenance must be true or false.')
  control.setMaintenance(maintenance)
  return ok(renderApp(control))
}

function renderApp(control: AppControl): Readonly<Record<string, unknown>> {
  const created = apiTime(control.startedAt)
  return {
    acm: false,
    archived_at: null,
    build_stack: stack,
    buildpack_provided_description: null,
    created_at: created,
    generation,
    git_url: `https://git.localhost/${control.name}.git`,
    id: appId(control),
    internal_routing: null,
    maintenance: control.isInMaintenance(),
    name: control.name,
    organization: null,
    owner,
    region,
    released_at: created,
    repo_size: null,
    slug_size: null,
    space: null,
    stack,
    team: null,
    updated_at: created,
    web_url: control.url === undefined ? null : `${control.url}/`,
  }
}

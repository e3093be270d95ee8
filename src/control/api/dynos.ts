import type {DynoStatus} from '../../model/dyno.ts'
import {HomeportError} from '../../model/error.ts'
import type {AppControl} from '../../platform/app-control.ts'
import {ApiError, accepted, ok, type Route} from './api.ts'
import {appId, withApp} from './find-app.ts'
import {apiTime, uuidOf} from './ids.ts'
import {releaseId} from './releases.ts'

export const dynoRoutes: readonly Route[] = [
  {method: 'GET', pattern: '/apps/:app/dynos', answer: withApp(async ({app}) => ok(await renderDynos(app.control)))},
  {
    method: 'GET',
    pattern: '/apps/:app/dynos/:dyno',
    answer: withApp(async ({app, params}) => ok(renderDyno(await findDyno(app.control, params['dyno']), app.control))),
  },
  {
    method: 'DELETE',
    pattern: '/apps/:app/dynos',
    answer: withApp(async ({app}) => {
      await app.control.restart()
      return accepted()
    }),
  },
  {
    method: 'DELETE',
    pattern: '/apps/:app/dynos/:dyno',
    answer: withApp(async ({app, params}) => {
      await app.control.restart(await nameOf(app.control, params['dyno']))
      return accepted()
    }),
  },
  {
    method: 'POST',
    pattern: '/apps/:app/dynos/:dyno/actions/stop',
    answer: withApp(async ({app, params}) => {
      await app.control.stopDynos(await nameOf(app.control, params['dyno']))
      return accepted()
    }),
  },
]

/** The dyno with that name or id. */
export async function findDyno(control: AppControl, wanted = ''): Promise<DynoStatus> {
  const dynos = await control.dynos()
  const found = dynos.find(status => status.dyno === wanted || dynoId(status, control) === wanted)
  if (found !== undefined) return found
  const ownWords = new HomeportError('UNKNOWN_DYNO', `No dyno “${wanted}” is running.`, {
    hint: dynos.length === 0 ? 'None is.' : `Running are: ${dynos.map(({dyno}) => dyno).join(', ')}.`,
  })
  throw new ApiError(404, 'not_found', "Couldn't find that dyno.", ownWords)
}

/** A name is passed on as it is: the app knows best whether there is such a dyno. */
async function nameOf(control: AppControl, wanted = ''): Promise<string> {
  return wanted.includes('.') ? wanted : (await findDyno(control, wanted)).dyno
}

async function renderDynos(control: AppControl) {
  return (await control.dynos()).map(status => renderDyno(status, control))
}

function dynoId({dyno, since}: DynoStatus, {root}: AppControl): string {
  return uuidOf('dyno', root, dyno, since)
}

function renderDyno(status: DynoStatus, control: AppControl): Readonly<Record<string, unknown>> {
  const since = apiTime(status.since)
  return {
    app: {id: appId(control), name: control.name},
    attach_url: null,
    command: status.command,
    created_at: since,
    id: dynoId(status, control),
    name: status.dyno,
    release: {id: releaseId(control), version: 1},
    size: 'Standard-1X',
    state: status.state === 'created' ? 'starting' : status.state,
    type: status.type,
    updated_at: since,
  }
}

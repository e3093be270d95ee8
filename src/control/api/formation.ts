import {HomeportError} from '../../model/error.ts'
import type {FormationChange} from '../../model/formation.ts'
import type {AppControl} from '../../platform/app-control.ts'
import {ApiError, accepted, invalidParams, ok, type Route} from './api.ts'
import {appId, withApp} from './find-app.ts'
import {apiTime, uuidOf} from './ids.ts'

export const formationRoutes: readonly Route[] = [
  {method: 'GET', pattern: '/apps/:app/formation', answer: withApp(async ({app}) => ok(await renderFormation(app.control)))},
  {
    method: 'PATCH',
    pattern: '/apps/:app/formation',
    answer: withApp(async ({app, request}) => {
      const {updates} = (request.body ?? {}) as {updates?: unknown}
      if (!Array.isArray(updates) || updates.length === 0) throw invalidParams('updates must be a list of {type, quantity}.')
      await scale(
        app.control,
        updates.map(update => readChange(update, update?.type)),
      )
      return ok(await renderFormation(app.control))
    }),
  },
  {
    method: 'GET',
    pattern: '/apps/:app/formation/:type',
    answer: withApp(async ({app, params}) => ok(await renderType(app.control, params['type']))),
  },
  {
    method: 'PATCH',
    pattern: '/apps/:app/formation/:type',
    answer: withApp(async ({app, request, params}) => {
      await scale(app.control, [readChange(request.body, params['type'])])
      return ok(await renderType(app.control, params['type']))
    }),
  },
  {
    method: 'DELETE',
    pattern: '/apps/:app/formations/:type',
    answer: withApp(async ({app, params}) => {
      await app.control.restart(knownType(app.control, params['type']))
      return accepted()
    }),
  },
  {
    method: 'POST',
    pattern: '/apps/:app/formations/:type/actions/stop',
    answer: withApp(async ({app, params}) => {
      await app.control.stopDynos(knownType(app.control, params['type']))
      return accepted()
    }),
  },
]

/** `{"type": "web", "quantity": "+1"}`: the CLI sends a string with its sign, and leaves the arithmetic to the server (platform.md a.3). */
function readChange(update: unknown, type: unknown): FormationChange {
  const {quantity, size} = (update ?? {}) as {quantity?: unknown; size?: unknown}
  const [, sign, digits] = /^([+-]?)(\d{1,5})$/.exec(String(quantity)) ?? []
  if (typeof type !== 'string' || sign === undefined || digits === undefined) {
    throw invalidParams('Each update needs a type and a quantity, such as "2" or "+1".')
  }
  return {
    type,
    sign: sign === '' ? '=' : (sign as '+' | '-'),
    quantity: Number(digits),
    ...(typeof size === 'string' ? {size: size.toLowerCase()} : {}),
  }
}

async function scale(control: AppControl, changes: readonly FormationChange[]): Promise<void> {
  for (const {type} of changes) knownType(control, type)
  await control.scale(changes)
}

function knownType(control: AppControl, type = ''): string {
  if (!control.formation().has(type)) throw unknownType(control, type)
  return type
}

function unknownType(control: AppControl, type: string): ApiError {
  const known = [...control.formation().keys()]
  const ownWords = new HomeportError('UNKNOWN_TYPE', `No process type “${type}” here.`, {
    hint: known.length === 0 ? 'The Procfile declares none that can be started.' : `The Procfile declares: ${known.join(', ')}.`,
  })
  return new ApiError(404, 'not_found', `Couldn't find that process type (${type}).`, ownWords)
}

async function renderFormation(control: AppControl) {
  const commands = new Map((await control.dynos()).map(({type, command}) => [type, command]))
  const since = apiTime(control.startedAt)
  return [...control.formation()].map(([type, quantity]) => ({
    app: {id: appId(control), name: control.name},
    command: commands.get(type) ?? '',
    created_at: since,
    dyno_size: {id: uuidOf('size', 'Standard-1X'), name: 'Standard-1X'},
    id: uuidOf('formation', control.root, type),
    quantity,
    size: 'Standard-1X',
    type,
    updated_at: since,
  }))
}

async function renderType(control: AppControl, type = '') {
  const found = (await renderFormation(control)).find(each => each.type === type || each.id === type)
  if (found === undefined) throw unknownType(control, type)
  return found
}

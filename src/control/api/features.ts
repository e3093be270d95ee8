import type {AppControl} from '../../platform/app-control.ts'
import {invalidParams, notFound, ok, type Route} from './api.ts'
import {withApp} from './find-app.ts'
import {apiTime, uuidOf} from './ids.ts'

const descriptions: Readonly<Record<string, string>> = {
  'http-session-affinity': 'Requests of one browser go to one dyno, by a cookie.',
}

export const featureRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/apps/:app/features',
    answer: withApp(({app}) => ok(Object.keys(app.control.features()).map(name => renderFeature(app.control, name)))),
  },
  {
    method: 'GET',
    pattern: '/apps/:app/features/:feature',
    answer: withApp(({app, params}) => {
      const name = params['feature'] ?? ''
      if (!Object.hasOwn(app.control.features(), name)) throw notFound('feature')
      return ok(renderFeature(app.control, name))
    }),
  },
  {
    method: 'PATCH',
    pattern: '/apps/:app/features/:feature',
    answer: withApp(({app, request, params}) => {
      const {enabled} = (request.body ?? {}) as {enabled?: unknown}
      if (typeof enabled !== 'boolean') throw invalidParams('enabled must be true or false.')
      const name = params['feature'] ?? ''
      app.control.setFeature(name, enabled)
      return ok(renderFeature(app.control, name))
    }),
  },
]

function renderFeature(control: AppControl, name: string): Readonly<Record<string, unknown>> {
  const since = apiTime(control.startedAt)
  return {
    created_at: since,
    description: descriptions[name] ?? '',
    display_name: name,
    doc_url: `https://devcenter.heroku.com/articles/${name}`,
    enabled: control.features()[name] ?? false,
    feedback_email: null,
    id: uuidOf('feature', name),
    name,
    state: 'general',
    updated_at: since,
  }
}

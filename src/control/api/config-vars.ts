import {ApiError, ok, type Route} from './api.ts'
import {withApp} from './find-app.ts'

export const configVarRoutes: readonly Route[] = [
  {method: 'GET', pattern: '/apps/:app/config-vars', answer: withApp(({app}) => ok(app.control.configVars()))},
  {method: 'GET', pattern: '/apps/:app/releases/:release/config-vars', answer: withApp(({app}) => ok(app.control.configVars()))},
  {
    method: 'PATCH',
    pattern: '/apps/:app/config-vars',
    answer: withApp(({app}) => {
      throw new ApiError(422, 'invalid_params', `The config vars of ${app.control.name} are those of its .env: edit that file and restart.`)
    }),
  },
]
